"""Teams that the accepted rules name, kept by numeric id (RULES.md, Rules of the repository)."""

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

    async def first(self, slug: str, team: int, now: datetime) -> int:
        """Give the id that the slug had first; it is `team` from now on if it had none yet.

        Raises `Unavailable`: then nobody can tell whether it is still the same team.
        """
        if slug in self._known:
            return self._known[slug]
        async with self._database.write() as connection:
            await connection.execute(
                inserting(connection, teams)
                .values(slug=slug, team=team, since=now)
                .on_conflict_do_nothing(index_elements=["slug"])
            )
            found = select(teams.c.team).where(teams.c.slug == slug)
            self._known[slug] = int((await connection.execute(found)).scalar_one())
        return self._known[slug]
