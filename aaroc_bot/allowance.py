"""GitHub's rate limit is told in the ROC's channel before it is used up, once for each window."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.outbox import Outbox
from aaroc_bot.store.database import Database

log = logging.getLogger(__name__)

CARD = "github-limit"

EVERY = 1.0
"""Seconds between looks, which ask GitHub nothing."""

SAME = timedelta(minutes=1)
"""Ends of windows that lie no further apart are one window's: GitHub's may differ by seconds."""


class Limit(Protocol):
    """What GitHub's last answer said of the calls that are left (github/headers.py)."""

    @property
    def remaining(self) -> int:
        """How many GitHub still takes."""
        ...

    @property
    def limit(self) -> int:
        """How many it takes in a window."""
        ...

    @property
    def resets_at(self) -> datetime:
        """When the window ends."""
        ...

    @property
    def low(self) -> bool:
        """Whether few are left."""
        ...


class Allowance:
    """Watches what GitHub says of the limit beside each of its answers."""

    def __init__(
        self,
        database: Database,
        box: Outbox,
        limit: Callable[[], Limit | None],
        now: Callable[[], datetime],
    ) -> None:
        """`limit` gives what the last answer said; None where none said anything yet."""
        self._database = database
        self._box = box
        self._limit = limit
        self._now = now
        self._told: datetime | None = None

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self._look()
            except Unavailable as away:
                log.warning("%s is away; GitHub's rate limit is told later", away.what)
            await asyncio.sleep(EVERY)

    async def _look(self) -> None:
        """Tell that few calls are left, unless that window was told or is over."""
        limit = self._limit()
        if limit is None or not limit.low or limit.resets_at <= self._now():
            return
        if self._told is not None and abs(limit.resets_at - self._told) <= SAME:
            return
        left, until = limit.remaining, limit.resets_at.isoformat()
        log.warning("GitHub takes %d of %d more calls until %s", left, limit.limit, until)
        data = {"remaining": left, "limit": limit.limit, "resets_at": until}
        async with self._database.write() as connection:
            await self._box.notice(connection, CARD, until, data)
        self._told = limit.resets_at
        self._box.wake()
