"""One step of a wish to join: its row, its card and its audit event, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.joining import Join, JoinState
from aaroc_bot.core.rights import Standing
from aaroc_bot.github.nobody import AT_THE_MACHINE
from aaroc_bot.outbox import Outbox
from aaroc_bot.store import joins
from aaroc_bot.store.audit import append_in

CARD = "join"
NEWS = "join-news"
WAITS = "join-waits"
"""Rings who can take the next step, in the card's thread: a card itself rings nobody."""
TOLD = (JoinState.INVITED, JoinState.JOINED, JoinState.OVER)
"""States that the one who asked is told of by themselves: they may not be in the channel."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Makes the steps; the record's event is written last in each (store/audit.py)."""

    box: Outbox
    now: Callable[[], datetime]

    async def begin(self, connection: AsyncConnection, by: Standing, site: str) -> Join:
        """Keep that somebody asks."""
        assert by.person is not None  # who is nobody is told to log in
        join = await joins.begin(connection, by.person, site, by.account, self.now())
        outcome = f"asks to join{f' for {site}' if site else ''}"
        await self._tell(connection, join, JoinState.ASKED, by, outcome)
        return join

    async def move(
        self,
        connection: AsyncConnection,
        join: Join,
        then: JoinState,
        outcome: str,
        *,
        by: Standing | None = None,
        **values: object,
    ) -> bool:
        """Take it to `then`; False if it is no longer where it was read.

        What the one who asked did themselves they are not told.
        """
        if not await joins.move(connection, join, then, self.now(), values):
            return False
        theirs = by is not None and by.person is not None and by.person.id == join.person.id
        if then in TOLD and not theirs and join.account.chat != AT_THE_MACHINE:
            data = {"state": then.value, "site": join.site, "why": outcome}
            await self.box.tell(connection, NEWS, f"{join.id} {then}", data, join.account)
        await self._tell(connection, join, then, by, outcome)
        return True

    async def back(
        self, connection: AsyncConnection, join: Join, then: JoinState, why: str
    ) -> bool:
        """Take it back to `ASKED` or `WELCOMED`: what was decided after that is void."""
        values: dict[str, Any] = {"invited_by": None, "invited_login": None, "why": why}
        if then is JoinState.ASKED:
            values |= {"welcomed_by": None, "welcomed_login": None}
        return await self.move(connection, join, then, why, **values)

    async def _tell(
        self,
        connection: AsyncConnection,
        join: Join,
        now: JoinState,
        by: Standing | None,
        outcome: str,
    ) -> None:
        card = str(join.id)
        await self.box.bump(connection, CARD, card)
        if now in {JoinState.ASKED, JoinState.WELCOMED}:
            subject = f"{card} {now}"
            await self.box.notice(connection, WAITS, subject, {}, under=(CARD, card))
        who = by.person if by else None
        event = Event(
            What.JOINING,
            self.now(),
            account=str(by.account) if by else "",
            person=who.id if who else None,
            login=who.login if who else "",
            operator=(by.operator or "") if by else "",
            site=join.site,
            text=f"{join.person.login} ({join.person.id})",
            outcome=outcome,
        )
        await append_in(connection, event)
