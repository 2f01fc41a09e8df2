"""The rounds of the one that keeps: end what is over, say why others wait, let the rest go.

The rows are the truth; this only looks at them, and how often makes no difference. Whose
turn it is decides `core.turns`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.run import State
from aaroc_bot.core.turns import Go, Stay, turns
from aaroc_bot.engine.clearing import Clearing
from aaroc_bot.engine.looking import Looking
from aaroc_bot.engine.seam import Deliverer
from aaroc_bot.runs.moves import Moves
from aaroc_bot.runs.telling import say
from aaroc_bot.store.database import Database

logger = logging.getLogger(__name__)

POLL = 0.5
"""Seconds between looks for what another process asked."""

ABOUT = timedelta(minutes=1)
"""By how much the time at which a turn is likely to come may be wrong on a card."""


class Round:
    """Goes round until cancelled. `bell` rings when there may be something to do."""

    def __init__(
        self,
        database: Database,
        moves: Moves,
        *,
        looking: Looking,
        clearing: Clearing,
        deliverer: Deliverer,
        bell: asyncio.Event,
        first: Sequence[Callable[[], Awaitable[object]]] = (),
    ) -> None:
        """Take what is done `first` on each round: ending what is over, reminding."""
        self._database = database
        self._moves = moves
        self._looking = looking
        self._clearing = clearing
        self._deliverer = deliverer
        self._bell = bell
        self._first = tuple(first)

    async def run(self) -> None:
        """Look, again and again; what goes wrong once is tried again."""
        try:
            while True:
                try:
                    await self.step()
                except Unavailable as problem:
                    logger.warning("the rounds wait for %s", problem.what)
                except Exception:
                    logger.exception("a round stumbled")
                try:
                    async with asyncio.timeout(POLL):  # `wait_for` of 3.11 can lose a cancel
                        await self._bell.wait()
                except TimeoutError:
                    continue
                self._bell.clear()
        finally:
            await self._clearing.close()

    async def step(self) -> None:
        """Look once."""
        for work in self._first:
            await self._try(work)
        seen = await self._looking.look(self._clearing.numbers)
        plans = {one.number for one in seen.facts.waiting if one.plan}
        for verdict in turns(seen.facts):
            if isinstance(verdict, Stay):
                if not _is_told(verdict, seen.told):
                    await self._say(verdict, plans)
            elif verdict.number in plans:
                await self._plan(verdict)
            else:
                self._clearing.begin(verdict.number, verdict.queue)
        for number in seen.renewing:
            self._clearing.begin(number, None)

    async def _try(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do what comes first; if that cannot be done, the rest of the round goes on."""
        try:
            await work()
        except Unavailable as problem:
            logger.warning("a part of the rounds waits for %s", problem.what)
        except Exception:
            logger.exception("a part of a round stumbled")

    async def _plan(self, go: Go) -> None:
        async with self._database.write() as connection:
            await self._deliverer.deliver(connection, go.number, go.queue)
        self._deliverer.wake()

    async def _say(self, stay: Stay, plans: set[int]) -> None:
        state = State.PLANNING if stay.number in plans else State.QUEUED
        async with self._database.write() as connection:
            said = await say(
                self._moves, connection, stay.number, state, stay.reason, turn_at=stay.turn_at
            )
        if said:
            self._moves.cards.wake()


def _is_told(stay: Stay, told: Mapping[int, tuple[str, datetime | None]]) -> bool:
    """Whether it stands there already, with a time that is still about right."""
    reason, turn_at = told[stay.number]
    if turn_at is None or stay.turn_at is None:
        return reason == stay.reason and turn_at is stay.turn_at
    return reason == stay.reason and abs(turn_at - stay.turn_at) < ABOUT
