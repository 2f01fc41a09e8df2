"""Signs of life: that this process lives, and what it is for, is known to all on its database."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store import processes
from aaroc_bot.store.database import Database

logger = logging.getLogger(__name__)

AGAIN = 1.0
"""Seconds until it is tried again to make the process known."""


class Signs:
    """Gives a sign every so often, for as long as the process lives."""

    def __init__(
        self,
        database: Database,
        name: str,
        *,
        worker: bool,
        sites: Sequence[str] | None,
        slots: int,
        every: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        """Take the `sites` that this process alone is for (None: it names none).

        `slots` is how many runs it plays at the same time, `every` the time between signs.
        """
        self._database = database
        self._name = name
        self._worker = worker
        self._sites = sites
        self._slots = slots
        self._every = every
        self._now = now
        self._well_since = self._last = time.monotonic()

    def well_since(self) -> float:
        """Say since when (monotonic) each sign was given in time."""
        return self._well_since

    async def begin(self) -> None:
        """Make the process known, however long the database is away."""
        while True:
            if await self._tried(self._begin):
                return
            await asyncio.sleep(AGAIN)

    async def run(self) -> None:
        """Sign until cancelled; who was forgotten meanwhile is made known anew."""
        while True:
            await asyncio.sleep(self._every.total_seconds())
            if not await self._tried(self._sign):
                await self._tried(self._begin)

    async def _tried(self, way: Callable[[], Awaitable[bool]]) -> bool:
        try:
            done = await way()
            now = time.monotonic()
            if now - self._last > 3 * self._every.total_seconds():
                self._well_since = now
            self._last = now
            return done
        except Unavailable as problem:
            logger.warning("no sign of life: %s is away", problem.what)
        except Exception:
            logger.exception("no sign of life")
        return False

    async def _begin(self) -> bool:
        async with self._database.write() as connection:
            await processes.begin(
                connection,
                self._name,
                worker=self._worker,
                sites=self._sites,
                slots=self._slots,
                now=self._now,
            )
        return True

    async def _sign(self) -> bool:
        async with self._database.write() as connection:
            return await processes.sign(connection, self._name, self._now)
