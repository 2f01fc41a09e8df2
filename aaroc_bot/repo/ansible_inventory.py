"""`ansible-inventory` as a child, over plain files in an empty folder, with nothing of ours.

Reading executes code (FACTS.md): so the folder holds an inventory and variable files only,
the configuration is the bot's own, and the environment is built from nothing.
"""

import asyncio
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.process import Finished, environment, run

PROGRAM = Path(__file__).parent / "inside/list_inventory.py"
LIMIT = timedelta(seconds=60)
OUTPUT = 64 * 1024 * 1024
LIMITED = 'ulimit -v 2000000 && exec "$0" "$@"'
"""A range such as `h[1:999999999]` must not take the machine's memory (in KiB)."""
CONFIG = """\
[defaults]
vars_plugins_enabled = host_group_vars
host_key_checking = True
[inventory]
enable_plugins = ini,yaml
any_unparsed_is_failed = True
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """What `ansible-inventory --list` said: hosts of each group, each host's variables."""

    groups: Mapping[str, tuple[str, ...]]
    variables: Mapping[str, Mapping[str, object]]


class NotListed(Exception):
    """It could not be read; the text is Ansible's reason, without paths of this machine.

    `inventory`: it was the inventory itself, whatever its variable files say. `clue` is
    the whole reason, with words of the file: half a password may stand where something
    else was expected, so it is not for people.
    """

    def __init__(self, clue: str, *, inventory: bool = False) -> None:
        """Keep the reason."""
        super().__init__(re.sub(r",? got: .*", "", clue))
        self.clue = clue
        self.inventory = inventory


class Busy(Unavailable):
    """The child did not come to an end in time: says nothing about the inventory."""


async def listed(
    inventory: str, playbooks: str, files: Mapping[str, bytes], password: Path | None
) -> Listed:
    """Read `inventory`, which is one of `files`, by their paths in the repository.

    Raises `NotListed` for what stands in them, `Busy` if it takes too long.
    """
    try:
        folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="aaroc-reading-")
    except OSError as problem:
        raise Unavailable("the temporary folder") from problem
    root = Path(folder)
    try:
        await asyncio.to_thread(_lay_out, root, playbooks, files)
        done = await _child(root, inventory, playbooks, password)
    except OSError as problem:
        raise Unavailable("the temporary folder") from problem
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    if done.timed_out or done.cut:
        raise Busy("ansible-inventory")
    if done.status != 0:
        said = done.errors.decode(errors="replace")
        raise NotListed(_reason(said, root), inventory="parse inventory source" in said)
    return await asyncio.to_thread(_parse, done.output)


def _lay_out(root: Path, playbooks: str, files: Mapping[str, bytes]) -> None:
    (root / "home").mkdir()
    (root / "empty").mkdir()
    (root / "ansible.cfg").write_text(CONFIG, encoding="utf-8")
    tree = root / "tree"
    (tree / playbooks).mkdir(parents=True)
    for path, content in files.items():
        place = tree / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


async def _child(root: Path, inventory: str, playbooks: str, password: Path | None) -> Finished:
    vault = [f"--vault-password-file={password.resolve()}"] if password else []
    empty = str(root / "empty")
    env = environment(
        root / "home",
        {
            "ANSIBLE_CONFIG": str(root / "ansible.cfg"),
            "ANSIBLE_HOME": str(root / "home"),
            "ANSIBLE_LOCAL_TEMP": str(root / "home"),
            "ANSIBLE_COLLECTIONS_PATH": empty,
            "ANSIBLE_VARS_PLUGINS": empty,
            "ANSIBLE_INVENTORY_PLUGINS": empty,
            "ANSIBLE_INVENTORY_ENABLED": "ini,yaml",
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
            "ANSIBLE_NOCOLOR": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )
    tree = root / "tree"
    argv = [
        "/bin/sh", "-c", LIMITED, sys.executable, "-I", str(PROGRAM),
        "--list", *vault, "-i", str(tree / inventory), "--playbook-dir", str(tree / playbooks),
    ]  # fmt: skip
    try:
        return await run(argv, env=env, cwd=root / "empty", time_limit=LIMIT, limit_bytes=OUTPUT)
    except OSError as problem:
        raise Unavailable("ansible-inventory") from problem


def _reason(errors: str, root: Path) -> str:
    """Give the first reason that tells something: Ansible's own error only says `failed`."""
    text = errors.replace(f"{root}/tree/", "")
    found = re.findall(r"^\[(?:WARNING|ERROR)\]: (.*)$", text, re.MULTILINE)
    telling = [line for line in found if "arse inventory with" in line or "'yaml'" not in line]
    telling = [line for line in telling if "duplicate mapping key" not in line] or found
    reason = next((line for line in telling if "Failed to parse" in line), "") or (
        telling[-1] if telling else "ansible-inventory failed"
    )
    for start in ("Failed to parse inventory with 'ini' plugin: ", "Failed to parse inventory: "):
        reason = reason.removeprefix(start)
    return reason[:300]


def _parse(output: bytes) -> Listed:
    try:
        data = json.loads(output)
        variables = data.pop("_meta")["hostvars"]
    except (ValueError, KeyError, RecursionError):
        raise NotListed("ansible-inventory gave no list") from None
    groups = {name: _hosts(name, data, set()) for name in data}
    everything = {host for hosts in groups.values() for host in hosts}
    return Listed(
        {name: tuple(sorted(hosts)) for name, hosts in sorted(groups.items())},
        {host: variables.get(host, {}) for host in sorted(everything | set(variables))},
    )


def _hosts(name: str, data: Mapping[str, Mapping[str, list[str]]], seen: set[str]) -> set[str]:
    if name in seen:
        return set()
    seen.add(name)
    group = data.get(name, {})
    hosts = set(group.get("hosts", []))
    for child in group.get("children", []):
        hosts |= _hosts(child, data, seen)
    return hosts
