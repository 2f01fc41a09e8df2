"""Clearing: may a run start, as GitHub and the repository say now? Then it is delivered."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.run import Run, State
from aaroc_bot.engine.seam import Deliverer
from aaroc_bot.repo.export import CannotExport
from aaroc_bot.repo.git import GitFault
from aaroc_bot.runs.clearance import Answer, Bound, Clearance, clear, queued
from aaroc_bot.runs.needs import Judge
from aaroc_bot.runs.telling import obstacle, put_off
from aaroc_bot.runs.voiding import void
from aaroc_bot.store.moment import database_now
from aaroc_bot.store.tables import runs

logger = logging.getLogger(__name__)


class Clearing:
    """Clears runs beside the rounds, for GitHub may take its time."""

    def __init__(self, judge: Judge, deliverer: Deliverer, ended: Callable[[], None]) -> None:
        """Deliver by `deliverer` what is cleared; `ended` is called whenever one is done."""
        self._judge = judge
        self._deliverer = deliverer
        self._ended = ended
        self._tasks: dict[int, asyncio.Task[None]] = {}

    @property
    def numbers(self) -> frozenset[int]:
        """The runs that are being cleared now."""
        return frozenset(self._tasks)

    def begin(self, number: int, queue: str | None) -> None:
        """Clear a run and have it delivered; None: it was delivered, and is cleared anew."""
        if number in self._tasks:
            return
        task = asyncio.create_task(self._cleared(number, queue))
        self._tasks[number] = task

        def over(_: asyncio.Task[None]) -> None:
            del self._tasks[number]
            self._ended()

        task.add_done_callback(over)

    async def close(self) -> None:
        """Leave what is not cleared yet to the next who keeps."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _cleared(self, number: int, queue: str | None) -> None:
        """Clear a run and have it delivered; without a queue it was delivered already."""
        try:
            async with self._judge.database.read() as connection:
                found = await queued(connection, number)
            if found is None:
                return
            run, bound = found
            asked_at = await self._clock()
            clearance = await self._clearance(run, bound)
            if clearance.answer is Answer.VOID:
                await void(self._judge.database, self._judge.moves, number, clearance.reason)
            elif clearance.answer is Answer.CANNOT_TELL:
                await self._put_off(number, clearance.reason)
            else:
                await self._deliver(number, queue, asked_at)
        except Unavailable as problem:
            logger.warning("run %s is cleared later: %s does not answer", number, problem.what)
        except Exception:
            logger.exception("run %s cannot be cleared", number)
            await self._put_off(number, "an unexpected fault; it is tried again")

    async def _clearance(self, run: Run, bound: Bound) -> Clearance:
        try:
            return await clear(self._judge, run, bound)
        except (Unavailable, CannotExport, GitFault) as problem:
            return Clearance(Answer.CANNOT_TELL, obstacle(problem))

    async def _put_off(self, number: int, reason: str) -> None:
        await put_off(self._judge.database, self._judge.moves, number, State.QUEUED, reason)

    async def _clock(self) -> datetime:
        async with self._judge.database.read() as connection:
            return await database_now(connection, self._judge.moves.now)

    async def _deliver(self, number: int, queue: str | None, asked_at: datetime) -> None:
        """Note when it was found clear, and have it delivered, in one transaction.

        That is when the first question was put: its answer may be as old as that by now.
        """
        async with self._judge.database.write() as connection:
            noted = await connection.execute(
                update(runs)
                .where(runs.c.number == number, runs.c.state == State.QUEUED.value)
                .values(cleared_at=asked_at)
            )
            if noted.rowcount and queue is not None:
                await self._deliverer.deliver(connection, number, queue)
        self._deliverer.wake()
