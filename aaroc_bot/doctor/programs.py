"""Programs: git and Ansible, started as the bot starts them."""

import re
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from importlib import metadata
from pathlib import Path

from aaroc_bot.doctor.finding import Finding, failed, ok, warning
from aaroc_bot.doctor.limiting import SECONDS
from aaroc_bot.execution import version
from aaroc_bot.process import Finished, environment, run

GIT, ANSIBLE, RUNNER = "git", "Ansible", "ansible-runner"
OLDEST_GIT = (2, 36)
"""The first that takes `safe.directory` as the bot gives it."""
LIMIT = timedelta(seconds=SECONDS - 1)
REINSTALL = "install the bot anew, with the packages of requirements.txt"


async def examine_git() -> Finding:
    """Ask git for its version."""
    done = await _started(["git", "--version"])
    found = re.search(r"(\d+)\.(\d+)[\w.]*", done.output.decode(errors="replace")) if done else None
    if found is None:
        return failed(GIT, "cannot be started", "install git")
    if (int(found[1]), int(found[2])) < OLDEST_GIT:
        oldest = ".".join(map(str, OLDEST_GIT))
        return warning(GIT, f"{found[0]} is old", f"install git {oldest} or newer")
    return ok(GIT, found[0])


async def examine_ansible() -> Finding:
    """Start ansible-playbook, which must be of the very version that plans are sealed with."""
    installed = version()
    done = await _started(["ansible-playbook", "--version"])
    if done is None or not done.ok:
        return failed(ANSIBLE, "ansible-playbook does not start", REINSTALL)
    found = re.search(r"\[core ([^\]]+)\]", done.output.decode(errors="replace"))
    if found is None or found[1] != installed:
        other = found[1] if found else "unknown"
        what = f"ansible-playbook is {other}, the bot's environment has {installed}"
        return failed(ANSIBLE, what, REINSTALL)
    return ok(ANSIBLE, f"ansible-core {installed}, ansible-playbook starts")


async def examine_runner() -> Finding:
    """Import ansible-runner as a run does, in a process of its own."""
    done = await _started([sys.executable, "-I", "-c", "import ansible_runner"])
    if done is None or not done.ok:
        return failed(RUNNER, "does not start", REINSTALL)
    return ok(RUNNER, metadata.version("ansible-runner"))


async def _started(argv: Sequence[str]) -> Finished | None:
    """Run a program in an empty folder with the environment of runs; None if there is none."""
    with tempfile.TemporaryDirectory(prefix="aaroc-doctor-") as folder:
        home = Path(folder)
        try:
            return await run(
                argv, env=environment(home), cwd=home, time_limit=LIMIT, limit_bytes=65_536
            )
        except OSError:
            return None
