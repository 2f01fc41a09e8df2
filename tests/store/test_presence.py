"""One live process for a database, and its end is noticed."""

import asyncio
import sys
from pathlib import Path

import psycopg
import pytest

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.database import Database
from aaroc_bot.store.presence import Presence
from aaroc_bot.store.schema import migrate

HOLDER = """
import asyncio, sys
from aaroc_bot.store.database import Database
from aaroc_bot.store.presence import Presence

async def hold():
    presence = Presence(Database(sys.argv[1]))
    print(await presence.acquire(), flush=True)
    await asyncio.Event().wait()

asyncio.run(hold())
"""


async def test_only_one_is_present(database_url: str) -> None:
    first, second = Presence(Database(database_url)), Presence(Database(database_url))
    assert await first.acquire()
    assert not await second.acquire()
    await second.release()
    assert not await second.acquire()
    await first.release()
    assert await second.acquire()
    await second.release()


async def test_a_killed_process_is_not_present(database_url: str) -> None:
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, database_url, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    presence = Presence(Database(database_url))
    try:
        assert await holder.stdout.readline() == b"True\n"
        assert not await presence.acquire()
    finally:
        holder.kill()
        await holder.communicate()
    async with asyncio.timeout(10):
        # PostgreSQL ends the session a moment after its client.
        while not await presence.acquire():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)
    await presence.release()


async def test_no_second_database_is_made_beside_the_one_that_is_present(
    sqlite_url: str, tmp_path: Path
) -> None:
    presence = Presence(Database(sqlite_url))
    assert await presence.acquire()
    for file in tmp_path.glob("aaroc.sqlite*"):  # what somebody removes who starts over
        file.unlink()
    with pytest.raises(Unavailable):
        await migrate(sqlite_url)
    assert not list(tmp_path.glob("aaroc.sqlite*"))
    await presence.release()
    await migrate(sqlite_url)
    assert await presence.acquire()
    await migrate(sqlite_url)
    await presence.release()


async def test_a_lost_connection_is_noticed(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aaroc_bot.store.presence.LOOK", 0.01)
    presence = Presence(Database(postgres_url))
    assert await presence.acquire()
    lost = asyncio.create_task(presence.lost())
    keep = asyncio.create_task(presence.keep())
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
    async with asyncio.timeout(10):
        await lost
    assert not presence.still()
    assert await presence.acquire()
    assert presence.still()
    keep.cancel()
    await presence.release()
