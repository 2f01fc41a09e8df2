"""A word from one bot to the others on a database: a mark that gets a new value."""

import secrets
from collections.abc import Callable
from datetime import datetime

from aaroc_bot.store import marks
from aaroc_bot.store.database import Database

EVERY = 1.0
"""Seconds between looks at one."""


class Bell:
    """Rings in every bot that looks. Its methods raise `Unavailable`."""

    def __init__(self, database: Database, mark: str, clock: Callable[[], datetime]) -> None:
        """`mark` names it."""
        self._database = database
        self._mark = mark
        self._clock = clock
        self._heard: str | None = None

    async def ring(self) -> None:
        """Have it heard by whoever looks next."""
        async with self._database.write() as connection:
            await marks.put(connection, self._mark, secrets.token_hex(8), self._clock())

    async def rang(self) -> bool:
        """Whether it rang since the last look; at the first look, whether it ever did."""
        async with self._database.read() as connection:
            found = await marks.read(connection, self._mark)
        before, self._heard = self._heard, found
        return found != before
