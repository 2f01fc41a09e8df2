"""What becomes of wishes to join: sent again after a fall, accepted, or over."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from aaroc_bot.core.joining import Join, JoinState
from aaroc_bot.core.ports import People, Unavailable
from aaroc_bot.core.rights import Membership
from aaroc_bot.github.api import Refused
from aaroc_bot.github.invitations import Invitations
from aaroc_bot.joining.sending import NotSent, Sending
from aaroc_bot.joining.steps import Steps
from aaroc_bot.store import joins
from aaroc_bot.store.database import Database

log = logging.getLogger(__name__)

WAITS = timedelta(days=14)
"""How long somebody waits to be welcomed or invited; GitHub's invitations end after seven."""


class Following:
    """Looks at what waits every `every`, and at a hint. For who holds the presence alone."""

    def __init__(
        self,
        database: Database,
        *,
        people: People,
        sending: Sending,
        invitations: Invitations,
        steps: Steps,
        clock: Callable[[], datetime],
        every: timedelta,
    ) -> None:
        self._database = database
        self._people = people
        self._sending = sending
        self._invitations = invitations
        self._steps = steps
        self._clock = clock
        self._every = every

    async def run(self) -> None:
        """Follow them until cancelled."""
        while True:
            try:
                await self.look()
            except Unavailable as away:
                log.warning("%s is away; who wants to join waits", away.what)
            except Exception:
                log.exception("the look at who wants to join failed")
            await asyncio.sleep(self._every.total_seconds())

    async def look(self) -> None:
        """Look at each of them once."""
        async with self._database.read() as connection:
            found = await joins.waiting(connection)
        for join in found:
            await self._see_to(join)

    async def _see_to(self, join: Join) -> None:
        match join.state:
            case JoinState.SENDING:
                try:
                    await self._sending.send(join)
                except NotSent as problem:
                    log.warning("an invitation is not sent: %s", problem)
            case JoinState.INVITED:
                await self._invited(join)
            case _:
                await self._waiting(join)

    async def _invited(self, join: Join) -> None:
        """See whether they accepted, or whether GitHub has no invitation for them any more."""
        standing = await self._people.of_person(join.person)
        if not standing.fresh:
            return
        if standing.membership is Membership.MEMBER:
            await self._move(join, JoinState.JOINED, "joined")
        if standing.membership is not Membership.OUTSIDER or standing.person is None:
            return
        try:
            waiting = await self._invitations.waiting()
        except Refused as no:
            log.warning("the invitations cannot be read: %s", no.message)
            return
        if standing.person.login.casefold() not in waiting:
            why = "the invitation was declined, taken back or not accepted in time"
            await self._move(join, JoinState.OVER, why, why)

    async def _waiting(self, join: Join) -> None:
        if self._clock() - join.asked_at > WAITS:
            why = f"nobody decided within {WAITS.days} days"
            await self._move(join, JoinState.OVER, why, why)
            return
        if join.site:
            return
        standing = await self._people.of_person(join.person)
        if standing.fresh and standing.membership is Membership.MEMBER:
            await self._move(join, JoinState.JOINED, "joined")

    async def _move(self, join: Join, then: JoinState, outcome: str, why: str = "") -> None:
        async with self._database.write() as connection:
            await self._steps.move(connection, join, then, outcome, why=why)
        self._steps.box.wake()
