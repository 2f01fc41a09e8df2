"""Group commit: what shares a commit shares nothing else."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.database import Database
from aaroc_bot.store.group import MOST, GroupCommit
from aaroc_bot.store.tables import logs


class Writer:
    """Writes run numbers into `logs`, and keeps how many came together."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    async def __call__(self, connection: AsyncConnection, items: Sequence[int]) -> Sequence[str]:
        self.batches.append(len(items))
        await connection.execute(insert(logs), [{"run": n, "text": ""} for n in items])
        return [f"kept {n}" for n in items]


async def kept(database: Database) -> int:
    async with database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(logs)) or 0


async def test_each_gets_its_own_answer_out_of_bounded_commits(sqlite_database: Database) -> None:
    writer = Writer()
    group = GroupCommit[int, str](sqlite_database, writer)
    answers = await asyncio.gather(*(group.submit(n) for n in range(MOST + 5)))
    assert answers == [f"kept {n}" for n in range(MOST + 5)]
    assert writer.batches == [MOST, 5]


async def test_a_caller_who_gives_up_disturbs_nobody(sqlite_database: Database) -> None:
    group = GroupCommit[int, str](sqlite_database, Writer())
    first, second = group.submit(1), group.submit(2)
    first.cancel()
    assert await second == "kept 2"
    assert await kept(sqlite_database) == 2


async def test_one_that_fails_fails_alone(database: Database) -> None:
    group = GroupCommit[int, str](database, Writer())
    await group.submit(1)
    answers = await asyncio.gather(*map(group.submit, [2, 1, 3]), return_exceptions=True)
    assert answers[0] == "kept 2"
    assert isinstance(answers[1], Exception)
    assert answers[2] == "kept 3"
    assert await kept(database) == 3


async def test_a_database_that_is_away_is_asked_once_for_all(sqlite_database: Database) -> None:
    writer = Writer()

    async def away(connection: AsyncConnection, items: Sequence[int]) -> Sequence[str]:
        await writer(connection, items)
        raise Unavailable("the database")

    group = GroupCommit[int, str](sqlite_database, away)
    answers = await asyncio.gather(*map(group.submit, range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable] * 5
    assert writer.batches == [5]
    assert await kept(sqlite_database) == 0


async def test_settling_waits_for_what_was_handed_in(sqlite_database: Database) -> None:
    group = GroupCommit[int, str](sqlite_database, Writer())
    await group.settle()
    answer = group.submit(1)
    await group.settle()
    assert answer.done()
    assert await kept(sqlite_database) == 1


async def test_a_writer_that_is_ended_leaves_nobody_waiting(sqlite_database: Database) -> None:
    begun = asyncio.Event()

    async def forever(connection: AsyncConnection, items: Sequence[int]) -> Sequence[str]:
        begun.set()
        await asyncio.Event().wait()
        return []

    group = GroupCommit[int, str](sqlite_database, forever)
    answer = group.submit(1)
    await begun.wait()
    later = group.submit(2)
    assert group._writer is not None
    group._writer.cancel()
    for each in (answer, later):
        with pytest.raises(asyncio.CancelledError):
            await each
