"""Wishes to join as they are kept, on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from aaroc_bot.core.joining import Join, JoinState
from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import Person
from aaroc_bot.store import joins
from aaroc_bot.store.database import Database

AT = datetime(2026, 6, 8, 14, 5, tzinfo=UTC)
OUTSIDER, OTHER, EXPERT = Person(4, "outsider"), Person(5, "other"), Person(3, "roc-expert")
ACCOUNT = Account("slack", "T1", "U1")


async def begun(
    database: Database, person: Person = OUTSIDER, site: str = "", at: datetime = AT
) -> Join:
    async with database.write() as connection:
        return await joins.begin(connection, person, site, ACCOUNT, at)


async def moved(database: Database, join: Join, then: JoinState, **values: object) -> bool:
    async with database.write() as connection:
        return await joins.move(connection, join, then, AT + timedelta(hours=1), values)


async def test_it_comes_back_as_it_went_in(database: Database) -> None:
    join = await begun(database, site="ZA-UJ")
    assert join == Join(join.id, OUTSIDER, "ZA-UJ", ACCOUNT, JoinState.ASKED, AT, AT)
    decided = {"invited_by": EXPERT.id, "invited_login": EXPERT.login, "why": "because"}
    assert await moved(database, join, JoinState.SENDING, **decided)
    async with database.read() as connection:
        found = await joins.load(connection, join.id)
        assert await joins.load(connection, join.id + 1) is None
    assert found is not None
    assert (found.state, found.invited_by, found.welcomed_by) == (JoinState.SENDING, EXPERT, None)
    assert (found.why, found.asked_at, found.changed_at) == ("because", AT, AT + timedelta(hours=1))


async def test_what_no_database_takes_is_replaced(database: Database) -> None:
    join = await begun(database, Person(4, "out\0sider\ud800"), "ZA\0UJ")
    assert (join.person.login, join.site) == ("out\ufffdsider\ufffd", "ZA\ufffdUJ")


async def test_it_moves_only_from_where_it_was_read(database: Database) -> None:
    join = await begun(database)
    moves = [moved(database, join, JoinState.SENDING) for _ in range(4)]
    assert sum(await asyncio.gather(*moves)) == 1
    assert not await moved(database, join, JoinState.OVER)


@pytest.mark.parametrize("state", JoinState)
async def test_what_is_not_over_waits(sqlite_database: Database, state: JoinState) -> None:
    join = await begun(sqlite_database)
    await begun(sqlite_database, OTHER)
    await moved(sqlite_database, join, state)
    async with sqlite_database.read() as connection:
        waiting = [one.id for one in await joins.waiting(connection)]
        mine = [one.id for one in await joins.of_person(connection, OUTSIDER.id)]
    assert (join.id in waiting, join.id in mine) == (not state.ended, not state.ended)
    assert len(waiting) == 2 - state.ended


async def test_how_many_asked_lately(database: Database) -> None:
    for hours, person in ((0, OUTSIDER), (1, OUTSIDER), (2, OTHER)):
        join = await begun(database, person, at=AT + timedelta(hours=hours))
        await moved(database, join, JoinState.OVER)
    async with database.read() as connection:
        assert await joins.asked_since(connection, AT - timedelta(seconds=1)) == 3
        assert await joins.asked_since(connection, AT) == 2
        assert await joins.asked_since(connection, AT, OUTSIDER.id) == 1
        assert await joins.asked_since(connection, AT, EXPERT.id) == 0


async def test_one_begins_after_the_other(database: Database) -> None:
    async def begin_if_first() -> bool:
        async with database.write() as connection:
            await joins.alone(connection)
            if await joins.of_person(connection, OUTSIDER.id):
                return False
            await joins.begin(connection, OUTSIDER, "", ACCOUNT, AT)
            return True

    assert sum(await asyncio.gather(*(begin_if_first() for _ in range(6)))) == 1
