"""A trial write: a database that can be read may still be full or read-only."""

import asyncio
import math
import time

from sqlalchemy import text

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.database import Database

EVERY = 5.0
"""Seconds for which one trial answers all who ask: a monitor must not keep the disk busy."""

# Committed, for a full disk shows itself only there. It changes nothing, whatever came first.
NOTHING = text("UPDATE alembic_version SET version_num = version_num")


class Trial:
    """Tells whether a write would be committed now."""

    def __init__(self, database: Database) -> None:
        """Try nothing yet."""
        self._database = database
        self._turn = asyncio.Lock()
        self._tried_at = -math.inf
        self._away: Unavailable | None = None

    async def write(self) -> None:
        """Raise `Unavailable` if nothing can be written."""
        async with self._turn:
            if time.monotonic() - self._tried_at >= EVERY:
                self._away = await self._tried()
                self._tried_at = time.monotonic()
        if self._away is not None:
            raise Unavailable(self._away.what) from self._away

    async def _tried(self) -> Unavailable | None:
        try:
            async with self._database.write() as connection:
                await connection.execute(NOTHING)
        except Unavailable as away:
            return away
        return None
