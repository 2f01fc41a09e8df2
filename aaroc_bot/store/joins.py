"""Who asked to come into the organisation, within the caller's own transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.joining import Join, JoinState
from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import Person
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import joins

LOCK = 0x6A6F696E
"""PostgreSQL's advisory lock on beginning one."""

WAITING = [state.value for state in JoinState if not state.ended]


async def alone(connection: AsyncConnection) -> None:
    """Keep everybody else from beginning one until the commit: what is counted stays so."""
    if connection.dialect.name == "postgresql":
        # A statement of its own: what is counted must be read after the lock is had.
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


async def load(connection: AsyncConnection, id: int) -> Join | None:
    """Give one by its number."""
    row = (await connection.execute(select(joins).where(joins.c.id == id))).first()
    return _join(row) if row else None


async def waiting(connection: AsyncConnection) -> Sequence[Join]:
    """Give all that are not over, oldest first."""
    query = select(joins).where(joins.c.state.in_(WAITING)).order_by(joins.c.id)
    return [_join(row) for row in (await connection.execute(query)).all()]


async def of_person(connection: AsyncConnection, person: int) -> Sequence[Join]:
    """Give a person's that are not over, oldest first."""
    query = select(joins).where(joins.c.person == person, joins.c.state.in_(WAITING))
    return [_join(row) for row in (await connection.execute(query.order_by(joins.c.id))).all()]


async def asked_since(
    connection: AsyncConnection, since: datetime, person: int | None = None
) -> int:
    """Count those begun after `since`, whatever became of them; a person's if one is given."""
    query = select(func.count()).select_from(joins).where(joins.c.asked_at > since)
    if person is not None:
        query = query.where(joins.c.person == person)
    return await connection.scalar(query) or 0


async def begin(
    connection: AsyncConnection, person: Person, site: str, account: Account, at: datetime
) -> Join:
    """Keep that somebody asks, and give it."""
    made = await connection.execute(
        insert(joins).values(
            person=person.id,
            login=storable(person.login),
            site=storable(site),
            account=storable(str(account)),
            state=JoinState.ASKED.value,
            asked_at=at,
            changed_at=at,
            why="",
        )
    )
    key = made.inserted_primary_key
    assert key is not None  # a table with one
    found = await load(connection, int(key[0]))
    assert found is not None  # it was written in this very transaction
    return found


async def move(
    connection: AsyncConnection,
    join: Join,
    then: JoinState,
    at: datetime,
    values: Mapping[str, object],
) -> bool:
    """Take it from the state in which it was read to `then`; False if it is not there now."""
    done = await connection.execute(
        update(joins)
        .where(joins.c.id == join.id, joins.c.state == join.state.value)
        .values(state=then.value, changed_at=at, **values)
    )
    return done.rowcount > 0


def _join(row: Row[Any]) -> Join:
    return Join(
        row.id,
        Person(row.person, row.login),
        row.site,
        Account.read(row.account),
        JoinState(row.state),
        row.asked_at,
        row.changed_at,
        _person(row.welcomed_by, row.welcomed_login),
        _person(row.invited_by, row.invited_login),
        row.why,
    )


def _person(id: int | None, login: str | None) -> Person | None:
    return None if id is None else Person(id, login or "")
