"""One process of several is the keeper; killed or frozen, another takes its place."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.keeping import Keeping, Work
from aaroc_bot.store.database import Database
from aaroc_bot.store.presence import Presence

BOT = """
import asyncio, sys
from datetime import timedelta
from aaroc_bot.keeping import Keeping
from aaroc_bot.store.database import Database
from aaroc_bot.store.presence import Presence

async def live():
    presence = Presence(Database(sys.argv[1]), sys.argv[2], timedelta(seconds=3))
    if not await presence.acquire_name():
        print("twin", flush=True)
        return

    async def work():
        try:
            while True:
                print("keeps" if presence.still() else "doubts", flush=True)
                await asyncio.sleep(0.05)
        finally:
            print("ends", flush=True)

    await Keeping(presence, [work]).run()

asyncio.run(live())
"""


@asynccontextmanager
async def bot(url: str, name: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BOT, url, name, stdout=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def says(process: Process, word: str, seconds: float = 60) -> None:
    """Wait until a bot says a word."""
    assert process.stdout is not None
    async with asyncio.timeout(seconds):
        while (line := await process.stdout.readline()).strip() != word.encode():
            assert line, f"it ended before it said {word}"


async def test_a_killed_keeper_is_followed(postgres_url: str) -> None:
    async with bot(postgres_url, "a") as first:
        await says(first, "keeps")
        async with bot(postgres_url, "b") as second:
            first.kill()
            await says(second, "keeps")


async def test_a_frozen_keeper_is_followed_and_does_nothing_more(postgres_url: str) -> None:
    async with bot(postgres_url, "a") as first:
        await says(first, "keeps")
        async with bot(postgres_url, "b") as second:
            first.send_signal(signal.SIGSTOP)
            await says(second, "keeps")
            assert first.stdout is not None
            async with asyncio.timeout(10):  # what it said before it froze
                while True:
                    try:
                        await asyncio.wait_for(first.stdout.readline(), 0.5)
                    except TimeoutError:
                        break
            first.send_signal(signal.SIGCONT)
            async with asyncio.timeout(60):
                while (line := await first.stdout.readline()) != b"ends\n":
                    assert line == b"doubts\n"
            await says(second, "keeps")


async def test_a_twin_is_refused(postgres_url: str) -> None:
    async with bot(postgres_url, "a") as first:
        await says(first, "keeps")
        async with bot(postgres_url, "a") as twin:
            await says(twin, "twin")
        first.kill()
        await first.wait()
        async with bot(postgres_url, "a") as again:
            await says(again, "keeps")


async def test_a_lost_session_ends_the_works_and_they_begin_anew(postgres_url: str) -> None:
    presence = Presence(Database(postgres_url), "a", timedelta(seconds=3))
    begun: asyncio.Queue[None] = asyncio.Queue()
    ended: asyncio.Queue[None] = asyncio.Queue()

    async def work() -> None:
        await begun.put(None)
        try:
            await asyncio.Event().wait()
        finally:
            ended.put_nowait(None)

    assert await presence.acquire_name()
    keeping = asyncio.create_task(Keeping(presence, [work]).run())
    async with asyncio.timeout(60):
        await begun.get()
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await ended.get()
        await begun.get()
    assert not await Presence(Database(postgres_url), "a").acquire_name()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    other = Presence(Database(postgres_url), "b")
    assert await other.acquire()
    await other.release()
    await presence.close()


CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def test_what_outlasts_an_outage_ends_only_when_another_has_the_place(
    postgres_server: str, postgres_url: str
) -> None:
    name = sql.Identifier(str(make_url(postgres_url).database))
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    told: asyncio.Queue[str] = asyncio.Queue()

    def work(what: str) -> Work:
        async def goes_on() -> None:
            told.put_nowait(f"{what} begins")
            try:
                await asyncio.Event().wait()
            finally:
                told.put_nowait(f"{what} ends")

        return goes_on

    presence, other = (Presence(Database(postgres_url), n, timedelta(seconds=3)) for n in "ab")
    assert await presence.acquire_name()
    keeping = asyncio.create_task(Keeping(presence, [work("short")], [work("long")]).run())
    try:
        async with (
            asyncio.timeout(60),
            await psycopg.AsyncConnection.connect(postgres_server, autocommit=True) as admin,
            await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as inside,
        ):
            assert {await told.get(), await told.get()} == {"short begins", "long begins"}
            await admin.execute(allow.format(name, sql.SQL("false")))
            await inside.execute(CUT)
            assert await told.get() == "short ends"
            await admin.execute(allow.format(name, sql.SQL("true")))
            assert await told.get() == "short begins", "and the other never ended"
            await inside.execute(CUT)
            while not await other.acquire():  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0)
            assert {await told.get(), await told.get()} == {"short ends", "long ends"}
            await other.release()
            assert {await told.get(), await told.get()} == {"short begins", "long begins"}
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await presence.close()
    assert {told.get_nowait(), told.get_nowait()} == {"short ends", "long ends"}


@pytest.mark.parametrize("problem", [Unavailable("GitHub"), ValueError("a fault")])
async def test_a_work_that_fails_begins_anew_with_all_others(
    sqlite_url: str, problem: Exception
) -> None:
    presence = Presence(Database(sqlite_url), "a")
    begun, other = asyncio.Event(), asyncio.Event()

    async def fails_once() -> None:
        if not begun.is_set():
            begun.set()
            raise problem
        other.set()
        await asyncio.Event().wait()

    assert await presence.acquire_name()
    keeping = asyncio.create_task(Keeping(presence, [fails_once]).run())
    async with asyncio.timeout(60):
        await other.wait()
    assert presence.still()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await presence.close()
