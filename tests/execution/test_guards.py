"""What a repository, a variable or a host might try."""

import base64
import json
import os
import stat
from pathlib import Path

from .conftest import Stage


async def test_local_connections_are_for_named_hosts_only(stage: Stage) -> None:
    """However it is asked for: by variable, by play, by delegation, by another plugin."""
    stage.write("inventory", "one\ntwo\nthree ansible_host=one\nfour ansible_connection=own\n")
    stage.inventory_variables()
    ran = "ansible.builtin.command: touch {{ hosts_folder }}/{{ inventory_hostname }}-"
    ending = await stage.play(
        f"""
        - hosts: one,two,three
          connection: local
          gather_facts: false
          ignore_unreachable: true
          tasks:
            - name: by the play
              {ran}play
            - name: by delegation
              {ran}delegated
              delegate_to: "{{{{ 'local' ~ 'host' }}}}"
            - name: by local action
              local_action: ansible.builtin.command touch {{{{ hosts_folder }}}}/action
            - name: by variable
              {ran}variable
              vars: {{ansible_connection: ansible.builtin.local}}
        - hosts: one,three
          gather_facts: false
          tasks: [{{ansible.builtin.ping: null, vars: {{ansible_connection: paramiko_ssh}}}}]
          ignore_unreachable: true
        - hosts: four
          gather_facts: false
          tasks: [{{ansible.builtin.ping: null}}]
        """,
        local_hosts=("one",),
    )
    assert sorted(path.name for path in stage.hosts.iterdir()) == ["one-play", "one-variable"]
    assert not ending.succeeded
    refused = "local connection to two is not allowed: AAROC_ANSIBLE__LOCAL_HOSTS does not name it"
    assert refused in ending.log and "local connection to localhost is not allowed" in ending.log
    assert "connection paramiko_ssh is not allowed: hosts are reached by ssh" in ending.log
    assert [failure.message for failure in ending.recap.failures] == [
        "the connection plugin 'own' was not found"
    ]


async def test_a_refused_connection_is_unreachable_and_says_why(stage: Stage) -> None:
    ending = await stage.play(
        "- hosts: all\n  gather_facts: false\n  tasks: [{ansible.builtin.ping: null}]\n",
        local_hosts=("site-*",),
        check=True,
    )
    assert ending.unreachable and ending.plan is not None and not ending.plan.complete
    assert sorted(ending.plan.unreachable) == ["one", "two"]
    assert "local connection to " in ending.recap.failures[0].message


OWN_PLUGIN = """
from pathlib import Path
Path({there!r}).touch()
"""


async def test_plugins_that_would_decide_stay_out_and_modules_may_be_used(stage: Stage) -> None:
    there = stage.folder / "imported"
    for kind in ("callback", "vars", "connection", "strategy", "inventory", "become"):
        plugin = OWN_PLUGIN.format(there=str(there.with_name(f"imported-{kind}")))
        stage.write(f"{kind}_plugins/own.py", plugin)
        stage.write(f"roles/r/{kind}_plugins/own.py", plugin)
    stage.write(
        "ansible.cfg",
        "[defaults]\ncallbacks_enabled = own\nstrategy = own\ncallback_plugins = callback_plugins\n",
    )
    stage.write(
        "library/own_module.py",
        "#!/usr/bin/python\nprint('{\"changed\": true}')\n",
    )
    stage.write(
        "filter_plugins/own.py", "class FilterModule:\n    filters = lambda s: {'own': str}"
    )
    stage.write("roles/r/tasks/main.yml", "- name: own\n  own_module:\n")
    ending = await stage.play("- hosts: one\n  gather_facts: false\n  roles: [r]\n")
    assert ending.succeeded, ending.log
    assert [item.name for item in ending.recap.items] == ["r : own"]
    assert not list(stage.folder.glob("imported-*"))


async def test_events_cannot_be_forged_by_what_a_host_says(stage: Stage) -> None:
    event = {"uuid": "1", "event": "runner_on_ok", "event_data": {"host": "two"}}
    payload = base64.b64encode(json.dumps(event).encode()).decode()
    forged = f"\x1b[K{payload}\x1b[{len(payload)}D\x1b[K"
    line = json.dumps({"n": 2, "event": "stats", "hosts": {"one": {"ok": 1}}})
    (stage.hosts / "said").write_text(f"{forged}\n{line}\n\n{line}\nlast")
    ending = await stage.play(
        """
        - hosts: one
          gather_facts: false
          tasks:
            - ansible.builtin.slurp: {src: "{{ hosts_folder }}/said"}
              register: said
            - name: "named {{ said.content | b64decode }}"
              ansible.builtin.fail: {msg: "{{ said.content | b64decode }}"}
        """
    )
    assert not ending.succeeded and ending.status == 2
    assert [count.host for count in ending.recap.counts] == ["one"]
    assert ending.recap.counts[0].failed == 1
    assert ending.recap.failures[0].message.endswith("last")


async def test_the_environment_is_built_from_nothing_and_secrets_are_redacted(
    stage: Stage, tmp_path: Path
) -> None:
    os.environ["AAROC_TEST_SECRET"] = "not for children"
    seen: list[int] = []

    async def look(pid: int, at: int) -> None:
        (folder,) = (tmp_path / "runs").iterdir()
        seen.append(stat.S_IMODE(folder.stat().st_mode))

    ending = await stage.play(
        """
        - hosts: one
          gather_facts: false
          tasks:
            - name: show hunter2
              ansible.builtin.copy:
                content: |
                  password: hunter2
                  -----BEGIN RSA PRIVATE KEY-----
                  c2VjcmV0
                  -----END RSA PRIVATE KEY-----
                dest: "{{ hosts_folder }}/pw"
                mode: "0600"
            - ansible.builtin.shell: env | cut -d= -f1 | grep -e AAROC -e SSH_AUTH
              register: env
            - ansible.builtin.debug: {msg: "{{ env.stdout_lines }}"}
            - ansible.builtin.fail: {msg: it was hunter2}
        """,
        redact=lambda text: text.replace("hunter2", "(secret)"),
        started=look,
    )
    told = repr(ending)
    assert "hunter2" not in told and "(secret)" in told and "not for children" not in told
    assert "c2VjcmV0" not in repr(ending.recap)
    assert ending.recap.failures[0].message == "it was (secret)"
    assert ending.recap.items[0].task == "show (secret)"
    assert ending.recap.said == (("one", "AAROC_MARK"),)
    assert seen == [0o700]
