"""Which sites and files a difference between two commits of the mirror touches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aaroc_bot.core.changes import Draft
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.tree import Tree


class Comparing(Protocol):
    """What is needed of the drafter (repo/drafting)."""

    async def compare(self, before: str, after: Tree) -> Draft:
        """Say what a tree does against a commit."""
        ...

    async def own(self, sha: str) -> Mapping[str, str]:
        """Give the site whose own file each path is, at a commit."""
        ...

    async def sharing(self, paths: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Give the sites that read each path now."""
        ...


@dataclass(frozen=True, slots=True)
class Touched:
    """Sites by name, and paths, each in order.

    `services` pairs a site with the word of a service whose hosts any of it reaches.
    """

    sites: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    services: tuple[tuple[str, str], ...] = ()


async def touched(mirror: Mirror, drafter: Comparing, before: str, after: str) -> Touched:
    """Compare two commits that the mirror has. Raises `Unavailable` where it cannot be read.

    A site is touched where something of it changes in effect, or a file that is its own.
    Where the effect cannot be told, it is where the site reads a file that changed.
    """
    paths = await _paths(mirror, before, after)
    try:
        draft = await drafter.compare(before, await mirror.tree(after))
        own = {**await drafter.own(before), **await drafter.own(after)}
    except Unavailable:
        return Touched(tuple(sorted(await _readers(drafter, paths))), paths)
    sites = {effect.site for effect in draft.effects if not effect.unread and not effect.empty}
    sites.update(own[path] for path in paths if path in own)
    if unread := {effect.site for effect in draft.effects if effect.unread}:
        sites |= unread & await _readers(drafter, paths)
    services = [
        (effect.site, word)
        for effect in draft.effects
        for word in (*effect.services, *(word for word, _ in effect.joined))
    ]
    return Touched(tuple(sorted(sites)), paths, tuple(dict.fromkeys(services)))


async def _readers(drafter: Comparing, paths: Sequence[str]) -> set[str]:
    return {site for _, some in await drafter.sharing(paths) for site in some}


async def _paths(mirror: Mirror, before: str, after: str) -> tuple[str, ...]:
    output = await mirror.git("diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after)
    names = output.decode(errors="replace").split("\0")
    return tuple(name for name in names if name)


async def first_parent(mirror: Mirror, sha: str) -> str | None:
    """Give the commit that a commit came upon; None for the very first. Raises `Unavailable`."""
    told = await mirror.git("rev-list", "--parents", "--max-count=1", sha)
    return next(iter(told.decode().split()[1:]), None)
