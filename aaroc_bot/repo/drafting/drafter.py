"""From a wish, or a pull request's tree, to what it does: the files that change, and a Draft.

The same wish at the same commit gives the same bytes. Nothing here is written anywhere but
to a temporary folder, and nothing that is read is executed.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aaroc_bot.core.changes import (
    DisableService,
    Draft,
    Effect,
    EnableService,
    NewSite,
    NotOpened,
    RollBack,
    SetVariables,
    UnsetVariable,
    WhyNot,
    Wish,
)
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.sites import Finding, Level, Revision
from aaroc_bot.repo.drafting import comparing
from aaroc_bot.repo.drafting.checks import unread, why_not
from aaroc_bot.repo.drafting.judging import Judged, Sides, describing_all, judge
from aaroc_bot.repo.drafting.newsite import new_site
from aaroc_bot.repo.drafting.overlay import Contents, OverlayTree
from aaroc_bot.repo.drafting.picture import Picture, picture
from aaroc_bot.repo.drafting.placing import Ground
from aaroc_bot.repo.drafting.plain import added_secrets
from aaroc_bot.repo.drafting.rollback import differing, roll_back
from aaroc_bot.repo.drafting.services import disable, enable
from aaroc_bot.repo.drafting.setting import set_variables, unset
from aaroc_bot.repo.drafting.titles import title
from aaroc_bot.repo.drafting.written import NotDrafted, Written
from aaroc_bot.repo.inventory import Reading
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.repository import Repository
from aaroc_bot.repo.tree import Tree
from aaroc_bot.repo.view import view

LATELY = 200
"""Commits of a file that are looked at for who touched it."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What comes of a wish: whole files at `base`, None for one that goes, and what that does."""

    base: Revision
    contents: Mapping[str, bytes | None]
    draft: Draft


class Drafter:
    """Drafts Changes and compares trees, under the rules that are in force."""

    def __init__(
        self, repository: Repository, outsiders: Reader, redact: Callable[[str], str]
    ) -> None:
        """Read the default branch by `repository`, pull requests' trees by `outsiders`.

        `outsiders` must have no vault password: who opens a pull request chooses what is read.
        """
        self._repository = repository
        self._mirror = repository.mirror
        self._reader = repository.reader
        self._outsiders = outsiders
        self._redact = redact

    async def draft(self, wish: Wish, base: str) -> Drafted | NotOpened:
        """Draft a wish at a commit that the mirror has, by its whole sha.

        Raises `Unavailable`, also for a commit that is unknown.
        """
        revision = await self._mirror.revision(base)
        if revision is None:
            raise Unavailable(f"revision {base[:7]}")
        now = await self._picture(base)
        try:
            return await self._draft(wish, revision, now)
        except NotDrafted as no:
            return no.why

    async def compare(self, before: str, after: Tree) -> Draft:
        """Say what a pull request's tree does to the one that it left at `before`.

        It is read as data, without any password, and only as much of it as `comparing`
        allows; with more every site is said to be unread. Raises `Unavailable`.
        """
        tree = await self._mirror.tree(before)
        rules = await self._repository.rulebook()
        left = await picture(tree, await view(tree, rules, self._outsiders))
        found = await asyncio.to_thread(comparing.differing, tree.nodes, after.nodes)
        if found.too_much:
            return _unread_draft(left, found.too_much)
        old, new = await tree.read(found.paths), await after.read(found.paths)
        right = await picture(after, await view(after, rules, self._outsiders))
        sides = Sides(
            left,
            right,
            {path: old.get(path, b"") for path in found.paths if path in tree.nodes},
            {path: new.get(path, b"") for path in found.paths if path in after.nodes},
        )
        judged = await judge(sides, self._outsiders.describe, self._redact)
        self._outsiders.keep_only_used()
        heading = ", ".join(one.site for one in judged.effects)
        return _draft(heading, judged, findings=(*found.findings, *judged.findings))

    async def own(self, sha: str) -> Mapping[str, str]:
        """Give the paths that one site alone read at a commit, each with that site."""
        return (await self._picture(sha)).own()

    async def sharing(self, paths: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Give for each path the sites that read it now."""
        newest = await self._repository.newest()
        readers = (await self._picture(newest.sha)).readers()
        return tuple((path, readers.get(path, ())) for path in paths)

    async def touched_by(
        self, paths: Sequence[str], limit: int = 5
    ) -> tuple[tuple[str, datetime], ...]:
        """Give who changed any of these paths last, newest first, each author's name once."""
        if not paths:
            return ()
        newest = await self._repository.newest()
        output = await self._mirror.git(
            "log", "--no-merges", f"--max-count={LATELY}", "--no-show-signature",
            "--format=%an%x00%ct", newest.sha, "--", *paths,
        )  # fmt: skip
        found: dict[str, datetime] = {}
        for line in output.decode(errors="replace").splitlines():
            name, _, at = line.partition("\0")
            found.setdefault(self._redact(name), datetime.fromtimestamp(int(at), UTC))
        return tuple(found.items())[:limit]

    async def same_files(self, site: str, sha: str) -> bool:
        """Whether the site's own files at a commit of the default branch are as they are now.

        No where that cannot be told: the commit is unknown, or had no such site.
        """
        if not await self._mirror.contains(sha):
            return False
        newest = await self._repository.newest()
        now, then = await self._picture(newest.sha), await self._picture(sha)
        if site not in now.view.sites or site not in then.view.sites:
            return False
        return not differing(site, now, then).own

    async def _picture(self, sha: str) -> Picture:
        seen = await self._repository.view_at(sha)
        return await picture(await self._mirror.tree(sha), seen)

    async def _draft(self, wish: Wish, base: Revision, now: Picture) -> Drafted:
        written, untouched = await self._written(wish, now)
        contents = written.contents
        old = await self._gate(now, contents)
        sides = Sides(now, await self._changed(now, contents), old, contents)
        judged = await judge(sides, self._reader.describe, self._redact)
        if why := why_not(_name(wish, sides.after), sides, judged):
            raise NotDrafted(why)
        heading = title(wish, written, self._redact)
        return Drafted(base, contents, _draft(heading, judged, untouched=untouched))

    async def _written(self, wish: Wish, now: Picture) -> tuple[Written, tuple[str, ...]]:
        """Write the files, and name those that a rollback leaves. Raises `NotDrafted`."""
        if isinstance(wish, RollBack):
            if not await self._mirror.contains(wish.revision):
                raise NotDrafted(NotOpened(WhyNot.UNKNOWN_REVISION, wish.revision[:7]))
            await self._ground(wish.site, now)
            return await roll_back(wish, now, await self._picture(wish.revision))
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
        site = now.view.sites.get(name)
        if site is None:
            raise NotDrafted(NotOpened(WhyNot.UNREADABLE, name))
        if why := unread(site):
            raise NotDrafted(why)
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


def _name(wish: Wish, after: Picture) -> str:
    """Give the name of the wished site; a new one without hosts may go by its file's, for now."""
    if not isinstance(wish, NewSite):
        return wish.site
    names = (name for name in after.view.sites if name.casefold() == wish.name.casefold())
    return next(names, wish.name)


def _draft(
    heading: str,
    judged: Judged,
    *,
    findings: tuple[Finding, ...] | None = None,
    untouched: tuple[str, ...] = (),
) -> Draft:
    return Draft(
        heading,
        judged.files,
        judged.effects,
        judged.findings if findings is None else findings,
        judged.executing,
        judged.secrets,
        untouched,
    )


def _unread_draft(left: Picture, too_much: str) -> Draft:
    """Say of every site that it may be touched: the tree is too big to be read."""
    effects = tuple(Effect(site, unread=True) for site in left.view.sites)
    return Draft("", (), effects, (Finding(".", None, Level.ERROR, too_much),))
