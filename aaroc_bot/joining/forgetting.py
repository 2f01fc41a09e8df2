"""What one bot learns about people by a webhook, the others forget too."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from datetime import datetime

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store import marks
from aaroc_bot.store.database import Database

log = logging.getLogger(__name__)

PEOPLE = "people"
"""The mark that gets a new value each time."""

EVERY = 1.0
"""Seconds between looks at it."""


class Forgetting:
    """Has everything about people asked anew, in every bot on this database."""

    def __init__(
        self, database: Database, forget: Callable[[], None], clock: Callable[[], datetime]
    ) -> None:
        """`forget` does so in this process."""
        self._database = database
        self._forget = forget
        self._clock = clock
        self._known: str | None = None

    async def tell(self) -> None:
        """Forget here, and have every other bot forget. Raises `Unavailable`."""
        self._forget()
        async with self._database.write() as connection:
            await marks.put(connection, PEOPLE, secrets.token_hex(8), self._clock())

    async def run(self) -> None:
        """Forget whenever a bot tells so, until cancelled; and where that cannot be seen."""
        while True:
            try:
                async with self._database.read() as connection:
                    found = await marks.read(connection, PEOPLE)
            except Unavailable as away:
                log.warning("%s does not answer; people are asked for anew", away.what)
                self._forget()
            else:
                if found != self._known:
                    self._known = found
                    self._forget()
            await asyncio.sleep(EVERY)
