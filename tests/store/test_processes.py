"""Processes: known by name, alive by the database's clock, workers' sites remembered."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from aaroc_bot.core.turns import Process
from aaroc_bot.store import processes
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import processes as table

LOST = timedelta(seconds=30)


def now() -> datetime:
    return datetime.now(UTC)


async def begin(database: Database, name: str, *sites: str, worker: bool = True) -> None:
    async with database.write() as connection:
        await processes.begin(
            connection, name, worker=worker, sites=sites or None, slots=4, now=now
        )


async def known(database: Database) -> dict[str, Process]:
    async with database.read() as connection:
        return {one.name: one for one in await processes.all_of(connection, LOST, now)}


async def last_seen(database: Database, name: str, ago: timedelta) -> None:
    async with database.write() as connection:
        await connection.execute(
            update(table).where(table.c.name == name).values(seen_at=now() - ago)
        )


async def test_who_signs_lives_and_who_falls_silent_does_not(database: Database) -> None:
    await begin(database, "uj", "ZA-UJ")
    await begin(database, "bot", worker=False)
    await last_seen(database, "uj", timedelta(minutes=1))
    found = await known(database)
    assert not found["uj"].alive
    assert found["uj"].sites == frozenset({"ZA-UJ"})
    assert found["bot"].alive and not found["bot"].worker and found["bot"].sites is None
    async with database.write() as connection:
        assert await processes.sign(connection, "uj", now)
        assert not await processes.sign(connection, "nobody", now)
    assert (await known(database))["uj"].alive


async def test_a_worker_is_remembered_for_a_week_and_a_bot_for_a_day(database: Database) -> None:
    for name, worker in (("uj", True), ("ufs", True), ("old", False)):
        await begin(database, name, worker=worker)
    await last_seen(database, "uj", timedelta(days=6))
    await last_seen(database, "ufs", timedelta(days=8))
    await last_seen(database, "old", timedelta(days=2))
    await begin(database, "bot", worker=False)
    assert set(await known(database)) == {"uj", "bot"}


async def test_begun_again_it_is_for_other_sites(database: Database) -> None:
    await begin(database, "uj", "ZA-UJ")
    await begin(database, "uj")
    assert (await known(database))["uj"].sites is None


async def test_a_worker_that_is_gone_is_forgotten_at_once_and_a_living_one_never(
    database: Database,
) -> None:
    await begin(database, "uj", "ZA-UJ")
    await begin(database, "ufs", "ZA-UFS")
    await begin(database, "bot", worker=False)
    await last_seen(database, "uj", timedelta(minutes=1))
    async with database.write() as connection:
        assert await processes.forget(connection, "uj", LOST, now)
        assert await processes.forget(connection, "ufs", LOST, now) is False
        assert await processes.forget(connection, "bot", LOST, now) is None
    assert set(await known(database)) == {"ufs", "bot"}
