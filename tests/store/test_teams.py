"""A slug means the team that had it first, after a restart too."""

from datetime import UTC, datetime

from aaroc_bot.store.database import Database
from aaroc_bot.store.teams import TeamIds

NOW = datetime(2026, 6, 8, tzinfo=UTC)


async def test_a_slug_keeps_its_first_team(database: Database) -> None:
    assert await TeamIds(database).first("AAROC/uj-grid", 7, NOW) == 7
    restarted = TeamIds(database)
    assert await restarted.first("AAROC/uj-grid", 8, NOW) == 7
    assert await restarted.first("ELSEWHERE/uj-grid", 8, NOW) == 8
