# SPDX-License-Identifier: GPL-3.0-or-later
# It imports ansible-core, which is under that licence (COPYING); the rest is Apache-2.0.
"""``ansible-playbook`` with two guards, in place before it reads anything.

Modules, roles and what they bring (filters, lookups, actions) are merged code and may be
used. Plugins that decide how hosts are reached and what is reported of them may not come
from the repository: they would get round the second guard and the bot's own events. The
second guard: connections are Ansible's own ``ssh``, or ``local`` for hosts that the
operator named. It sits where every connection is made, so `connection: local`,
`delegate_to` and `local_action` all pass it. Both rest on ansible-core 2.19's internals;
one that is not there ends the program.

It dies with whoever started it, and what it forks dies with it: where the supervisor is killed,
nothing else would end it at its time.

The first argument is a file with the whole environment, the others are Ansible's:
ansible-runner would have it use its own display callback and check no host keys.
"""

import ctypes
import json
import os
import signal
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

os.environ.clear()
os.environ.update(json.loads(Path(sys.argv[1]).read_text()))

# Ansible reads its configuration when it is imported.
from ansible.cli.playbook import main
from ansible.errors import AnsibleConnectionFailure
from ansible.executor import task_result
from ansible.executor.task_executor import TaskExecutor
from ansible.plugins import loader
from ansible.plugins.action import ActionBase

REFUSED = (
    "become",
    "cache",
    "callback",
    "cliconf",
    "connection",
    "httpapi",
    "inventory",
    "netconf",
    "shell",
    "strategy",
    "terminal",
    "vars",
)
SSH = "ansible.plugins.connection.ssh"
LOCAL = "ansible.plugins.connection.local"


PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have this process killed when its parent ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def keep_plugins_out() -> None:
    """Let the loaders of `REFUSED` know no folder but Ansible's own and the configured ones."""
    for name in REFUSED:
        getattr(loader, f"{name}_loader").add_directory = lambda *_, **__: None


def guard_connections(local_hosts: list[str]) -> None:
    """Refuse, as unreachable, every connection that the operator did not allow."""
    make = TaskExecutor._get_connection

    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        connection = make(self, *args, **kwargs)
        host = str(self._task.delegate_to or self._host.name)
        kind = type(connection).__module__
        if kind == SSH or (kind == LOCAL and any(fnmatchcase(host, p) for p in local_hosts)):
            return connection
        why = (
            f"local connection to {host} is not allowed: AAROC_ANSIBLE__LOCAL_HOSTS does not name it"
            if kind == LOCAL
            else f"connection {kind.rpartition('.')[2]} is not allowed: hosts are reached by ssh"
        )
        raise AnsibleConnectionFailure(why)

    TaskExecutor._get_connection = guarded


def keep_local_files_private() -> None:
    """Let ``~`` on a local connection be the private home, not the one in /etc/passwd.

    Modules take it so too; an asynchronous task looks for its job there.
    """
    expand = ActionBase._remote_expand_user

    def expanded(self: Any, path: str, *args: Any, **kwargs: Any) -> Any:
        local = type(self._connection).__module__ == LOCAL and not self._connection.become
        if local and (path == "~" or path.startswith("~/")):
            return str(Path(path).expanduser())
        return expand(self, path, *args, **kwargs)

    ActionBase._remote_expand_user = expanded


def tell_why_hidden_tasks_are_skipped() -> None:
    """Keep, of a skipped ``no_log`` result, that it was, and the condition in the playbook."""
    task_result._PRESERVE.update({"false_condition", "skip_reason", "skipped", "skipped_reason"})


if __name__ == "__main__":
    die_with_parent()
    os.register_at_fork(after_in_child=die_with_parent)
    keep_plugins_out()
    keep_local_files_private()
    tell_why_hidden_tasks_are_skipped()
    guard_connections(json.loads(os.environ.pop("AAROC_LOCAL_HOSTS")))
    main(["ansible-playbook", *sys.argv[2:]])
