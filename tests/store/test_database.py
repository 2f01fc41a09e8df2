"""Transactions keep what they promise, and a database that is away is told as such."""

import asyncio

import pytest
from sqlalchemy import select, text, update

from aaroc_bot.store.database import Database
from aaroc_bot.store.schema import is_current
from aaroc_bot.store.tables import logs


async def test_a_migrated_database_is_current(database: Database) -> None:
    assert await is_current(database)


async def test_no_update_is_lost(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(logs.insert().values(run=1, text="0"))

    async def add_one() -> None:
        async with database.write() as connection:
            row = select(logs.c.text).where(logs.c.run == 1).with_for_update()
            count = int((await connection.execute(row)).scalar_one())
            await asyncio.sleep(0)
            await connection.execute(update(logs).values(text=str(count + 1)))

    await asyncio.gather(*(add_one() for _ in range(5)))
    async with database.read() as connection:
        assert (await connection.execute(select(logs.c.text))).scalar_one() == "5"


async def test_an_exception_undoes_all_of_it(database: Database) -> None:
    with pytest.raises(LookupError):
        async with database.write() as connection:
            await connection.execute(logs.insert().values(run=1, text="half"))
            await connection.execute(text("CREATE TABLE other (id integer)"))
            raise LookupError
    async with database.read() as connection:
        assert (await connection.execute(select(logs))).all() == []
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE other (id integer)"))
