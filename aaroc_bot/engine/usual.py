"""How long such a run usually takes, kept for a while: the rounds ask often."""

import asyncio
from datetime import timedelta

from aaroc_bot.runs.reading import RunReader
from aaroc_bot.store.database import Database

KEPT = 60.0
"""Seconds for which an answer is good."""


class Usual:
    """Gives the median duration of past runs, asking the database seldom."""

    def __init__(self, database: Database) -> None:
        self._reader = RunReader(database)
        self._known: dict[tuple[str, str, str], tuple[float, timedelta | None]] = {}

    async def of(self, verb: str, word: str, site: str) -> timedelta | None:
        """Give it for an entry at a site; None where no run of it succeeded there."""
        key, now = (verb, word, site), asyncio.get_running_loop().time()
        known = self._known.get(key)
        if known is None or known[0] < now - KEPT:
            known = self._known[key] = (now, await self._reader.usual(verb, word, site))
        return known[1]
