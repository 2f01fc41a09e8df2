"""Having GitHub do what was decided: an invitation, or a place in a site's team."""

from typing import Protocol

from aaroc_bot.core.joining import Join, JoinState
from aaroc_bot.core.ports import JoinOutcome, People, Unavailable
from aaroc_bot.core.rights import Membership
from aaroc_bot.github.api import Refused
from aaroc_bot.github.cache import CannotTell
from aaroc_bot.github.directory import Team
from aaroc_bot.github.invitations import Invitations
from aaroc_bot.joining.steps import Steps
from aaroc_bot.store.database import Database


class NotSent(Exception):
    """GitHub did not do it, now; the text says why, for people."""


class Teams(Protocol):
    """Which team counts for a site (github/roster.py)."""

    async def team_of(self, site: str) -> Team | None:
        """Give it; None where there is none. Raises `CannotTell`."""
        ...


class Sending:
    """Sends what stands as `SENDING`. Done twice it does no harm: it looks first."""

    def __init__(
        self,
        database: Database,
        *,
        people: People,
        teams: Teams,
        invitations: Invitations,
        steps: Steps,
    ) -> None:
        self._database = database
        self._people = people
        self._teams = teams
        self._invitations = invitations
        self._steps = steps

    async def has_team(self, site: str) -> bool:
        """Say whether a team counts for a site. Raises `Unavailable`."""
        try:
            return await self._teams.team_of(site) is not None
        except CannotTell as problem:
            raise Unavailable("GitHub", problem.since) from problem

    async def send(self, join: Join) -> JoinOutcome:
        """Send it, whatever of it was sent before. Raises `NotSent`.

        Where GitHub is silent it stays as it is, to be sent later; where it says no, the
        decision can be taken again.
        """
        try:
            return await self._send(join)
        except Refused as no:
            before = JoinState.WELCOMED if join.welcomed_by else JoinState.ASKED
            await self._note(join, before, f"GitHub refused: {no.message}")
            raise NotSent(no.message) from no
        except (Unavailable, CannotTell):
            raise NotSent("GitHub does not answer; I go on trying") from None

    async def _send(self, join: Join) -> JoinOutcome:
        now = await self._people.of_person(join.person, now=True)
        if now.membership is Membership.CANNOT_TELL or not now.fresh or now.person is None:
            raise Unavailable("GitHub", now.silent_since)
        team = await self._teams.team_of(join.site) if join.site else None
        if join.site and team is None:
            await self._note(join, JoinState.OVER, "no team", f"{join.site} has no team any more")
            raise NotSent(f"{join.site} has no team any more")
        if now.membership is Membership.MEMBER:
            if team is not None:
                await self._invitations.into_team(team.id, now.person)
            await self._note(join, JoinState.JOINED, "joined")
            return JoinOutcome.IN_TEAM
        if now.membership is Membership.OUTSIDER:
            await self._invitations.invite(join.person.id, [team.id] if team else [])
        await self._note(join, JoinState.INVITED, "the invitation is sent")
        return JoinOutcome.INVITED

    async def _note(self, join: Join, then: JoinState, outcome: str, why: str = "") -> None:
        async with self._database.write() as connection:
            await self._steps.move(connection, join, then, outcome, why=why)
        self._steps.box.wake()
