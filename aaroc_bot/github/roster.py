"""Who is in which of the teams that count: the experts' and the sites'."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from aaroc_bot.core.rights import Person
from aaroc_bot.github.cache import CannotTell, Known
from aaroc_bot.github.directory import Directory, Team

T = TypeVar("T")

SiteTeams = Callable[[], Awaitable[Mapping[str, str | None]]]
"""Every site's name, with the slug of the team that the accepted rules name for it, if any.

Raises `core.ports.Unavailable` when the sites are not known.
"""


@dataclass(frozen=True, slots=True)
class Experts:
    """The experts' team's slug with its people, and since when GitHub is silent about them."""

    people: Mapping[str, tuple[Person, ...]]
    silent_since: datetime | None

    def all(self) -> tuple[Person, ...]:
        """List the experts."""
        return tuple(person for people in self.people.values() for person in people)


@dataclass(frozen=True, slots=True)
class Admins:
    """For each site its teams' slugs (none: nobody looks after it), and who is in each team."""

    teams: Mapping[str, frozenset[str]]
    people: Mapping[str, tuple[Person, ...]]
    silent_since: datetime | None

    def of(self, site: str) -> tuple[Person, ...]:
        """List a site's people, each once."""
        found = {p.id: p for slug in self.teams.get(site, ()) for p in self.people[slug]}
        return tuple(found.values())

    def by(self, person: int) -> frozenset[str]:
        """Give the sites whose teams a person is in, by GitHub id."""
        return frozenset(s for s in self.teams if any(p.id == person for p in self.of(s)))


class Roster:
    """Reads the teams. Everything raises `cache.CannotTell`."""

    def __init__(
        self, directory: Directory, *, experts_team: str, sites_team: str, site_teams: SiteTeams
    ) -> None:
        """Take the slugs of the experts' team and of the parent of the sites' teams."""
        self._directory = directory
        self._experts_team = experts_team
        self._sites_team = sites_team
        self._site_teams = site_teams

    async def experts(self, *, now: bool = False) -> Experts:
        """Read the experts' team. One that GitHub does not show says nothing about anybody."""
        if not self._experts_team:
            raise CannotTell("AAROC_GITHUB__EXPERTS_TEAM is not set", None)
        known = await self._directory.members(self._experts_team, now=now)
        people = {self._experts_team: _seen(known, self._experts_team)}
        return Experts(people, known.silent_since)

    async def admins(self, *, now: bool = False) -> Admins:
        """Read every site's teams: the one that the rules name, and the one of its name."""
        sites = await self._site_teams()
        children, since = await self._children(now)
        named = await self._named({slug for slug in sites.values() if slug}, now)
        by_name = {team.name.casefold(): team.slug for team in children}
        teams = {
            site: frozenset(
                found
                for found in (by_name.get(site.casefold()), named.get(slug or ""))
                if found is not None
            )
            for site, slug in sites.items()
        }
        slugs = sorted(frozenset[str]().union(*teams.values()))
        read = await asyncio.gather(*(self._directory.members(s, now=now) for s in slugs))
        return Admins(
            teams,
            {slug: known.values or () for slug, known in zip(slugs, read, strict=True)},
            earliest(since, *(known.silent_since for known in read)),
        )

    async def team_of(self, site: str) -> Team | None:
        """Find the team into which people of a site are invited, as GitHub has it now.

        The one that the rules name comes before the one of the site's name; None: no team
        counts. Raises `CannotTell` too where this is only what was known before.
        """
        slug = (await self._site_teams()).get(site)
        if slug:
            known = await self._directory.named(slug, now=True)
            _fresh(known)
            if known.values:
                return known.values[0]
        if not self._sites_team:
            return None
        below = await self._directory.children(self._sites_team, now=True)
        _fresh(below)
        wanted = site.casefold()
        teams = _seen(below, self._sites_team)
        return next((team for team in teams if team.name.casefold() == wanted), None)

    async def _children(self, now: bool) -> tuple[tuple[Team, ...], datetime | None]:
        if not self._sites_team:
            return (), None
        known = await self._directory.children(self._sites_team, now=now)
        return _seen(known, self._sites_team), known.silent_since

    async def _named(self, slugs: set[str], now: bool) -> dict[str, str]:
        """Find the teams that the rules name; one that is gone or replaced is left out."""
        wanted = sorted(slugs)
        read = await asyncio.gather(*(self._directory.named(slug, now=now) for slug in wanted))
        return {
            slug: team.slug
            for slug, known in zip(wanted, read, strict=True)
            for team in known.values or ()
        }


def earliest(*times: datetime | None) -> datetime | None:
    """Give the earliest of the times that are known."""
    return min((time for time in times if time), default=None)


def _fresh(known: Known[T]) -> None:
    if known.silent_since is not None:
        raise CannotTell("GitHub does not answer", known.silent_since)


def _seen(known: Known[T], slug: str) -> tuple[T, ...]:
    if known.values is None:
        raise CannotTell(f"the bot cannot see the team {slug} on GitHub", known.silent_since)
    return known.values
