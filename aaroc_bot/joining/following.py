"""What becomes of wishes to join: sent again after a fall, accepted, or over."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from aaroc_bot.core.joining import Join, JoinState
from aaroc_bot.core.ports import NotJoined, People, Unavailable
from aaroc_bot.core.rights import Membership, Standing
from aaroc_bot.github.api import Refused
from aaroc_bot.github.invitations import Invitations
from aaroc_bot.joining.sending import Sending
from aaroc_bot.joining.steps import Steps
from aaroc_bot.store import joins
from aaroc_bot.store.database import Database

log = logging.getLogger(__name__)

WAITS = timedelta(days=14)
"""How long each decision is waited for; GitHub's own invitations end after seven days."""


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
        """Look at each of them once; one that fails keeps no other. Raises `Unavailable`."""
        async with self._database.read() as connection:
            found = await joins.waiting(connection)
        away: Unavailable | None = None
        for join in found:
            try:
                await self._see_to(join)
            except Unavailable as problem:
                away = problem
            except Exception:
                log.exception("the wish %s to join could not be looked at", join.id)
        if away is not None:
            raise away

    async def _see_to(self, join: Join) -> None:
        standing = await self._people.of_person(join.person)
        if standing.frozen:
            await self._move(join, JoinState.OVER, "frozen")
        elif join.state is not JoinState.INVITED and self._clock() - join.changed_at > WAITS:
            await self._move(join, JoinState.OVER, f"nothing came of it in {WAITS.days} days")
        elif join.state is JoinState.SENDING:
            answer = await self._sending.send(join.id)
            if isinstance(answer, NotJoined):
                log.warning("nothing was sent to %s: %s", join.person.id, answer.why.value)
        elif _became(join, standing) is not None:
            await self._settle(join)

    async def _settle(self, join: Join) -> None:
        """Go by what GitHub says this moment: what was known a minute ago ends nothing."""
        standing = await self._people.of_person(join.person, now=True)
        became = _became(join, standing)
        if became is None:
            return
        if became is JoinState.OVER:
            if not await self._is_gone(standing):
                return
            await self._move(join, became, "it was declined, taken back or not accepted in time")
        elif became is JoinState.ASKED:
            async with self._database.write() as connection:
                why = f"in the organisation now, but not in the team of {join.site}"
                await self._steps.back(connection, join, became, why)
            self._steps.box.wake()
        else:
            await self._move(join, became, became.value)

    async def _is_gone(self, standing: Standing) -> bool:
        """Whether GitHub lists no invitation of theirs: two questions, lest one be answered late."""
        try:
            waiting = await self._invitations.waiting()
        except Refused as no:
            log.warning("the invitations cannot be read: %s", no.status)
            return False
        return standing.person is not None and standing.person.login.casefold() not in waiting

    async def _move(self, join: Join, then: JoinState, outcome: str) -> None:
        why = outcome if then is JoinState.OVER else ""
        async with self._database.write() as connection:
            await self._steps.move(connection, join, then, outcome, why=why)
        self._steps.box.wake()


def _became(join: Join, standing: Standing) -> JoinState | None:
    """Say what became of a wish by what GitHub says; None: nothing that is known for sure.

    Who is a member now, but was let in without the site's team, is welcomed to it anew.
    """
    if not standing.fresh or standing.sites is None:
        return None
    invited = join.state is JoinState.INVITED
    match standing.membership:
        case Membership.MEMBER if not join.site or join.site in standing.sites:
            return JoinState.JOINED
        case Membership.MEMBER if invited:
            return JoinState.ASKED
        case Membership.PENDING if not invited and not join.site:
            return JoinState.INVITED
        case Membership.OUTSIDER if invited:
            return JoinState.OVER
    return None
