"""A generated ROC for the chaos tests: many sites, one host each, whose playbooks tell on it.

A host is a file on this machine. What is run there appends ``begin``, a ``beat`` every few
hundredths of a second and ``end``, each with the wish that it plays, the moment, its pid and
the mark of its processes. So the file says by itself, without a clock, whether two runs were
ever at a site at the same time.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aaroc_bot.process import environment, run
from aaroc_bot.sandbox.persons import EXPERTS_TEAM, ORG, REPOSITORY, SITES_TEAM
from aaroc_bot.sandbox.sample import BRANCH, Commit, commit
from tests.chaos.history import Line

DOMAIN = "chaos.example"

LAYOUT = """\
layout:
  inventories: Ansible/inventories
  playbooks: Ansible
sites:
"""
CATALOGUE = """\
- verb: run
  name: work
  playbook: Ansible/work.yml
  may_run: member
  approvals: 1
  check_mode: none
  time_limit: 2m
  parameters:
    wish: {type: integer, required: true}
    beats: {type: integer, required: true}
    status: {type: integer, default: 0}

- verb: run
  name: foreseen
  playbook: Ansible/foreseen.yml
  may_run: member
  approvals: 1
  check_mode: full
  time_limit: 2m
  parameters:
    wish: {type: integer, required: true}
"""
WORK = """\
---
- name: Work
  hosts: all
  gather_facts: false
  tasks:
    - name: work
      ansible.builtin.command:
        argv: [/bin/sh, -c, "{{ script }}", "{{ wish }}", "{{ beats }}", "{{ told }}", "{{ status }}"]
"""
FORESEEN = """\
---
- name: Foreseen
  hosts: all
  gather_facts: false
  tasks:
    - name: begin
      ansible.builtin.lineinfile:
        path: "{{ told }}"
        line: "begin {{ wish }} {{ now().timestamp() }} 0 -"
    - name: end
      ansible.builtin.lineinfile:
        path: "{{ told }}"
        line: "end {{ wish }} {{ now().timestamp() }} 0 -"
"""
SCRIPT = (
    'tell() { echo "$1 $2 $(date +%s.%N) $$ ${AAROC_MARK:--}" >> "$3"; }; '
    'tell begin "$0" "$2"; i=0; '
    'while [ "$i" -lt "$1" ]; do sleep 0.05; i=$((i+1)); tell beat "$0" "$2"; done; '
    'tell end "$0" "$2"; exit "$3"'
)


@dataclass(frozen=True, slots=True)
class Ground:
    """The folder with the repository and the hosts, and the names of the sites."""

    folder: Path
    sites: tuple[str, ...]

    @property
    def repository(self) -> Path:
        """The bare DevOps repository."""
        return self.folder / "devops.git"

    @property
    def hosts(self) -> Path:
        """The folder with each host's file."""
        return self.folder / "hosts"

    def told(self) -> dict[str, list[Line]]:
        """Read what each site's host saw, in the order in which it did."""
        return {
            site: [read(text) for text in self._of(site).read_text().splitlines()]
            for site in self.sites
        }

    def _of(self, site: str) -> Path:
        return self.hosts / host(site)

    def settings(self) -> dict[str, str]:
        """The settings that bots and workers share, as the environment holds them."""
        return {
            "AAROC_REPOSITORY": str(self.repository),
            "AAROC_ANSIBLE__LOCAL_HOSTS": json.dumps([f"*.{DOMAIN}"]),
            "AAROC_ENGINE__HEARTBEAT": "1s",
            "AAROC_ENGINE__LOST": "3s",
            "AAROC_ENGINE__LIMIT": "6s",
            "AAROC_ENGINE__FREE": "10s",
            "AAROC_LIMITS__COMMANDS_A_MINUTE": "10000",
        }

    def github(self, url: str, token: str) -> dict[str, str]:
        """The settings of a bot, which alone asks GitHub."""
        return {
            "AAROC_GITHUB__API_URL": url,
            "AAROC_GITHUB__WEB_URL": url,
            "AAROC_GITHUB__ORG": ORG,
            "AAROC_GITHUB__REPOSITORY": f"{ORG}/{REPOSITORY}",
            "AAROC_GITHUB__EXPERTS_TEAM": EXPERTS_TEAM,
            "AAROC_GITHUB__SITES_TEAM": SITES_TEAM,
            "AAROC_GITHUB__TOKEN": token,
        }


def host(site: str) -> str:
    """Give the host of a site.

    >>> host("ZA-C01")
    'za-c01.chaos.example'
    """
    return f"{site.lower()}.{DOMAIN}"


def read(text: str) -> Line:
    """Read a line that a host saw.

    >>> read("begin 12 1766000000.5 4711 abc")
    Line(kind='begin', wish=12, at=1766000000.5, pid=4711, mark='abc')
    """
    kind, wish, at, pid, mark = text.split(" ")
    return Line(kind, int(wish), float(at), int(pid), mark)


async def prepare(folder: Path, sites: int) -> Ground:
    """Write the repository and the hosts."""
    ground = Ground(folder, tuple(f"ZA-C{number:02}" for number in range(1, sites + 1)))
    ground.hosts.mkdir(parents=True)
    for site in ground.sites:
        (ground.hosts / host(site)).touch()
    branch = f"--initial-branch={BRANCH.rpartition('/')[2]}"
    init = ["git", "init", "--quiet", "--bare", "--template=", branch, str(ground.repository)]
    limit = timedelta(seconds=60)
    done = await run(
        init, env=environment(folder), cwd=folder, time_limit=limit, limit_bytes=10_000
    )
    assert done.ok, done.errors
    at = datetime.now(UTC) - timedelta(days=1)
    await commit(ground.repository, [Commit(at, "roc-expert", "Describe all\n", _files(ground))])
    return ground


def _files(ground: Ground) -> dict[str, str]:
    layout = LAYOUT
    files = {
        ".aaroc/catalogue.yml": CATALOGUE,
        "CODEOWNERS": f"* @{ORG}/{EXPERTS_TEAM}\n",
        "Ansible/work.yml": WORK,
        "Ansible/foreseen.yml": FORESEEN,
        "Ansible/group_vars/all.yml": _variables(ground),
    }
    for site in ground.sites:
        path = f"Ansible/inventories/inventory.{site.lower()}"
        layout += f"  {site}: {{inventory: {path}}}\n"
        files[path] = f"[{site.lower()}]\n{host(site)}\n"
    return files | {".aaroc.yml": layout}


def _variables(ground: Ground) -> str:
    """Write what all hosts share; JSON's quoted text is YAML's too."""
    return f"""\
---
told: {json.dumps(f"{ground.hosts}/{{{{ inventory_hostname }}}}")}
script: {json.dumps(SCRIPT)}
ansible_connection: local
ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
"""
