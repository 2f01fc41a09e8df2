"""From a wish to the files that change: written, read again as Ansible reads them, and checked."""

import asyncio
from collections.abc import Callable

from aaroc_bot.core.changes import (
    DisableService,
    Draft,
    EnableService,
    NewSite,
    NotOpened,
    RollBack,
    SetVariables,
    UnsetVariable,
    WhyNot,
    Wish,
)
from aaroc_bot.core.sites import Site
from aaroc_bot.repo.drafting.checks import unread, why_not
from aaroc_bot.repo.drafting.judging import Sides, describing_all, judge
from aaroc_bot.repo.drafting.newsite import new_site
from aaroc_bot.repo.drafting.overlay import Contents, OverlayTree
from aaroc_bot.repo.drafting.picture import Picture, picture
from aaroc_bot.repo.drafting.placing import Ground
from aaroc_bot.repo.drafting.plain import added_secrets
from aaroc_bot.repo.drafting.rollback import roll_back
from aaroc_bot.repo.drafting.services import disable, enable
from aaroc_bot.repo.drafting.setting import set_variables, unset
from aaroc_bot.repo.drafting.titles import title
from aaroc_bot.repo.drafting.written import NotDrafted, Written
from aaroc_bot.repo.inventory import Reading
from aaroc_bot.repo.repository import Repository
from aaroc_bot.repo.view import view


class Wishing:
    """Makes wishes come true on commits of the default branch, under the rules in force."""

    def __init__(self, repository: Repository, redact: Callable[[str], str]) -> None:
        """Read by the repository's own reader: what is written is the bot's."""
        self._repository = repository
        self._mirror = repository.mirror
        self._reader = repository.reader
        self._redact = redact

    async def picture(self, sha: str) -> Picture:
        """See who reads what at a commit. Raises `Unavailable` for one that is unknown."""
        seen = await self._repository.view_at(sha)
        return await picture(await self._mirror.tree(sha), seen)

    async def draft(self, wish: Wish, now: Picture) -> tuple[Contents, Draft]:
        """Give the files that a wish changes, and what that does. Raises `NotDrafted`."""
        written, untouched = await self._written(wish, now)
        contents = written.contents
        old = await self._gate(now, contents)
        sides = Sides(now, await self._changed(now, contents), old, contents)
        judged = await judge(sides, self._reader.describe, self._redact)
        if why := why_not(_name(wish, sides.after), sides, judged):
            raise NotDrafted(why)
        heading = title(wish, written, self._redact)
        return contents, judged.draft(heading, more=written.findings, untouched=untouched)

    async def _written(self, wish: Wish, now: Picture) -> tuple[Written, tuple[str, ...]]:
        """Write the files, and name those that a rollback leaves. Raises `NotDrafted`."""
        if isinstance(wish, RollBack):
            if not await self._mirror.contains(wish.revision):
                raise NotDrafted(NotOpened(WhyNot.UNKNOWN_REVISION, wish.revision[:7]))
            _changeable(wish.site, now, broken=True)  # to mend it is what people go back for
            return await roll_back(wish, now, await self.picture(wish.revision))
        ground = await self._ground(wish.like if isinstance(wish, NewSite) else wish.site, now)

        async def look(contents: Contents) -> Reading:
            await self._gate(now, contents)
            changed = await self._changed(now, contents)
            there = changed.view.sites.get(ground.site.name)
            if there is not None and (why := unread(there)):
                raise NotDrafted(why)
            return changed.view.readings[ground.inventory]

        match wish:
            case SetVariables():
                return await set_variables(wish, ground, look), ()
            case UnsetVariable():
                return await asyncio.to_thread(unset, wish, ground), ()
            case EnableService():
                return await asyncio.to_thread(enable, wish, ground), ()
            case DisableService():
                return await asyncio.to_thread(disable, wish, ground), ()
            case NewSite():
                return await asyncio.to_thread(new_site, wish, ground), ()

    async def _ground(self, name: str, now: Picture) -> Ground:
        site = _changeable(name, now)
        contents = await now.tree.read(sorted(now.reads[name]))
        return Ground(now, site, contents, self._reader.describe)

    async def _changed(self, now: Picture, contents: Contents) -> Picture:
        """Read the repository with these files in the place of its own."""
        tree = OverlayTree.of(now.tree, contents)
        rules = await self._repository.rulebook()
        return await picture(tree, await view(tree, rules, self._reader))

    async def _gate(self, now: Picture, contents: Contents) -> Contents:
        """Refuse plain secrets before anything is read with them; give the files as they were.

        What is read is kept on disk. Raises `NotDrafted`.
        """
        there = await now.tree.read(contents)
        old = {path: there.get(path) for path in contents}
        inventories = {*now.view.found.inventories, *contents}
        describe = describing_all(inventories, self._reader.describe)
        found = await asyncio.to_thread(added_secrets, old, contents, describe, self._redact)
        if found:
            path, key = found[0]
            raise NotDrafted(NotOpened(WhyNot.SECRET, key, path))
        return old


def _changeable(name: str, now: Picture, *, broken: bool = False) -> Site:
    """Give a site that can be changed, be it `broken` where that is allowed.

    Raises `NotDrafted`.
    """
    site = now.view.sites.get(name)
    if site is None:
        raise NotDrafted(NotOpened(WhyNot.UNREADABLE, name))
    if (why := unread(site)) and not (broken and site.broken and not site.claimed_by):
        raise NotDrafted(why)
    return site


def _name(wish: Wish, after: Picture) -> str:
    """Give the name of the wished site; a new one without hosts may go by its file's, for now."""
    if not isinstance(wish, NewSite):
        return wish.site
    names = (name for name in after.view.sites if name.casefold() == wish.name.casefold())
    return next(names, wish.name)
