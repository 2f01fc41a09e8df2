"""A database that cannot be used now is told as `Unavailable`; a fault in the code is not."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store import database as module
from aaroc_bot.store.audit import AuditWriter
from aaroc_bot.store.database import Database
from aaroc_bot.store.intake import Intake
from aaroc_bot.store.schema import is_current, migrate
from aaroc_bot.store.tables import logs
from tests.store.examples import command, said

BIG = "x" * 100_000


def write_protect(file: Path) -> None:
    """Set the file's write version beyond what SQLite knows: it then opens it to read only.

    File modes would not do: tests may run as root.
    """
    with file.open("r+b") as header:
        header.seek(18)
        header.write(b"\x05")


async def works(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(logs.insert().values(run=1, text=""))


async def is_unavailable(database: Database) -> None:
    with pytest.raises(Unavailable) as told:
        await works(database)
    assert told.value.what == "the database"
    with pytest.raises(Unavailable):
        await AuditWriter(database).append(command())
    with pytest.raises(Unavailable):
        await Intake(database).take_in(said("e1"))


async def test_a_read_only_file(sqlite_database: Database) -> None:
    assert sqlite_database.path is not None
    write_protect(sqlite_database.path)
    await is_unavailable(sqlite_database)
    assert await is_current(sqlite_database)


async def test_a_read_only_server(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on',"
            " current_database()); END $$"
        )
    database = Database(postgres_url)
    await is_unavailable(database)
    assert await is_current(database)
    await database.close()


async def test_a_full_disk(sqlite_database: Database) -> None:
    @event.listens_for(sqlite_database._writer.sync_engine, "connect")
    def no_room(driver: sqlite3.Connection, _: object) -> None:
        driver.execute("PRAGMA max_page_count = 60")

    await works(sqlite_database)
    with pytest.raises(Unavailable):
        async with sqlite_database.write() as connection:
            for run in range(2, 20):
                await connection.execute(logs.insert().values(run=run, text=BIG))
    async with sqlite_database.read() as connection:
        assert (await connection.execute(text("SELECT max(run) FROM logs"))).scalar_one() == 1


async def test_a_file_that_is_missing_is_not_created(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/none.sqlite")
    await is_unavailable(database)
    with pytest.raises(Unavailable):
        await is_current(database)
    assert not (tmp_path / "none.sqlite").exists()


def rows(file: Path) -> list[tuple[int]]:
    with sqlite3.connect(file) as other:
        return other.execute("SELECT run FROM logs").fetchall()


async def test_a_file_that_was_removed_takes_nothing_in(sqlite_database: Database) -> None:
    assert sqlite_database.path is not None
    await works(sqlite_database)
    for file in sqlite_database.path.parent.glob("*.sqlite*"):
        file.unlink()
    await is_unavailable(sqlite_database)
    with pytest.raises(Unavailable):
        await is_current(sqlite_database)
    assert not sqlite_database.path.exists()


async def test_a_file_that_is_removed_meanwhile_is_not_committed_to(
    sqlite_database: Database,
) -> None:
    assert sqlite_database.path is not None
    with pytest.raises(Unavailable):
        async with sqlite_database.write():
            sqlite_database.path.unlink()


async def test_another_file_in_its_place_is_left_alone(
    sqlite_database: Database, tmp_path: Path
) -> None:
    path = sqlite_database.path
    assert path is not None
    assert await is_current(sqlite_database)
    path.rename(tmp_path / "moved")
    await migrate(f"sqlite:///{path}")
    await is_unavailable(sqlite_database)
    with pytest.raises(Unavailable):
        await is_current(sqlite_database)
    assert rows(path) == []
    (tmp_path / "moved").replace(path)
    await works(sqlite_database)
    assert rows(path) == [(1,)]


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("no database " * 1000)
    before = set(threading.enumerate())
    await is_unavailable(Database(f"sqlite:///{tmp_path}/other"))
    for thread in set(threading.enumerate()) - before:
        await asyncio.to_thread(thread.join, 10)  # A connection that failed leaves no thread.
        assert not thread.is_alive()


async def test_another_process_keeps_it_locked(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT", 0.05)
    database = Database(sqlite_url)
    assert database.path is not None
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await is_unavailable(database)
    other.close()
    await works(database)
    await database.close()


async def test_a_writer_inside_a_writer_does_not_wait_for_ever(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT", 0.05)
    database = Database(sqlite_url)
    async with database.write():
        with pytest.raises(Unavailable):
            await works(database)
    await works(database)
    await database.close()


async def test_a_server_that_is_not_there(postgres_url: str, tmp_path: Path) -> None:
    await is_unavailable(Database(f"postgresql://bot@/bot?host={tmp_path}"))
    await is_unavailable(Database(f"{postgres_url.replace('/aaroc_', '/no_such_')}"))
    with pytest.raises(Unavailable):
        await migrate(f"postgresql://bot@/bot?host={tmp_path}")


async def test_a_connection_that_is_cut(postgres_database: Database) -> None:
    with pytest.raises(Unavailable):
        async with postgres_database.write() as connection:
            mine = await connection.execute(text("SELECT pg_backend_pid()"))
            async with postgres_database.write() as other:
                await other.execute(text("SELECT pg_terminate_backend(:p)"), {"p": mine.scalar()})
            await connection.execute(logs.insert().values(run=1, text=""))
    await works(postgres_database)


async def test_faults_stay_what_they_are(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.execute(logs.insert(), [{"run": 1, "text": ""}] * 2)
    with pytest.raises(DBAPIError):
        async with database.read() as connection:
            await connection.execute(text("SELECT * FROM no_such_table"))
    with pytest.raises(FileNotFoundError):
        async with database.write() as connection:
            raise FileNotFoundError


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Unavailable):
        async with database.read() as connection:
            await connection.execute(logs.insert().values(run=1, text=""))


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///a?mode=ro",
        "mysql://u:secret@host/db",
        "secret",
        "",
    ],
)
def test_an_unfit_url_is_told_without_its_secrets(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|SQLite needs") as told:
        Database(url)
    assert "secret" not in str(told.value)
