"""What one bot hears of GitHub, the one that keeps looks at."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store import marks
from aaroc_bot.store.database import Database

log = logging.getLogger(__name__)

GITHUB = "github"
"""The mark that gets a new value each time."""

EVERY = 1.0
"""Seconds between looks at it."""


class Nudging:
    """Has the one that keeps look at GitHub now rather than at its next time."""

    def __init__(
        self,
        database: Database,
        looks: tuple[Callable[[], Awaitable[None]], ...],
        clock: Callable[[], datetime],
    ) -> None:
        """`looks` are what it does then, each raising `Unavailable`."""
        self._database = database
        self._looks = looks
        self._clock = clock

    async def tell(self) -> None:
        """Have it look. Raises `Unavailable`."""
        async with self._database.write() as connection:
            await marks.put(connection, GITHUB, secrets.token_hex(8), self._clock())

    async def run(self) -> None:
        """Look whenever another bot tells so, until cancelled. For the one that keeps."""
        known: str | None = None
        while True:
            try:
                async with self._database.read() as connection:
                    found = await marks.read(connection, GITHUB)
                if found != known:
                    known = found
                    await self.look()
            except Unavailable as away:
                log.warning("%s does not answer; GitHub is looked at later", away.what)
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Look at all of it now. Raises `Unavailable`."""
        for look in self._looks:
            await look()
