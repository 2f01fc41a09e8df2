"""`rollback`: a site's own files as they were at a revision."""

from dataclasses import dataclass

from aaroc_bot.core.changes import NotOpened, RollBack, WhyNot
from aaroc_bot.repo.drafting.picture import Picture
from aaroc_bot.repo.drafting.written import NotDrafted, Written


@dataclass(frozen=True, slots=True)
class Restored:
    """Files of a site that differ from a revision: its own, and shared ones that stay."""

    own: tuple[str, ...]
    shared: tuple[str, ...]


def differing(site: str, now: Picture, then: Picture) -> Restored:
    """Compare what a site reads now with what it read then; each picture must have the site.

    Its own are those that it alone reads now, or alone read then and nobody else now.
    """
    readers_now, readers_then = now.readers(), then.readers()
    own: list[str] = []
    shared: list[str] = []
    for path in sorted(now.reads[site] | then.reads[site]):
        old, new = then.tree.nodes.get(path), now.tree.nodes.get(path)
        if old == new:
            continue
        # A file that is gone is whose it was; one that is there and that nobody reads is nobody's.
        readers = readers_now.get(path, ()) or (readers_then.get(path, ()) if new is None else ())
        (own if readers == (site,) else shared).append(path)
    return Restored(tuple(own), tuple(shared))


async def roll_back(wish: RollBack, now: Picture, then: Picture) -> tuple[Written, tuple[str, ...]]:
    """Give the files as they were, and the shared ones that differ and stay. Raises `NotDrafted`."""
    site = then.view.sites.get(wish.site)
    if site is None or site.broken:
        path = site.inventory if site else ""
        raise NotDrafted(NotOpened(WhyNot.UNREADABLE, wish.site, path, detail=wish.revision[:7]))
    restored = differing(wish.site, now, then)
    old = await then.tree.read(restored.own)
    new = await now.tree.read(restored.own)
    for path in restored.own:
        there = then.tree.nodes.get(path)
        if there is not None and path not in old:
            raise NotDrafted(NotOpened(WhyNot.KIND, wish.site, path))
    contents = {path: old.get(path) for path in restored.own if old.get(path) != new.get(path)}
    if not contents:
        raise NotDrafted(NotOpened(WhyNot.NOTHING, wish.site))
    return Written(contents), restored.shared
