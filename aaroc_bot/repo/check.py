"""`aaroc-bot check`: everything wrong with a DevOps repository as it lies there, as data only.

With `syntax` Ansible's own check is added, and that executes plugins that it finds there.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from aaroc_bot.core.entries import Entry, Origin
from aaroc_bot.core.sites import Executing, Finding, Level
from aaroc_bot.core.text import quoted
from aaroc_bot.process import environment, run
from aaroc_bot.repo.ansible_inventory import CONFIG
from aaroc_bot.repo.catalogue import Floor, catalogue
from aaroc_bot.repo.playbooks import ENDINGS, broken, executing_tasks, roles_named
from aaroc_bot.repo.reading import Passwords, Reader
from aaroc_bot.repo.rulebook import read_rulebook
from aaroc_bot.repo.tree import FolderTree, Tree
from aaroc_bot.repo.view import View, view

SYNTAX_LIMIT = timedelta(minutes=1)


async def check(
    path: Path,
    *,
    own: Path,
    floor: Floor,
    passwords: Passwords = lambda _: None,
    syntax: bool = False,
) -> Sequence[Finding]:
    """Give every finding, by file and line; `own` is the folder of the bot's own playbooks."""
    try:
        tree = await FolderTree.of(path)
    except OSError as problem:
        return [Finding(str(path), None, Level.ERROR, f"cannot be read: {problem.strerror}")]
    if {"HEAD", "config"} <= tree.nodes.keys():
        bare = "this is a bare git repository: check a checkout of it"
        return [Finding(str(path), None, Level.ERROR, bare)]
    rules = await read_rulebook(tree)
    with tempfile.TemporaryDirectory(prefix="aaroc-check-") as state:
        seen = await view(tree, rules, Reader(Path(state), passwords))
    entries, wrong = await asyncio.to_thread(
        catalogue, own, rules.catalogue, lambda name: _there(tree, name), floor
    )
    theirs = [entry for entry in entries if entry.origin is Origin.REPOSITORY]
    findings = [*_of_sites(seen), *wrong]
    findings += await _of_playbooks(tree, theirs)
    findings += await _of_tasks(tree, seen)
    if syntax:
        findings += await _of_syntax(path, theirs)
    return sorted(set(findings), key=lambda one: (one.path, one.line or 0, one.what))


def _there(tree: Tree, path: str) -> bool:
    return path in tree.nodes and tree.nodes[path].plain


def _of_sites(seen: View) -> list[Finding]:
    findings = list(seen.findings)
    for site in seen.sites.values():
        findings += site.findings
        findings += map(_executes, site.executing)
    return findings


def _executes(one: Executing) -> Finding:
    what = f"{one.variable} executes on the controller when it is used: `{one.shown}`"
    return Finding(one.path, one.line, Level.WARNING, what)


async def _of_playbooks(tree: Tree, entries: Iterable[Entry]) -> list[Finding]:
    findings = []
    for entry in entries:
        content = (await tree.read([entry.playbook])).get(entry.playbook, b"")
        if problem := broken(entry.playbook, content):
            findings.append(problem)
            continue
        _, missing = await roles_named(tree, entry.playbook)
        for role in sorted(missing):
            known = role in tree.nodes
            what = f"the role {role} is " + ("a submodule or a link" if known else "not there")
            level = Level.WARNING if known else Level.ERROR
            findings.append(Finding(entry.playbook, None, level, what))
    return findings


async def _of_tasks(tree: Tree, seen: View) -> list[Finding]:
    base = f"{seen.found.playbooks}/".lstrip("/")
    leave = {*seen.found.inventories, *seen.found.variables}
    wanted = [
        path
        for path in tree.nodes
        if path.startswith(base) and path.endswith(ENDINGS) and path not in leave
    ]
    contents = await tree.read(wanted)
    return await asyncio.to_thread(
        lambda: [one for path in contents for one in executing_tasks(path, contents[path])]
    )


async def _of_syntax(root: Path, entries: Iterable[Entry]) -> list[Finding]:
    """Have Ansible check each playbook. It imports the plugins beside them: they execute."""
    findings = []
    for entry in entries:
        with tempfile.TemporaryDirectory(prefix="aaroc-syntax-") as name:
            home = Path(name)
            (home / "ansible.cfg").write_text(CONFIG, encoding="utf-8")
            more = {"ANSIBLE_CONFIG": str(home / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
            program = Path(sys.executable).parent / "ansible-playbook"
            done = await run(
                [str(program), "--syntax-check", "-i", "localhost,", str(root / entry.playbook)],
                env=environment(home, more | {"ANSIBLE_INVENTORY_ENABLED": "host_list"}),
                cwd=home,
                time_limit=SYNTAX_LIMIT,
                limit_bytes=1_000_000,
            )
        if not done.ok:
            said = done.errors.decode(errors="replace").replace(f"{root}/", "")
            reason = next((line for line in said.splitlines() if "ERROR" in line), "it failed")
            what = f"Ansible's syntax check: {quoted(reason, 300).text}"
            findings.append(Finding(entry.playbook, None, Level.ERROR, what))
    return findings
