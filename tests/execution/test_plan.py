"""What check mode tells, and what is told of it."""

from typing import Any

from aaroc_bot.core.plan import Item, Unseen

from .conftest import Stage

ROLE = """
    - name: configure port
      ansible.builtin.copy:
        content: "port={{ bdii_port }}\\n"
        dest: "{{ hosts_folder }}/{{ inventory_hostname }}.conf"
        mode: "0644"
      notify: restart bdii
"""
HANDLER = """
    - name: restart bdii
      ansible.builtin.template:
        src: restarted.j2
        dest: "{{ hosts_folder }}/{{ inventory_hostname }}.restarted"
        mode: "0600"
"""
PLAYBOOK = """
    - hosts: all
      gather_facts: false
      roles: [site-bdii]
"""


async def test_a_deploy_is_planned_made_and_then_nothing_is_left(stage: Stage) -> None:
    stage.write("roles/site-bdii/tasks/main.yml", ROLE)
    stage.write("roles/site-bdii/handlers/main.yml", HANDLER)
    stage.write("roles/site-bdii/templates/restarted.j2", "restarted\n")
    given: dict[str, Any] = {
        "parameters": (("bdii_port", "{{ lookup('pipe', 'id') }}"),),
        "hosts": ("one",),
    }

    planned = await stage.play(PLAYBOOK, check=True, **given)
    assert planned.succeeded and planned.plan is not None
    item, handler = planned.plan.items
    assert (item.host, item.role, item.task, item.handler) == (
        *("one", "site-bdii", "configure port"),
        False,
    )
    assert item.path == f"{stage.hosts}/one.conf"
    assert item.diff == "@@ -0,0 +1 @@\n+port={{ lookup('pipe', 'id') }}"
    assert handler.name == "site-bdii : restart bdii" and handler.handler
    assert handler.path == f"{stage.hosts}/one.restarted"  # not the controller's own copy
    assert planned.plan.complete and planned.plan.hosts == ("one",)
    assert (planned.plan.tasks, planned.plan.checked) == (2, 2)
    assert not list(stage.hosts.iterdir())

    made = await stage.play(PLAYBOOK, **given)
    assert made.succeeded and made.plan is None
    assert made.recap.items == planned.plan.items and made.recap.changed == 2
    assert (stage.hosts / "one.conf").read_text() == "port={{ lookup('pipe', 'id') }}\n"
    assert "PLAY RECAP" in made.log and "\x1b" not in made.log
    assert stage.seen[-1].name == "site-bdii : restart bdii" and stage.seen[-1].hosts == 1
    assert [seen.task for seen in stage.seen][-2:] == [1, 2]

    again = await stage.play(PLAYBOOK, check=True, **given)
    assert again.plan is not None and again.plan.complete and not again.plan.items


UNPREDICTED = """
    - hosts: one
      gather_facts: false
      tasks:
        - name: a command
          ansible.builtin.command: "true"
        - name: really runs
          ansible.builtin.command: touch {{ hosts_folder }}/ran
          check_mode: false
        - name: really runs by a variable
          ansible.builtin.command: "true"
          check_mode: "{{ false }}"
          changed_when: false
        - name: skipped by condition
          ansible.builtin.command: "true"
          when: inventory_hostname == "two"
        - name: skipped by condition and hidden
          ansible.builtin.command: "true"
          when: inventory_hostname == "two"
          no_log: true
        - name: nothing to loop over
          ansible.builtin.command: "true"
          loop: []
        - name: not in check mode
          ansible.builtin.copy: {content: x, dest: "{{ hosts_folder }}/x", mode: "0600"}
          when: not ansible_check_mode
        - name: some of a loop
          ansible.builtin.command:
            cmd: "true"
            creates: "{{ item or omit }}"
          loop: ["/", ""]
        - name: hidden command
          ansible.builtin.command: "true"
          no_log: true
        - name: hidden loop
          ansible.builtin.command: "{{ item }}"
          loop: ["true", "false"]
          no_log: true
        - name: hidden change
          ansible.builtin.copy: {content: pw, dest: "{{ hosts_folder }}/pw", mode: "0600"}
          no_log: true
        - name: change without diff
          ansible.builtin.copy: {content: y, dest: "{{ hosts_folder }}/y", mode: "0600"}
          diff: false
        - name: a folder
          ansible.builtin.file: {path: "{{ hosts_folder }}/folder", state: directory, mode: "0755"}
        - name: files
          ansible.builtin.copy:
            content: "{{ item }}"
            dest: "{{ hosts_folder }}/{{ item }}"
            mode: "0600"
          loop: [a, b]
        - name: rescued
          block:
            - name: fails
              ansible.builtin.fail: {msg: not here}
          rescue:
            - name: mends
              ansible.builtin.debug: {msg: mended}
        - name: ignored
          ansible.builtin.fail: {msg: who cares}
          ignore_errors: true
        - name: included
          ansible.builtin.include_tasks: more.yml
"""


async def test_what_check_mode_does_not_predict_is_unseen(stage: Stage) -> None:
    stage.write("more.yml", "- name: from a file\n  ansible.builtin.debug: {msg: in}\n")
    ending = await stage.play(UNPREDICTED, check=True)

    assert ending.succeeded and ending.plan is not None and not ending.plan.complete
    assert {(unseen.task, unseen.why) for unseen in ending.plan.unseen} == {
        ("a command", "command"),
        ("really runs", "executes"),
        ("really runs by a variable", "executes"),
        ("not in check mode", "command"),
        ("some of a loop", "command"),
        ("hidden command", "hidden"),
        ("hidden loop", "hidden"),
        ("fails", "failed"),
        ("ignored", "failed"),
    }
    assert ending.plan.unseen[0] == Unseen("one", "", "fails", "failed", "not here")
    assert (stage.hosts / "ran").exists()
    items = {item.task: item for item in ending.plan.items}
    assert list(items) == [
        *("really runs", "hidden change", "change without diff", "a folder", "files"),
    ]
    assert items["hidden change"] == Item("one", "", "hidden change")
    assert items["change without diff"].diff is None
    assert items["a folder"].path == f"{stage.hosts}/folder"
    assert '+ "state": "directory"' in (items["a folder"].diff or "")
    assert (items["files"].diff or "").count("@@ -0,0 +1 @@") == 2
    assert ("one", "mended") in ending.recap.said and ("one", "in") in ending.recap.said
    assert not ending.recap.failures
    tasks = ending.plan.tasks
    assert ending.plan.checked == tasks - 9


async def test_a_failed_host_and_one_out_of_reach(stage: Stage) -> None:
    stage.write("inventory", "one\ntwo\nthree\n")
    stage.write(
        "roles/yaim/tasks/main.yml",
        """
        - name: install packages
          ansible.builtin.command: sh -c 'echo No package >&2; exit 3'
          check_mode: false
          when: inventory_hostname == "two"
        - name: after
          ansible.builtin.ping:
        """,
    )
    playbook = "- hosts: all\n  gather_facts: false\n  roles: [yaim]\n"
    reached = ("one", "two")
    planned = await stage.play(playbook, check=True, local_hosts=reached)
    assert planned.plan is not None and not planned.succeeded and not planned.plan.complete
    assert [(unseen.host, unseen.name, unseen.why) for unseen in planned.plan.unseen] == [
        ("two", "yaim : install packages", "failed"),
        ("three", "yaim : after", "unreachable"),
    ]
    assert planned.plan.unreachable == ("three",)
    assert sorted(planned.plan.hosts) == ["one", "three", "two"]
    assert (planned.plan.tasks, planned.plan.checked) == (2, 0)

    made = await stage.play(playbook, local_hosts=reached)
    assert not made.succeeded and not made.unreachable
    assert [failure.host for failure in made.recap.failures] == ["two", "three"]
    failure = made.recap.failures[0]
    assert failure.name == "yaim : install packages"
    assert failure.message == "non-zero return code: No package"


async def test_each_way_to_reach_a_task_is_followed(stage: Stage) -> None:
    """Free strategy, batches, included roles, loops of includes, flushed handlers."""
    stage.write("roles/inner/tasks/main.yml", "- name: work\n  ansible.builtin.ping:\n")
    stage.write("more.yml", "- name: more\n  ansible.builtin.debug: {msg: '{{ item }}'}\n")
    ending = await stage.play(
        """
        - hosts: all
          gather_facts: false
          strategy: free
          tasks:
            - ansible.builtin.include_role: {name: inner}
            - ansible.builtin.include_tasks: more.yml
              loop: [1, 2]
            - ansible.builtin.debug: {msg: change}
              changed_when: true
              notify: told
            - ansible.builtin.meta: flush_handlers
            - ansible.builtin.meta: end_host
              when: inventory_hostname == "two"
            - ansible.builtin.ping:
          handlers:
            - name: by another name
              listen: told
              ansible.builtin.debug: {msg: "{{ inventory_hostname }} told"}
        - hosts: all
          gather_facts: false
          serial: 1
          pre_tasks: [{ansible.builtin.import_role: {name: inner}}]
          tasks:
            - ansible.builtin.ping:
              run_once: true
            - ansible.builtin.command: sleep 0
              async: 5
              poll: 1
              changed_when: false
        """
    )
    assert ending.succeeded and ending.reason == "", ending.log
    assert {("one", "one told"), ("two", "two told"), ("one", "2")} <= set(ending.recap.said)
    assert len(ending.recap.items) == 2 and {count.host for count in ending.recap.counts} == {
        *("one", "two")
    }
