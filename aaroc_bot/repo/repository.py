"""The DevOps repository as the rest of the bot sees it: fills the `Sites` port.

What is asked is answered from the last view; `refresh` and a newly accepted revision of
the rules make a new one, which only what changed has to be read for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aaroc_bot.core.ports import Behind
from aaroc_bot.core.redaction import secret_values
from aaroc_bot.core.sites import Finding, Level, Revision, Site
from aaroc_bot.repo.git import GitFault
from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.rulebook import PATHS, Rulebook, read_rulebook
from aaroc_bot.repo.view import View, view

Accepted = Callable[[], Awaitable[str | None]]
"""Gives the sha at which rules were last accepted; None: the newest counts."""

Learn = Callable[[frozenset[str]], Awaitable[None]]
"""Is told what is secret before anything of it can be shown."""


@dataclass(frozen=True, slots=True)
class _State:
    revision: Revision
    accepted: str
    rules: Rulebook
    view: View
    sites: tuple[Site, ...]
    secrets: frozenset[str]


class Repository:
    """The sites at the newest revision, under the rules accepted last."""

    def __init__(
        self, mirror: Mirror, reader: Reader, accepted: Accepted, learn: Learn | None = None
    ) -> None:
        """Read through `reader` what `mirror` has; `learn` may be None where nothing is shown."""
        self.learn = learn
        self.mirror = mirror
        self.reader = reader
        self._accepted = accepted
        self._state: _State | None = None
        self._turn = asyncio.Lock()

    async def refresh(self) -> bool:
        """Fetch, and read what is new; True if the newest commit moved.

        A repository that does not answer leaves everything as it was. Raises
        `Unavailable` when it was never read.
        """
        before = self._state.revision.sha if self._state else None
        await self.mirror.refresh()
        newest = await self.mirror.newest()
        await self._current(newest)
        return newest.sha != before

    async def newest(self) -> Revision:
        """Give the newest known revision."""
        return (await self._current()).revision

    async def all(self) -> Sequence[Site]:
        """Give every site, by name."""
        return (await self._current()).sites

    async def variables(self, site: str) -> Mapping[str, Mapping[str, object]]:
        """Give each host's effective variables. Raises KeyError for an unknown site."""
        seen = (await self._current()).view
        return seen.readings[seen.sites[site].inventory].variables

    async def revision_named(self, typed: str) -> Revision | None:
        """Give the commit of the default branch whose sha begins so, None if there is none."""
        found = await self.mirror.revision(typed)
        return found if found and await self.mirror.contains(found.sha) else None

    async def behind(self, site: str, sha: str) -> Behind:
        """Count the commits after `sha`, and those that touch what the site reads.

        Both are unknown where `sha` is not on the default branch (any more).
        """
        state = await self._current()
        try:
            if not await self.mirror.contains(sha):
                return Behind(None, None)
            newest = state.revision.sha
            paths = paths_of(state.view, site)
            return Behind(
                await self.mirror.count(sha, newest), await self.mirror.count(sha, newest, paths)
            )
        except GitFault:
            return Behind(None, None)

    async def findings(self) -> Sequence[Finding]:
        """Give what is broken and belongs to no site."""
        return (await self._current()).view.findings

    async def secrets(self) -> frozenset[str]:
        """Give the values of everything named like a secret or vaulted, over all sites."""
        return (await self._current()).secrets

    async def accepted(self) -> str:
        """Give the sha whose rules are in force."""
        return (await self._current()).accepted

    async def rulebook(self, sha: str | None = None) -> Rulebook:
        """Give the rules in force, or those of a revision. Raises `Unavailable`."""
        if sha is None:
            return (await self._current()).rules
        return await read_rulebook(await self.mirror.tree(sha))

    async def view_at(self, sha: str) -> View:
        """Read a revision under the rules in force. Raises `Unavailable` if it is unknown."""
        state = await self._current()
        if sha == state.revision.sha:
            return state.view
        return await view(await self.mirror.tree(sha), state.rules, self.reader)

    async def rule_commits(self, since: str | None, until: str) -> tuple[Revision, ...]:
        """Give the commits of `until` that touch the rules and that `since` does not have."""
        return await self.mirror.commits_touching(PATHS, since, until)

    async def rule_difference(self, old: str, new: str) -> str:
        """Give the unified difference of the rules' files between two commits."""
        return await self.mirror.difference(PATHS, old, new)

    async def _current(self, newest: Revision | None = None) -> _State:
        """Give the state, made anew if the newest commit or the accepted one moved.

        Who only reads is answered at once while a newer state is being made.
        """
        state = self._state
        if newest is None and state:
            accepted = await self._accepted() or state.revision.sha
            if accepted == state.accepted:
                return state
        async with self._turn:
            state = self._state
            if newest is None:
                newest = state.revision if state else await self._first()
            accepted = await self._accepted() or newest.sha
            if state and state.revision.sha == newest.sha and state.accepted == accepted:
                return state
            read = await self._read(newest, accepted)
            if self.learn:
                await self.learn(read.secrets)
            self._state = read
            return read

    async def _first(self) -> Revision:
        if not await self.mirror.known():
            await self.mirror.refresh()
        return await self.mirror.newest()

    async def _read(self, newest: Revision, accepted: str) -> _State:
        rules = await self._rules(accepted)
        seen = await view(await self.mirror.tree(newest.sha), rules, self.reader)
        tree = await self.mirror.tree(newest.sha)
        contents = await tree.read([*seen.found.variables, *seen.found.inventories])
        secrets = await asyncio.to_thread(_secrets, seen, self.reader, contents)
        self.reader.keep_only_used()
        return _State(newest, accepted, rules, seen, tuple(seen.sites.values()), secrets)

    async def _rules(self, accepted: str) -> Rulebook:
        """Read the accepted rules; a revision that vanished gives none, and says so."""
        if await self.mirror.revision(accepted) is None:
            what = f"the accepted revision {accepted[:7]} is gone; no rules of the repository count"
            return Rulebook(findings=(Finding(".aaroc.yml", None, Level.ERROR, what),))
        return await read_rulebook(await self.mirror.tree(accepted))


def _secrets(seen: View, reader: Reader, contents: Mapping[str, bytes]) -> frozenset[str]:
    """Find them in what is in effect, in the text of every file, read or not, and in vaults.

    What a vault holds is secret whatever its name, but not the names of sites, groups and
    hosts, which the bot has to say.
    """
    names = {name for site in seen.sites.values() for name in (site.name, *site.aliases)}
    for one in seen.readings.values():
        names |= {*one.groups, *one.variables}
    vaulted = frozenset().union(*(one.secrets for one in seen.readings.values())) - names
    hosts = [host for one in seen.readings.values() for host in one.variables.values()]
    written = [
        {one.name: one.value}
        for path, content in contents.items()
        for one in reader.describe(path, content).assignments
    ]
    return vaulted.union(*map(secret_values, [*hosts, *written]))


def paths_of(seen: View, site: str) -> list[str]:
    """Give the paths that describe a site and no other thing: inventory, variables, Puppet's.

    Raises KeyError for an unknown site.
    """
    reading = seen.readings[seen.sites[site].inventory]
    return [reading.inventory, *reading.files, f"{seen.found.puppet}/{site}", f"sites/{site}"]
