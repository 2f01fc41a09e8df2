"""Teams that the accepted rules name, kept by numeric id (RULES.md, Rules of the repository)."""

import asyncio
from datetime import datetime

from sqlalchemy import select

from aaroc_bot.store.database import Database
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.tables import teams


class TeamIds:
    """Which team a slug meant when the bot first saw it."""

    def __init__(self, database: Database) -> None:
        """Keep them in `database`."""
        self._database = database
        self._known: dict[str, int] = {}
        self._turn = asyncio.Lock()

    async def first(self, slug: str, team: int, now: datetime) -> int:
        """Give the id that the slug had first; it is `team` from now on if it had none yet.

        Raises `Unavailable`: then nobody can tell whether it is still the same team.
        """
        if slug not in self._known:
            async with self._turn:
                if slug not in self._known:
                    self._known[slug] = await self._kept(slug, team, now)
        return self._known[slug]

    async def _kept(self, slug: str, team: int, now: datetime) -> int:
        async with self._database.write() as connection:
            await connection.execute(
                inserting(connection, teams)
                .values(slug=slug, team=team, since=now)
                .on_conflict_do_nothing(index_elements=["slug"])
            )
            found = select(teams.c.team).where(teams.c.slug == slug)
            return int((await connection.execute(found)).scalar_one())
