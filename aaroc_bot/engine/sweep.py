"""Noticing who fell: attempts without a sign of life are given up, and their sites freed later.

Only the one that keeps sweeps. A silent process may be dead, frozen, or cut off from the
database; its playbook may live on until the dead-man's limit. So its runs are told to be
interrupted as soon as it is `lost`, and their sites are free only after `free`.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.runs.attempts import LIVING, close_attempt, cut_off
from aaroc_bot.runs.needs import Needs
from aaroc_bot.runs.recovery import PLANS, interrupt, plans_allowed
from aaroc_bot.runs.rows import load
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.moment import database_now
from aaroc_bot.store.tables import attempts, holds

logger = logging.getLogger(__name__)

EVERY = timedelta(seconds=1)


class Sweep:
    """Looks at the signs of life of what is played, again and again."""

    def __init__(
        self,
        needs: Needs,
        *,
        lost: timedelta,
        free: timedelta,
        every: timedelta = EVERY,
        well_since: Callable[[], float] | None = None,
    ) -> None:
        """Take how long silence lasts until a process is `lost` and its sites are `free`.

        `well_since` tells since when (monotonic) this process could sign without a break;
        without it that is taken to begin with `run`.
        """
        self._needs = needs
        self._lost = lost
        self._free = free
        self._every = every
        self._well_since = well_since
        self._last: tuple[float, datetime] | None = None

    async def run(self) -> None:
        """Sweep until cancelled.

        Whoever missed the database for a while cannot tell whether others could sign
        meanwhile, nor can anybody after its clock was set: so it waits one `lost` before
        it judges.
        """
        broken = -self._lost.total_seconds() if self._well_since else time.monotonic()
        while True:
            await asyncio.sleep(self._every.total_seconds())
            try:
                clock = await self._clock()
                if not self._is_in_step(clock):
                    broken = time.monotonic()
                well = max(broken, self._well_since() if self._well_since else broken)
                if time.monotonic() - well >= self._lost.total_seconds():
                    await self._judge(clock)
            except Unavailable as problem:
                logger.warning("the sweep waits for %s", problem.what)
                broken = time.monotonic()
            except Exception:
                logger.exception("the sweep stumbled")
                broken = time.monotonic()

    def _is_in_step(self, clock: datetime) -> bool:
        """Whether this look came in time, and the database's clock went as ours did."""
        now = time.monotonic()
        last, self._last = self._last, (now, clock)
        if last is None:
            return True
        late = 2 * self._needs.heartbeat.total_seconds()
        passed, shown = now - last[0], (clock - last[1]).total_seconds()
        return passed <= self._every.total_seconds() + late and abs(shown - passed) <= late

    async def _clock(self) -> datetime:
        async with self._needs.database.read() as connection:
            return await database_now(connection, self._needs.moves.now)

    async def step(self) -> None:
        """Give up who is lost now, and free what a lost one held for long enough."""
        await self._judge(await self._clock())

    async def _judge(self, clock: datetime) -> None:
        """Judge by the clock that was found good: one that is set meanwhile changes nothing."""
        for rows in await self._silent(LIVING, clock - self._lost):
            await self._alone(self._give_up(rows, clock - self._lost))
        cut = and_(attempts.c.ended_at.is_(None), attempts.c.cut)
        for rows in await self._silent(cut, clock - self._free):
            await self._alone(self._free_sites(rows))
        await self._alone(self._free_nobodys())

    async def _alone(self, judging: Coroutine[Any, Any, None]) -> None:
        """Judge one process; what keeps from it (a row that it locked) keeps from no other."""
        try:
            await judging
        except Unavailable as problem:
            logger.warning("a silent process is judged later: %s does not answer", problem.what)
        except Exception:
            logger.exception("a silent process cannot be judged")

    async def _silent(self, which: ColumnElement[bool], before: datetime) -> list[list[Row[Any]]]:
        """Find the attempts without a sign since then, process by process."""
        async with self._needs.database.read() as connection:
            query = select(attempts).where(which, attempts.c.seen_at < before)
            found = await connection.execute(query.order_by(attempts.c.engine, attempts.c.run))
            return [list(rows) for _, rows in groupby(found.all(), key=lambda row: row.engine)]

    async def _give_up(self, rows: Sequence[Row[Any]], before: datetime) -> None:
        """Mark the attempts of a process that was silent since `before`, end their runs and tell.

        All or nothing. First all runs are locked, in order: whoever writes the record waits for nobody.
        """
        needs = self._needs
        plans = {r.run: await plans_allowed(needs, r.run) for r in rows if r.plan}
        async with needs.database.write() as connection:
            for row in rows:
                await load(connection, row.run, lock=True)
            lost = [r for r in rows if await cut_off(connection, r.run, r.attempt, before)]
            ended = []
            for row in lost:
                run = await load(connection, row.run)
                most = plans.get(row.run, PLANS)
                if run and await interrupt(needs, connection, run, row.attempt, most):
                    ended.append(row.run)
            if ended:
                await self._tell(connection, lost, ended)
        for row in lost:
            logger.warning("%s fell silent while it played run %s", row.engine, row.run)
        needs.moves.cards.wake()

    async def _tell(
        self, connection: AsyncConnection, lost: Sequence[Row[Any]], ended: Sequence[int]
    ) -> None:
        """Say in the channel who fell silent, since when, and when their sites are free."""
        name, since = lost[0].engine, max(row.seen_at for row in lost)
        kept = await connection.scalar(select(holds.c.site).where(holds.c.run.in_(ended)).limit(1))
        free: datetime | None = since + self._free if kept is not None else None
        data = {
            "process": name,
            "since": since.isoformat(),
            "interrupted": list(ended),
            "free": free.isoformat() if free else None,
        }
        moves = self._needs.moves
        await moves.cards.notice(connection, "fallen", f"{name} {since.isoformat()}", data)
        outcome = f"{name} fell silent; {len(ended)} runs were cut off"
        await append_in(connection, Event(What.SYSTEM, moves.now(), outcome=outcome))

    async def _free_sites(self, rows: Sequence[Row[Any]]) -> None:
        for row in rows:
            async with self._needs.database.write() as connection:
                await load(connection, row.run, lock=True)
                now = self._needs.moves.now()
                await close_attempt(connection, row.run, row.attempt, now, cut=True)

    async def _free_nobodys(self) -> None:
        """Free what is held without an attempt that is open: a database that was restored has it."""
        mine = (attempts.c.run == holds.c.run) & (attempts.c.attempt == holds.c.attempt)
        open_ = exists().where(mine, attempts.c.ended_at.is_(None))
        async with self._needs.database.read() as connection:
            none = await connection.scalar(select(holds.c.site).where(~open_).limit(1)) is None
        if none:
            return
        async with self._needs.database.write() as connection:
            await connection.execute(delete(holds).where(~open_))
        logger.warning("sites were freed that nobody held")
