"""Which files two trees differ in, within bounds: the newer one may be anybody's."""

from collections.abc import Mapping
from dataclasses import dataclass

from aaroc_bot.core.sites import Finding, Level
from aaroc_bot.repo.drafting.lines import shown
from aaroc_bot.repo.tree import BIGGEST, Kind, Node, readable

MOST_PATHS = 50_000
"""Paths of a tree."""
MOST_FILES = 300
"""Files that differ."""
MOST_BYTES = 20_000_000
"""Bytes of them, both sides together."""

WHAT = {
    Kind.LINK: "is a symbolic link, which is not followed",
    Kind.MODULE: "is a submodule, which is not read",
}


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
