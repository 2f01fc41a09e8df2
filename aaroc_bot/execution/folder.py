"""The private folder of one play: configuration, parameters, the pipe for events.

Ansible's configuration is pinned here. What is the same for all plays stands in
``ansible.cfg``; paths are given by the environment, where no character needs quoting.
"""

import json
import os
import re
import shlex
import sys
from pathlib import Path

from aaroc_bot.core.entries import Value
from aaroc_bot.execution.job import Job
from aaroc_bot.process import MARK, environment

HERE = Path(__file__).parent
CONFIGURATION = """\
[defaults]
callbacks_enabled = aaroc_events
stdout_callback = ansible.builtin.default
forks = 20
gathering = implicit
fact_caching = memory
vars_plugins_enabled = host_group_vars
host_key_checking = True
interpreter_python = auto_silent
transport = ssh
retry_files_enabled = False
nocows = True
nocolor = True
collections_scan_sys_path = False
[inventory]
enable_plugins = ini,yaml
any_unparsed_is_failed = True
"""
PLUGIN_PATHS = (
    "ACTION_PLUGINS",
    "BECOME_PLUGINS",
    "CACHE_PLUGINS",
    "CLICONF_PLUGINS",
    "CONNECTION_PLUGINS",
    "DOC_FRAGMENT_PLUGINS",
    "FILTER_PLUGINS",
    "HTTPAPI_PLUGINS",
    "INVENTORY_PLUGINS",
    "LIBRARY",
    "LOOKUP_PLUGINS",
    "MODULE_UTILS",
    "NETCONF_PLUGINS",
    "STRATEGY_PLUGINS",
    "TERMINAL_PLUGINS",
    "TEST_PLUGINS",
    "VARS_PLUGINS",
)
"""Ansible looks for each in the home and in /usr/share unless it is told otherwise."""
LONGEST_SOCKET_FOLDER = 70
"""A Unix socket's whole path has 108 characters, and ssh adds some 30 to its folder's."""
PLAIN_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def lay_out(job: Job) -> None:
    """Make the folder and everything in it. Raises OSError, FileExistsError included."""
    job.folder.parent.mkdir(parents=True, exist_ok=True)
    job.folder.mkdir(mode=0o700)
    for name in ("home", "tmp", "empty", "runner", "sockets"):
        (job.folder / name).mkdir(mode=0o700)
    (job.folder / "ansible.cfg").write_text(CONFIGURATION)
    (job.folder / "ssh_config").write_text(_ssh_config(job))
    parameters = {name: _as_data(value) for name, value in job.parameters}
    (job.folder / "parameters.json").write_text(json.dumps(parameters))
    (job.folder / "environment.json").write_text(json.dumps(variables(job)))
    os.mkfifo(pipe(job), 0o600)


def pipe(job: Job) -> Path:
    """Give the pipe that the events come through."""
    return job.folder / "events"


def _as_data(value: Value) -> object:
    """Mark a text so that Ansible never takes it for a template (DESIGN.md, decision 3)."""
    return {"__ansible_unsafe": value} if isinstance(value, str) else value


def _ssh_config(job: Job) -> str:
    known_hosts, key = (
        str(path or "").replace("%", "%%") for path in (job.known_hosts, job.ssh_key)
    )
    lines = [
        "StrictHostKeyChecking yes",
        f'UserKnownHostsFile "{known_hosts or "/dev/null"}"',
        "GlobalKnownHostsFile /dev/null",
        "UpdateHostKeys no",
        "ForwardAgent no",
        "ForwardX11 no",
        "IdentityAgent none",
        "IdentitiesOnly yes",
        f'IdentityFile "{key}"' if key else "IdentityFile none",
    ]
    return "\n".join(lines) + "\n"


def command(job: Job) -> list[str]:
    """Give the command of the play. Raises ValueError for a host that cannot be named in it."""
    for host in job.hosts:
        if not PLAIN_HOST.fullmatch(host):
            raise ValueError(f"the host name {host!r} cannot be limited to")
    python = [sys.executable, "-I"]
    return [
        *python,
        *(str(HERE / "inside/player.py"), str(job.folder / "runner"), str(job.project)),
        *python,
        *(str(HERE / "inside/ansible_playbook.py"), str(job.folder / "environment.json")),
        *("--diff", "--inventory", str(job.inventory)),
        *(["--check"] if job.check else []),
        *(["--extra-vars", f"@{job.folder / 'parameters.json'}"] if job.parameters else []),
        *(["--limit", ",".join(job.hosts)] if job.hosts else []),
        "--",
        str(job.playbook),
    ]


def variables(job: Job) -> dict[str, str]:
    """Give the whole environment of the play, built from nothing."""
    tmp, empty = str(job.folder / "tmp"), str(job.folder / "empty")
    roles = [job.playbook.parent / "roles", job.project / "roles", job.project / "Ansible/roles"]
    more = {
        MARK: job.mark,
        "AAROC_EVENTS": str(pipe(job)),
        "AAROC_LOCAL_HOSTS": json.dumps(job.local_hosts),
        "TMPDIR": tmp,
        "PYTHONDONTWRITEBYTECODE": "1",
        "ANSIBLE_CONFIG": str(job.folder / "ansible.cfg"),
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "plugins"),
        "ANSIBLE_LOCAL_TEMP": tmp,
        "ANSIBLE_COLLECTIONS_PATH": empty,
        "ANSIBLE_ROLES_PATH": ":".join(dict.fromkeys(map(str, roles))),
        "ANSIBLE_SSH_ARGS": _ssh_arguments(job.folder),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(job.folder / "sockets"),
        **{f"ANSIBLE_{name}": empty for name in PLUGIN_PATHS},
    }
    if job.vault_password:
        more["ANSIBLE_VAULT_PASSWORD_FILE"] = str(job.vault_password)
    return environment(job.folder / "home", more)


def _ssh_arguments(folder: Path) -> str:
    kept = len(str(folder / "sockets")) <= LONGEST_SOCKET_FOLDER
    master = "-o ControlMaster=auto -o ControlPersist=60s" if kept else "-o ControlMaster=no"
    return f"-F {shlex.quote(str(folder / 'ssh_config'))} -C {master}"
