"""The doctor tells which processes and schedules the database knows, and warns of a lost worker."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from aaroc_bot.core.schedules import Schedule, Task
from aaroc_bot.doctor import Level, examine
from aaroc_bot.doctor.known import examine_known
from aaroc_bot.store import processes, schedules
from aaroc_bot.store.database import Database
from aaroc_bot.store.schema import migrate
from aaroc_bot.store.tables import processes as table
from tests.doctor.conftest import SettingsOf


def now() -> datetime:
    return datetime.now(UTC)


async def test_bots_workers_and_schedules_are_told(settings_of: SettingsOf) -> None:
    settings = settings_of()
    assert await examine_known(settings) == []
    await migrate(settings.database_url)
    told, planned = await examine_known(settings)
    assert (told.what, planned.what) == ("none was ever started", "none is known")
    database = Database(settings.database_url)
    try:
        async with database.write() as connection:
            for name, worker, sites in (("roc", False, None), ("uj", True, ("ZA-UJ",))):
                await processes.begin(
                    connection, name, worker=worker, sites=sites, slots=4, now=now
                )
            daily = Schedule("daily", Task.DIGEST, "0 8 * * *", "UTC")
            await schedules.add(connection, daily, now() + timedelta(hours=2, minutes=1))
        told, planned = await examine_known(settings)
        assert told.level is Level.OK
        assert told.what.startswith("roc (bot), seen ") and "; uj (worker of ZA-UJ)" in told.what
        assert (planned.level, planned.what.partition(" in ")[0]) == (Level.OK, "daily, due")
        async with database.write() as connection:
            gone = update(table).where(table.c.name == "uj")
            await connection.execute(gone.values(seen_at=now() - timedelta(hours=3)))
        told, _ = await examine_known(settings)
        assert told.level is Level.WARNING and "uj (worker of ZA-UJ), seen 3 h ago" in told.what
        assert told.do.startswith("start uj, or `aaroc-bot worker --forget")
    finally:
        await database.close()


@pytest.mark.parametrize(
    ("database", "level"),
    [("postgresql://u:p@127.0.0.1:1/d", Level.OFF), ("", Level.FAILED)],
)
async def test_a_worker_needs_no_github(
    settings_of: SettingsOf, database: str, level: Level
) -> None:
    more = {"DATABASE": database} if database else {}
    found = await examine(settings_of(GITHUB__ORG="AAROC", **more))
    (github,) = [finding for finding in found if finding.check.startswith("GitHub")]
    assert github.level is level
    assert ("not needed by a worker" in github.what) is (level is Level.OFF)
