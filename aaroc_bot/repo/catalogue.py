"""The catalogue: the bot's own entries and the repository's, which may only tighten those.

RULES.md, Rules of the repository: the floor of approvals, who may say `changes: false`,
and what tightening is.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aaroc_bot.core.entries import CheckMode, Entry, Origin
from aaroc_bot.core.sites import Finding, Level
from aaroc_bot.repo.entry_file import Line, read_entries
from aaroc_bot.repo.repository import Repository
from aaroc_bot.repo.rulebook import CATALOGUE

OWN = "playbooks/catalogue.yml"
ORDER = list(CheckMode)


@dataclass(frozen=True, slots=True)
class Floor:
    """What the operator says of every entry: `AAROC_POLICY__MIN_APPROVALS`, `__READ_ONLY`."""

    min_approvals: int = 1
    read_only: frozenset[str] = frozenset()


Entries = tuple[tuple[Entry, ...], tuple[Finding, ...]]


class EntryCatalogue:
    """The entries in force: fills the `Catalogue` port."""

    def __init__(self, repository: Repository, own: Path, floor: Floor) -> None:
        """Take the bot's own from the folder `own`, others from the accepted revision."""
        self._repository = repository
        self._own = own
        self._floor = floor
        self._known: tuple[tuple[str, str], Entries] | None = None

    async def entries(self) -> Sequence[Entry]:
        """Give all entries, the bot's first."""
        return (await self._read())[0]

    async def findings(self) -> Sequence[Finding]:
        """Give the entries that were refused, with file and line."""
        return (await self._read())[1]

    async def _read(self) -> Entries:
        newest = (await self._repository.newest()).sha
        at = (newest, await self._repository.accepted())
        if self._known and self._known[0] == at:
            return self._known[1]
        rules = await self._repository.rulebook()
        nodes = (await self._repository.mirror.tree(newest)).nodes

        def exists(path: str) -> bool:
            return path in nodes and nodes[path].plain

        result = await asyncio.to_thread(catalogue, self._own, rules.catalogue, exists, self._floor)
        self._known = (at, result)
        return result


def catalogue(
    own: Path, theirs: bytes | None, exists: Callable[[str], bool], floor: Floor
) -> Entries:
    """Read both catalogues. `exists` says whether the repository has a playbook."""
    lines, findings = own_entries(own)
    entries, more = _distinct(lines)
    entries = {word: _at_least(entry, floor) for word, entry in entries.items()}
    if theirs is not None:
        lines, wrong = read_entries(theirs, CATALOGUE, Origin.REPOSITORY, exists)
        more += [*wrong, *_add(entries, lines, floor)]
    return tuple(entries.values()), (*findings, *more)


def own_entries(own: Path) -> tuple[list[Line], list[Finding]]:
    """Read the catalogue of the bot's own folder."""
    try:
        content = (own / "catalogue.yml").read_bytes()
    except OSError as problem:
        return [], [Finding(OWN, None, Level.ERROR, f"cannot be read: {problem.strerror}")]
    return read_entries(content, OWN, Origin.BOT, lambda path: (own / path).is_file())


def _word(entry: Entry) -> str:
    """Give what an entry is told apart by: `plan WORD` must name one only."""
    return entry.word.casefold()


def _distinct(lines: Iterable[Line]) -> tuple[dict[str, Entry], list[Finding]]:
    entries: dict[str, Entry] = {}
    findings = []
    for line in lines:
        entry = line.entry
        if _word(entry) in entries:
            findings.append(
                _refused(entry, f"is there already, on line {entries[_word(entry)].line}")
            )
        elif not entry.playbook:
            findings.append(_refused(entry, "playbook: it is missing"))
        else:
            entries[_word(entry)] = entry
    return entries, findings


def _add(entries: dict[str, Entry], lines: Iterable[Line], floor: Floor) -> list[Finding]:
    """Add the repository's entries, in place; give what was refused or raised."""
    findings = []
    for line in lines:
        entry = line.entry
        there = entries.get(_word(entry))
        if there is None:
            why = _may_stand(line, floor)
        elif there.path == CATALOGUE:
            why = f"is there already, on line {there.line}"
        else:
            entry, why = _tightened(there, line)
        if why:
            findings.append(_refused(line.entry, why))
            continue
        entries[_word(entry)] = raised = _at_least(entry, floor)
        if raised.approvals > entry.approvals and "approvals" in line.written:
            what = f"{entry.typed}: approvals is raised to {raised.approvals}, the operator's least"
            findings.append(Finding(entry.path, entry.line, Level.WARNING, what))
    return findings


def _may_stand(line: Line, floor: Floor) -> str | None:
    """Say why an entry of the repository's own cannot stand, None if it can."""
    entry = line.entry
    if not entry.playbook:
        return "playbook: it is missing"
    listed = {name.casefold() for name in floor.read_only}
    names = {entry.typed.casefold(), f"{entry.verb} {entry.subject}".casefold()}
    if not entry.changes and not names & listed:
        return "changes: only the operator can say that it only reads (AAROC_POLICY__READ_ONLY)"
    return None


def _tightened(own: Entry, line: Line) -> tuple[Entry, str | None]:
    """Give the bot's own entry with what the repository tightens, and why that cannot be."""
    theirs, written = line.entry, line.written
    if theirs.verb != own.verb:
        return own, f"is the bot's own `{own.typed}` already"
    checks = {
        "playbook": theirs.playbook == own.playbook,
        "engine": theirs.engine == own.engine,
        "parameters": theirs.parameters == own.parameters,
        "may_run": theirs.may_run >= own.may_run,
        "approvals": theirs.approvals >= own.approvals,
        "changes": theirs.changes or not own.changes,
        "check_mode": ORDER.index(theirs.check_mode) <= ORDER.index(own.check_mode),
        "time_limit": theirs.time_limit <= own.time_limit,
    }
    loosened = [name for name, tight in checks.items() if name in written and not tight]
    if loosened:
        return own, f"may only tighten the bot's own entry: {', '.join(loosened)}"
    taken = {name: getattr(theirs, name) for name in checks if name in written}
    return replace(own, **taken, path=theirs.path, line=theirs.line), None


def _at_least(entry: Entry, floor: Floor) -> Entry:
    if not entry.changes:
        return entry
    return replace(entry, approvals=max(entry.approvals, floor.min_approvals))


def _refused(entry: Entry, why: str) -> Finding:
    return Finding(entry.path, entry.line, Level.ERROR, f"{entry.typed}: {why}")
