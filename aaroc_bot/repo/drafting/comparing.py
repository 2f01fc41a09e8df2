"""Comparing trees as data, within bounds: the newer one may be anybody's."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aaroc_bot.core.changes import Draft, Effect
from aaroc_bot.core.redaction import secret_values
from aaroc_bot.core.sites import Finding, Level
from aaroc_bot.repo.drafting.judging import Sides, judge
from aaroc_bot.repo.drafting.lines import shown
from aaroc_bot.repo.drafting.picture import Picture, picture
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.rulebook import Rulebook
from aaroc_bot.repo.tree import BIGGEST, Kind, Node, Tree, readable
from aaroc_bot.repo.view import view

MOST_PATHS = 50_000
"""Paths of a tree."""
MOST_FILES = 300
"""Files that differ."""
MOST_BYTES = 20_000_000
"""Bytes of them, both sides together."""

MOST_SECRETS = 1_000
"""Plain secrets in them."""
MOST_CHARACTERS = 100_000
"""Characters of these."""

WHAT = {
    Kind.LINK: "is a symbolic link, which is not followed",
    Kind.MODULE: "is a submodule, which is not read",
}


@dataclass(frozen=True, slots=True)
class Look:
    """Reads trees without any password, under rules that they do not give themselves."""

    reader: Reader
    rules: Rulebook

    async def picture(self, tree: Tree) -> Picture:
        """Read a tree as data."""
        return await picture(tree, await view(tree, self.rules, self.reader))


@dataclass(frozen=True, slots=True)
class Differing:
    """Paths that differ, what of them is not read, and why nothing is (empty: all is well)."""

    paths: tuple[str, ...]
    findings: tuple[Finding, ...]
    too_much: str = ""


def differing(before: Mapping[str, Node], after: Mapping[str, Node]) -> Differing:
    """Compare two listings."""
    if len(after) > MOST_PATHS:
        return Differing((), (), f"has more than {MOST_PATHS} files, and was not read")
    changed = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
    paths = tuple(sorted(changed))
    if len(paths) > MOST_FILES:
        what = f"changes {len(paths)} files, more than the {MOST_FILES} that are read"
        return Differing(paths[:MOST_FILES], (), what)
    sizes = (side[path].size for side in (before, after) for path in paths if path in side)
    if sum(size for size in sizes if size <= BIGGEST) > MOST_BYTES:
        return Differing(paths, (), f"changes more than {MOST_BYTES // 1_000_000} MB of files")
    found = (_finding(path, after[path]) for path in paths if path in after)
    return Differing(paths, tuple(one for one in found if one))


def _finding(path: str, node: Node) -> Finding | None:
    if readable(node):
        return None
    what = WHAT.get(node.kind, f"is bigger than {BIGGEST} bytes and was not read")
    return Finding(shown(path), None, Level.WARNING, what)


async def compare(left: Picture, after: Tree, look: Look, redact: Callable[[str], str]) -> Draft:
    """Say what a tree does to the one that it left.

    With more than is read every site is said to be unread. Raises `Unavailable`.
    """
    found = await asyncio.to_thread(differing, left.tree.nodes, after.nodes)
    if found.too_much:
        return _unread(left, found.too_much)
    old, new = await left.tree.read(found.paths), await after.read(found.paths)
    if await asyncio.to_thread(_many_secrets, new, look.reader):
        return _unread(left, "brings more secrets than can be kept out of what is shown")
    sides = Sides(
        left,
        await look.picture(after),
        {path: old.get(path, b"") for path in found.paths if path in left.tree.nodes},
        {path: new.get(path, b"") for path in found.paths if path in after.nodes},
    )
    judged = await judge(sides, look.reader.describe, redact)
    return judged.draft(", ".join(one.site for one in judged.effects), more=found.findings)


def _unread(left: Picture, why: str) -> Draft:
    effects = tuple(Effect(site, unread=True) for site in left.view.sites)
    return Draft("", (), effects, (Finding(".", None, Level.ERROR, why),))


def _many_secrets(contents: Mapping[str, bytes], reader: Reader) -> bool:
    """Whether files hold more secrets than can be looked for in reasonable time."""
    count = characters = 0
    for path, content in contents.items():
        for one in reader.describe(path, content).assignments:
            values = secret_values({one.name: one.value})
            count, characters = count + len(values), characters + sum(map(len, values))
    return count > MOST_SECRETS or characters > MOST_CHARACTERS
