"""What one bot learns about people by a webhook, the others forget too."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.joining.bell import EVERY, Bell
from aaroc_bot.store.database import Database

log = logging.getLogger(__name__)

PEOPLE = "people"
"""The mark that gets a new value each time."""


class Forgetting:
    """Has everything about people asked anew, in every bot on this database."""

    def __init__(
        self, database: Database, forget: Callable[[], None], clock: Callable[[], datetime]
    ) -> None:
        """`forget` does so in this process."""
        self._forget = forget
        self._bell = Bell(database, PEOPLE, clock)

    async def tell(self) -> None:
        """Forget here, and have every other bot forget. Raises `Unavailable`."""
        self._forget()
        await self._bell.ring()

    async def run(self) -> None:
        """Forget whenever a bot tells so, until cancelled; and where that cannot be seen."""
        while True:
            try:
                if await self._bell.rang():
                    self._forget()
            except Unavailable as away:
                log.warning("%s does not answer; people are asked for anew", away.what)
                self._forget()
            await asyncio.sleep(EVERY)
