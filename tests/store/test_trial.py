"""Whether a write would be committed now is tried, not guessed, and not at every question."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, text

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store import trial as module
from aaroc_bot.store.database import Database
from aaroc_bot.store.trial import Trial
from tests.store.test_unavailable import write_protect

NO_ROOM = """
import asyncio, resource, sys
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.database import Database
from aaroc_bot.store.trial import Trial

async def tried():
    database = Database(sys.argv[1])
    await Trial(database).write()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        await Trial(database).write()
    except Unavailable as away:
        print(away.what)
    await database.close()

asyncio.run(tried())
"""
"""No file may grow any more, as on a full disk; in a process of its own, which then ends."""


async def test_a_database_that_takes_writes_passes_and_stays_as_it_is(database: Database) -> None:
    async with database.read() as connection:
        before = (await connection.execute(text("SELECT * FROM alembic_version"))).all()
    await Trial(database).write()
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT * FROM alembic_version"))).all() == before


async def test_a_read_only_file_does_not_pass(sqlite_database: Database) -> None:
    assert sqlite_database.path is not None
    write_protect(sqlite_database.path)
    with pytest.raises(Unavailable):
        await Trial(sqlite_database).write()


async def test_a_read_only_server_does_not_pass(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    database = Database(postgres_url)
    with pytest.raises(Unavailable):
        await Trial(database).write()
    await database.close()


def test_a_disk_without_room_does_not_pass(sqlite_url: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_ROOM, sqlite_url],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("the database\n", "")


async def test_many_questions_are_one_trial(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = 0

    @event.listens_for(sqlite_database._writer.sync_engine, "commit")
    def count(_: object) -> None:
        nonlocal commits
        commits += 1

    trial = Trial(sqlite_database)
    for _ in range(5):
        await trial.write()
    assert commits == 1
    assert sqlite_database.path is not None
    sqlite_database.path.unlink()
    await trial.write()
    monkeypatch.setattr(module, "EVERY", 0.0)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await trial.write()
