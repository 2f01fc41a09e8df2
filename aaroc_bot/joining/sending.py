"""Having GitHub do what was decided: an invitation, or a place in a site's team."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.joining import Join, JoinState
from aaroc_bot.core.ports import JoinOutcome, NotJoined, People, Unavailable, WhyNotJoined
from aaroc_bot.core.rights import Membership, Standing
from aaroc_bot.github.api import Refused
from aaroc_bot.github.cache import CannotTell
from aaroc_bot.github.directory import Team
from aaroc_bot.github.invitations import Invitations
from aaroc_bot.joining.steps import Steps
from aaroc_bot.store import joins
from aaroc_bot.store.database import Database
from aaroc_bot.store.frozen import is_frozen


class Teams(Protocol):
    """Which team counts for a site (github/roster.py)."""

    async def team_of(self, site: str) -> Team | None:
        """Give it; None where there is none. Raises `CannotTell`."""
        ...


@dataclass(frozen=True, slots=True)
class _Became:
    """The state that follows, what the record says of it, and what is answered."""

    state: JoinState
    outcome: str
    answer: JoinOutcome | NotJoined


INVITED = _Became(JoinState.INVITED, "the invitation is sent", JoinOutcome.INVITED)
MEMBER = _Became(JoinState.JOINED, "joined", JoinOutcome.MEMBER)
IN_TEAM = _Became(JoinState.JOINED, "joined", JoinOutcome.IN_TEAM)
NO_MEMBER = _Became(JoinState.WELCOMED, "is no member, so an expert decides", JoinOutcome.WELCOMED)


class Sending:
    """Sends what stands as `SENDING`, one after the other: it looks first, so nothing goes twice.

    Another process may send the same at the same time. GitHub takes one of the two, and who
    is refused looks again.
    """

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
        self._turn = asyncio.Lock()

    async def has_team(self, site: str) -> bool:
        """Say whether a team counts for a site. Raises `Unavailable`."""
        try:
            return await self._teams.team_of(site) is not None
        except CannotTell as problem:
            raise Unavailable("GitHub", problem.since) from problem

    async def send(self, id: int) -> JoinOutcome | NotJoined:
        """Send it, whatever of it was sent before; one that is not to be sent stays as it is.

        Where GitHub is silent it is to be sent still; where it says no, the decision can be
        taken again. The invitation goes to the numeric id, and needs an expert's word.
        """
        async with self._turn:
            async with self._database.read() as connection:
                join = await joins.load(connection, id)
                void = await self._void(connection, join) if join else None
            if join is None or join.state is not JoinState.SENDING:
                return _stands(join)
            try:
                became = void or await self._send(join)
            except Refused as no:
                became = _refused(join, no)
            except (Unavailable, CannotTell):
                return JoinOutcome.SENDING
            await self._note(join, became)
            return became.answer

    async def _send(self, join: Join) -> _Became:
        now = await self._look(join)
        if now.frozen:
            answer = NotJoined(WhyNotJoined.FROZEN, join.person)
            return _Became(JoinState.OVER, "frozen", answer)
        team = await self._teams.team_of(join.site) if join.site else None
        if join.site and team is None:
            answer = NotJoined(WhyNotJoined.NO_TEAM, join.person, site=join.site)
            return _Became(JoinState.OVER, f"{join.site} has no team that counts", answer)
        if now.membership is Membership.MEMBER:
            return await self._member(join, now, team)
        if join.invited_by is None:
            return NO_MEMBER  # a site's word brings nobody into the organisation
        if now.membership is Membership.OUTSIDER:
            return await self._invite(join, team)
        return INVITED

    async def _look(self, join: Join) -> Standing:
        now = await self._people.of_person(join.person, now=True)
        if now.frozen:
            return now
        if now.membership is Membership.CANNOT_TELL or not now.fresh or now.person is None:
            raise Unavailable("GitHub", now.silent_since)
        return now

    async def _invite(self, join: Join, team: Team | None) -> _Became:
        try:
            await self._invitations.invite(join.person.id, [team.id] if team else [])
        except Refused:
            now = await self._look(join)  # somebody may have been faster
            if now.membership is Membership.MEMBER:
                return await self._member(join, now, team)
            if now.membership is not Membership.PENDING:
                raise
        return INVITED

    async def _member(self, join: Join, now: Standing, team: Team | None) -> _Became:
        if team is None:
            return MEMBER
        if now.sites is None or join.site not in now.sites:
            await self._invitations.into_team(team.id, now.person or join.person)
            await self._people.of_person(join.person, now=True)  # what they may now is read anew
        return IN_TEAM

    async def _void(self, connection: AsyncConnection, join: Join) -> _Became | None:
        """Say whether who welcomed or invited is frozen: then it is decided anew."""
        why = "who decided is frozen, so it is decided anew"
        answer = NotJoined(WhyNotJoined.VOID, join.person)
        if join.welcomed_by and await is_frozen(connection, join.welcomed_by.id):
            return _Became(JoinState.ASKED, why, answer)
        if join.invited_by and await is_frozen(connection, join.invited_by.id):
            return _Became(_before(join), why, answer)
        return None

    async def _note(self, join: Join, became: _Became) -> None:
        async with self._database.write() as connection:
            if became.state in {JoinState.ASKED, JoinState.WELCOMED}:
                await self._steps.back(connection, join, became.state, became.outcome)
            else:
                why = became.outcome if became.state is JoinState.OVER else ""
                await self._steps.move(connection, join, became.state, became.outcome, why=why)
        self._steps.box.wake()


def _stands(join: Join | None) -> JoinOutcome:
    """Say what somebody else's sending came to meanwhile."""
    match join.state if join else None:
        case JoinState.INVITED:
            return JoinOutcome.INVITED
        case JoinState.JOINED:
            return JoinOutcome.IN_TEAM if join and join.site else JoinOutcome.MEMBER
    return JoinOutcome.STANDS


def _before(join: Join) -> JoinState:
    """Give the state in which the last decision was taken."""
    return JoinState.WELCOMED if join.welcomed_by and join.invited_by else JoinState.ASKED


def _refused(join: Join, no: Refused) -> _Became:
    """Keep of GitHub's no its number alone: its words are for who asked, and redacted there."""
    answer = NotJoined(WhyNotJoined.REFUSED, join.person, detail="; ".join(no.errors) or no.message)
    return _Became(_before(join), f"GitHub refused it ({no.status})", answer)
