"""What one bot hears of GitHub, the one that keeps looks at."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.joining.bell import EVERY, Bell
from aaroc_bot.store.database import Database

log = logging.getLogger(__name__)

GITHUB = "github"
"""The mark that gets a new value each time."""


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
        await Bell(self._database, GITHUB, self._clock).ring()

    async def run(self) -> None:
        """Look whenever another bot tells so, until cancelled. For the one that keeps."""
        bell = Bell(self._database, GITHUB, self._clock)  # who begins to keep looks anew
        while True:
            try:
                if await bell.rang():
                    await self.look()
            except Unavailable as away:
                log.warning("%s does not answer; GitHub is looked at later", away.what)
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Look at all of it now. Raises `Unavailable`."""
        for look in self._looks:
            await look()
