"""What a difference of two trees comes to: effects, findings, what executes, what is secret."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass

from aaroc_bot.core.changes import Draft, Effect, FileChange
from aaroc_bot.core.effective import effects
from aaroc_bot.core.redaction import Redactor, secret_values
from aaroc_bot.core.sites import Finding
from aaroc_bot.core.text import quoted
from aaroc_bot.repo.assignments import Described, of_variables
from aaroc_bot.repo.drafting.lines import file_change, shown
from aaroc_bot.repo.drafting.linting import lint
from aaroc_bot.repo.drafting.overlay import Contents
from aaroc_bot.repo.drafting.picture import Picture
from aaroc_bot.repo.drafting.plain import Describe, added_secrets
from aaroc_bot.repo.layout import variables_base
from aaroc_bot.repo.view import View

MOST = 100
"""Findings that are told."""

Redact = Callable[[str], str]
Describing = Callable[[str, bytes], Described]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a difference comes to, redacted. The fields are those of a `Draft`."""

    files: tuple[FileChange, ...]
    effects: tuple[Effect, ...]
    findings: tuple[Finding, ...]
    executing: tuple[str, ...]
    secrets: tuple[str, ...]

    def draft(
        self,
        title: str,
        *,
        more: tuple[Finding, ...] = (),
        untouched: tuple[str, ...] = (),
    ) -> Draft:
        """Give it a title; `more` findings go first."""
        findings = (*more, *self.findings)
        return Draft(
            title, self.files, self.effects, findings, self.executing, self.secrets, untouched
        )


@dataclass(frozen=True, slots=True)
class Sides:
    """A difference: both trees as read, and the files that differ, None where one is not there."""

    before: Picture
    after: Picture
    old: Contents
    new: Contents


async def judge(sides: Sides, describing: Describing, redact: Redact) -> Judged:
    """Judge a difference of the repository as data. Raises `Unavailable`."""
    linted = await lint(_there(sides.old), _there(sides.new))
    return await asyncio.to_thread(_judge, sides, linted, describing, redact)


def _there(contents: Contents) -> dict[str, bytes]:
    return {path: content for path, content in contents.items() if content is not None}


def _judge(
    sides: Sides, linted: Iterable[Finding], describing: Describing, redact: Redact
) -> Judged:
    inventories = {*sides.before.view.found.inventories, *sides.after.view.found.inventories}
    describe = describing_all(inventories, describing)
    secrets = added_secrets(sides.old, sides.new, describe, redact)
    paths = sorted(sides.old.keys() | sides.new.keys())
    hide = _hiding(sides, describe, redact)
    findings = [*linted, *_added(sides.before.view, sides.after.view)]
    told = [
        Finding(shown(one.path), one.line, one.level, quoted(hide(one.what)).text)
        for one in dict.fromkeys(findings)
    ]
    return Judged(
        tuple(file_change(path, sides.old.get(path), sides.new.get(path)) for path in paths),
        effects(sides.before.seen(), sides.after.seen(), hide),
        tuple(told[:MOST]),
        _executing(sides.before, sides.after, hide),
        tuple(f"{path}: {key}" for path, key in secrets),
    )


def describing_all(inventories: Set[str], describing: Describing) -> Describe:
    """Read as variables whatever may be some, be it a role's."""

    def describe(path: str, content: bytes) -> Described | None:
        if path in inventories or variables_base(path) is not None:
            return describing(path, content)
        if path.endswith((".yml", ".yaml", ".json")):
            read = of_variables(path, content)
            return None if read.problem else read
        return None

    return describe


def _hiding(sides: Sides, describe: Describe, redact: Redact) -> Redact:
    """Redact also what is secret in these files and not known yet."""
    values: set[str] = set()
    for contents in (sides.old, sides.new):
        for path, content in _there(contents).items():
            text = describe(path, content)
            for one in text.assignments if text else ():
                values |= secret_values({one.name: one.value})
    known = _vaulted(sides.before)  # `redact` has these, as it has all of the repository's
    values |= _vaulted(sides.after) - known
    if not values:
        return redact
    redactor = Redactor(values)
    return lambda text: redact(redactor.text(text))


def _vaulted(picture: Picture) -> frozenset[str]:
    return frozenset().union(*(one.secrets for one in picture.view.readings.values()))


def _added(before: View, after: View) -> list[Finding]:
    """Give the findings of reading that were not there before, whatever their line."""
    known = Counter((one.path, one.level, one.what) for one in _findings(before))
    added = []
    for one in _findings(after):
        at = (one.path, one.level, one.what)
        if known[at]:
            known[at] -= 1
        else:
            added.append(one)
    return added


def _findings(view: View) -> list[Finding]:
    """Give all findings, those of a shared file once."""
    of_sites = (one for site in view.sites.values() for one in site.findings)
    return list(dict.fromkeys((*view.findings, *of_sites)))


def _executing(before: Picture, after: Picture, hide: Redact) -> tuple[str, ...]:
    """Name the lines that execute and did not before; they are told apart by their digests."""
    known = {one.digest for site in before.view.sites.values() for one in site.executing}
    added: dict[str, str] = {}
    for name, site in after.view.sites.items():
        stood = _unjudged(name, before, after)
        for one in site.executing:
            if one.digest not in known and one.path not in stood:
                line = f":{one.line}" if one.line else ""
                added[one.digest] = quoted(hide(f"{one.path}{line}: {one.variable}")).text
    return tuple(sorted(added.values()))


def _unjudged(name: str, before: Picture, after: Picture) -> set[str]:
    """Give the files that a site had before, as they are now, when it could not be read."""
    site = before.view.sites.get(name)
    if site is None or not site.broken:
        return set()
    nodes = after.tree.nodes
    return {path for path in before.reads[name] if before.tree.nodes.get(path) == nodes.get(path)}
