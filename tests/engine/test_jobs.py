"""Delivery by Procrastinate on a real server: brought, swept, outlasting what goes away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psycopg
from procrastinate.exceptions import ConnectorException
from sqlalchemy import text

from aaroc_bot.core.turns import BOTS, site_queue
from aaroc_bot.engine.connector import is_away
from aaroc_bot.engine.jobs import Jobs
from aaroc_bot.store.database import Database
from tests.runs.world import World, until


@dataclass
class Doing:
    """What was performed; numbers in `kept` go on until they are stopped or let go."""

    kept: set[int] = field(default_factory=set)
    begun: list[int] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def perform(self, number: int, stop: asyncio.Event) -> None:
        self.begun.append(number)
        if number in self.kept:
            waits = [asyncio.create_task(stop.wait()), asyncio.create_task(self.go_on.wait())]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for one in waits:
                one.cancel()
            if stop.is_set():
                self.stopped.append(number)
        self.ended.append(number)


def jobs(url: str, doing: Doing, *queues: str, lost: float = 30) -> Jobs:
    return Jobs(
        url,
        doing.perform,
        queues or (BOTS,),
        2,
        heartbeat=timedelta(seconds=0.2),
        lost=timedelta(seconds=lost),
    )


@asynccontextmanager
async def running(one: Jobs) -> AsyncIterator[None]:
    task = asyncio.create_task(one.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def deliver(database: Database, one: Jobs, number: int, queue: str = BOTS) -> None:
    async with database.write() as connection:
        await one.deliver(connection, number, queue)
    one.wake()


async def under_way(database: Database, one: Jobs) -> frozenset[int]:
    async with database.read() as connection:
        return await one.under_way(connection)


async def true(condition: Callable[[], bool]) -> None:
    async def there() -> bool | None:
        return condition() or None

    await until(there, 30)


async def nothing_under_way(database: Database, one: Jobs) -> None:
    async def there() -> bool | None:
        return None if await under_way(database, one) else True

    await until(there, 30)


async def end_sessions(url: str) -> None:
    """Have the server close every other session on the database."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def status(database: Database, number: int) -> str | None:
    async with database.read() as connection:
        query = text("SELECT status::text FROM procrastinate_jobs WHERE args->>'run' = :run")
        found: str | None = await connection.scalar(query, {"run": str(number)})
        return found


async def test_it_is_performed_once_by_one_that_is_for_its_queue(
    postgres_url: str, postgres_database: Database
) -> None:
    near, far = Doing(), Doing()
    one = jobs(postgres_url, near)
    other = jobs(postgres_url, far, site_queue("ZA-UJ"), site_queue("A-SITE-" + "X" * 80))
    async with running(one), running(other):
        await deliver(postgres_database, one, 1)
        await deliver(postgres_database, one, 2, site_queue("ZA-UJ"))
        await deliver(postgres_database, one, 3, site_queue("A-SITE-" + "X" * 80))
        await true(lambda: near.ended == [1] and sorted(far.ended) == [2, 3])
        await nothing_under_way(postgres_database, one)
    assert near.begun == [1]


async def test_a_delivery_goes_with_its_transaction(
    postgres_url: str, postgres_database: Database, tmp_path: Path
) -> None:
    one = jobs(postgres_url, Doing())
    number = await World(postgres_database, tmp_path).ask()
    with suppress(ZeroDivisionError):
        async with postgres_database.write() as connection:
            await one.deliver(connection, number, BOTS)
            raise ZeroDivisionError
    assert await under_way(postgres_database, one) == frozenset()
    await deliver(postgres_database, one, number)
    assert await under_way(postgres_database, one) == {number}


async def test_it_is_under_way_until_it_ends_and_a_fault_ends_it(
    postgres_url: str, postgres_database: Database
) -> None:
    doing = Doing(kept={1})
    one = jobs(postgres_url, doing)
    async with running(one):
        await deliver(postgres_database, one, 1)
        await true(lambda: doing.begun == [1])
        assert await under_way(postgres_database, one) == {1}
        doing.go_on.set()
        await nothing_under_way(postgres_database, one)
        assert await status(postgres_database, 1) is None


async def test_told_to_end_it_fetches_no_more_and_stops_what_it_performs(
    postgres_url: str, postgres_database: Database
) -> None:
    doing = Doing(kept={1})
    one = jobs(postgres_url, doing)
    async with running(one):
        await deliver(postgres_database, one, 1)
        await true(lambda: doing.begun == [1])
    assert doing.stopped == doing.ended == [1]
    await deliver(postgres_database, one, 2)
    assert await under_way(postgres_database, one) == {2}
    assert doing.begun == [1]


async def test_what_is_performed_outlasts_the_database_and_the_worker(
    postgres_url: str, postgres_database: Database
) -> None:
    doing = Doing(kept={1})
    one = jobs(postgres_url, doing)
    async with running(one):
        await deliver(postgres_database, one, 1)
        await true(lambda: doing.begun == [1])
        await end_sessions(postgres_url)
        async with postgres_database.write() as connection:
            await connection.execute(text("DELETE FROM procrastinate_workers"))  # pruned
        await deliver(postgres_database, one, 2)
        await true(lambda: 2 in doing.ended)
        doing.go_on.set()
        await true(lambda: 1 in doing.ended)
    assert doing.begun == [1, 2]
    assert doing.stopped == []


async def test_a_job_of_a_worker_that_fell_is_swept_and_may_be_delivered_again(
    postgres_url: str, postgres_database: Database
) -> None:
    doing = Doing()
    keeper = jobs(postgres_url, doing, lost=1)
    await deliver(postgres_database, keeper, 1, site_queue("ZA-UJ"))
    async with postgres_database.write() as connection:  # fetched by one that is killed then
        await connection.execute(
            text(
                "WITH w AS (INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - interval '1 minute') RETURNING id)"
                " UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM w)"
            )
        )
    async with running(keeper):

        async def swept() -> bool | None:
            await keeper.sweep()
            return None if await under_way(postgres_database, keeper) else True

        await until(swept, 30)
        await deliver(postgres_database, keeper, 1)
        await true(lambda: doing.ended == [1])


async def test_a_job_that_nobody_fetches_is_taken_back(
    postgres_url: str, postgres_database: Database
) -> None:
    keeper = jobs(postgres_url, Doing(), lost=0.5)
    await deliver(postgres_database, keeper, 1, site_queue("ZA-UJ"))
    async with running(keeper):

        async def swept() -> bool | None:
            await keeper.sweep()
            return None if await under_way(postgres_database, keeper) else True

        await until(swept, 30)


async def test_a_job_whose_fetch_was_lost_on_the_way_is_ended(
    postgres_url: str, postgres_database: Database
) -> None:
    doing = Doing()
    one = jobs(postgres_url, doing)
    async with running(one):
        await deliver(postgres_database, one, 1)
        await nothing_under_way(postgres_database, one)
        await deliver(postgres_database, one, 2, site_queue("ZA-UJ"))
        async with postgres_database.write() as connection:
            await connection.execute(
                text(
                    "UPDATE procrastinate_jobs SET status = 'doing',"
                    " worker_id = (SELECT max(id) FROM procrastinate_workers)"
                )
            )
        await nothing_under_way(postgres_database, one)
    assert doing.begun == [1]


def test_what_is_away_is_told_from_what_is_wrong() -> None:
    away, wrong = ConnectorException(), ConnectorException()
    away.__cause__ = psycopg.OperationalError()
    wrong.__cause__ = psycopg.DataError()
    assert is_away(away)
    assert not is_away(wrong)
