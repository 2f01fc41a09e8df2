"""Writes the sample DevOps repository: bare, with its past, by the sample persons."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from aaroc_bot.process import environment, run
from aaroc_bot.sandbox.history import ALL, PAST, Past
from aaroc_bot.sandbox.persons import PERSONS

BRANCH = "refs/heads/main"
LIMIT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit to make: the files that it writes, by path, and what its message says."""

    at: datetime
    login: str
    message: str
    files: Mapping[str, str]


async def create(repository: Path, hosts: Path, now: datetime) -> None:
    """Make the repository, whose hosts are folders under `hosts`, as if it had grown until `now`."""
    repository.mkdir(parents=True, exist_ok=True)
    await _git(repository, "init", "--quiet", "--bare", "--template=")
    await _git(repository, "symbolic-ref", "HEAD", BRANCH)
    tree = {**_files(), ALL: shared_variables(hosts)}
    await commit(repository, [_of_the_past(past, tree, now) for past in PAST])


async def commit(repository: Path, commits: list[Commit]) -> str:
    """Put commits on the default branch, in this order, and give the last one's sha."""
    exists = await _git(repository, "rev-parse", "--verify", "--quiet", BRANCH, may_fail=True)
    stream = bytearray()
    for number, one in enumerate(commits):
        stream += _stream(one, begins=number == 0 and bool(exists))
    await _git(repository, "fast-import", "--quiet", input=bytes(stream))
    return (await _git(repository, "rev-parse", BRANCH)).strip()


def shared_variables(hosts: Path) -> str:
    """Write what all sample hosts share: each is a folder on this machine.

    JSON's quoted text is YAML's too, so a folder of any name stands safely in it.
    """
    return f"""\
---
# The sample's hosts are folders on the machine where it was made.
sample_hosts: {json.dumps(str(hosts))}
host_root: "{{{{ sample_hosts }}}}/{{{{ inventory_hostname }}}}"
ansible_connection: local
ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
"""


def _files() -> dict[str, str]:
    """Read the sample's files out of the package."""
    found: dict[str, str] = {}

    def read(folder: Traversable, prefix: str) -> None:
        for each in folder.iterdir():
            if each.is_dir():
                read(each, f"{prefix}{each.name}/")
            else:
                found[f"{prefix}{each.name}"] = each.read_text(encoding="utf-8")

    read(files("aaroc_bot.sandbox") / "devops", "")
    return found


def _of_the_past(past: Past, tree: Mapping[str, str], now: datetime) -> Commit:
    written = {
        path: content
        for path, content in tree.items()
        if any(
            path == named or (named[-1] == "/" and path.startswith(named)) for named in past.paths
        )
    }
    for path, (text, before) in past.instead.items():
        assert text in written[path], f"{path} has no {text}"
        written[path] = written[path].replace(text, before)
    message = f"{past.subject}\n\n{past.why}".strip() + "\n"
    return Commit(now - timedelta(days=past.days), past.login, message, written)


def _stream(commit: Commit, *, begins: bool) -> bytes:
    """Write a commit as git's fast-import reads it; `begins` names the branch as its parent."""
    person = next(p for p in PERSONS if p.login == commit.login)
    who = f"{person.name} <{person.mail}> {int(commit.at.timestamp())} +0000"
    out = f"commit {BRANCH}\nauthor {who}\ncommitter {who}\n".encode() + _data(commit.message)
    if begins:
        out += f"from {BRANCH}^0\n".encode()
    for path, content in sorted(commit.files.items()):
        out += f"M 100644 inline {path}\n".encode() + _data(content)
    return out + b"\n"


def _data(text: str) -> bytes:
    content = text.encode()
    return f"data {len(content)}\n".encode() + content + b"\n"


async def _git(
    repository: Path, *arguments: str, input: bytes | None = None, may_fail: bool = False
) -> str:
    nothing = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
    done = await run(
        ["git", f"--git-dir={repository}", *arguments],
        env=environment(repository, nothing),
        cwd=repository,
        time_limit=LIMIT,
        limit_bytes=1024 * 1024,
        input=input,
    )
    if not done.ok and not may_fail:
        raise OSError(f"git {arguments[0]}: {done.errors.decode(errors='replace').strip()}")
    return done.output.decode()
