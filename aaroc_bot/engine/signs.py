"""Signs of life: that this process lives, and what it is for, is known to all on its database."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store import processes
from aaroc_bot.store.database import Database

logger = logging.getLogger(__name__)


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

    async def run(self) -> None:
        """Make the process known, then sign until cancelled; what goes wrong is tried again."""
        known = False
        while True:
            try:
                known = await self._sign() if known else await self._begin()
            except Unavailable as problem:
                logger.warning("no sign of life: %s is away", problem.what)
            except Exception:
                logger.exception("no sign of life")
            if known:
                await asyncio.sleep(self._every.total_seconds())
            else:
                await asyncio.sleep(min(1.0, self._every.total_seconds()))

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
