"""Marks: set, moved from one value to another, by one of two at once."""

import asyncio
from datetime import UTC, datetime

from aaroc_bot.store import marks
from aaroc_bot.store.database import Database

NOW = datetime(2026, 6, 8, tzinfo=UTC)


async def move(database: Database, before: str | None, then: str) -> bool:
    async with database.write() as connection:
        return await marks.move(connection, "branch", before, then, NOW)


async def read(database: Database) -> str | None:
    async with database.read() as connection:
        return await marks.read(connection, "branch")


async def test_a_mark_moves_from_where_it_is(database: Database) -> None:
    assert await read(database) is None
    assert not await move(database, "a", "b")
    assert await move(database, None, "a")
    assert not await move(database, None, "b")
    assert await move(database, "a", "b")
    assert await read(database) == "b"
    async with database.write() as connection:
        await marks.put(connection, "branch", "c", NOW)
        await marks.put(connection, "other", "d", NOW)
    assert await read(database) == "c"


async def test_one_of_many_moves_it(database: Database) -> None:
    assert sum(await asyncio.gather(*(move(database, None, str(n)) for n in range(5)))) == 1
    first = await read(database)
    assert sum(await asyncio.gather(*(move(database, first, f"x{n}") for n in range(5)))) == 1
