"""Migrations make exactly the tables that the code knows, on both databases."""

import asyncio
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.database import Database
from aaroc_bot.store.schema import is_current, migrate
from aaroc_bot.store.tables import metadata


def differences(connection: Connection) -> list[object]:
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _: not (name or "").startswith("procrastinate_"),
    }
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, metadata))


async def test_the_migrated_schema_is_that_of_the_tables(database: Database) -> None:
    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    await asyncio.gather(migrate(database_url), migrate(database_url))
    database = Database(database_url)
    assert await is_current(database)
    await database.close()


async def test_two_processes_migrate_an_empty_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.sqlite"
    await asyncio.gather(migrate(url), migrate(url))
    database = Database(url)
    assert await is_current(database)
    await database.close()


async def test_a_new_file_is_for_the_bot_alone(tmp_path: Path) -> None:
    file = tmp_path / "state 100%" / "aaroc.sqlite"
    await migrate(f"sqlite:///{file}")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o644)
    await migrate(f"sqlite:///{file}")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    database = Database(f"sqlite:///{file}")
    async with database.write() as connection:
        await connection.execute(text("INSERT INTO logs VALUES (1, '')"))
        modes = {stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()}
    assert modes == {0o600}
    await database.close()


async def test_an_older_schema_is_not_current(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert not await is_current(database)


async def test_an_empty_database_is_not_current(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    database = Database(f"sqlite:///{tmp_path}/empty")
    assert not await is_current(database)
    await database.close()


async def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable):
        await migrate(f"sqlite:///{tmp_path}/file/aaroc.sqlite")


async def test_sqlite_is_set_as_promised(sqlite_database: Database) -> None:
    async with sqlite_database.write() as connection:
        settings = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }


MADE = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index')",
    "postgresql": "SELECT table_name || '.' || column_name, coalesce(column_default, '')"
    " FROM information_schema.columns WHERE table_schema = 'public'",
}
"""What the comparison does not look at: keys that number themselves, partial indexes."""


def made(connection: Connection) -> dict[str, str]:
    rows = connection.execute(text(MADE[connection.dialect.name]))
    return {
        name: " ".join(
            sql.replace(",", " , ").replace(")", " )").split()
        )  # a column added later stands on the line of the one before
        for name, sql in rows
        if not name.startswith(("sqlite_", "alembic_"))
    }


async def test_the_migrated_schema_numbers_and_indexes_like_the_tables(
    database: Database,
) -> None:
    async with database.write() as connection:
        migrated = await connection.run_sync(made)
        await connection.run_sync(metadata.drop_all)
        await connection.run_sync(metadata.create_all)
        assert await connection.run_sync(made) == migrated
