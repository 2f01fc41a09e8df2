"""Looks at the runs as people do: those under way, and how many have ended."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import runs


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as people look at it."""

    number: int
    wish: int
    state: str
    cancelling: bool


async def seen(database: Database) -> tuple[list[Seen], int]:
    """Give all runs under way, by number, and how many have ended."""
    columns = (runs.c.number, runs.c.parameters, runs.c.state, runs.c.cancelling_by)
    under_way = select(*columns).where(runs.c.ended_at.is_(None)).order_by(runs.c.number)
    async with database.read() as connection:
        found = [
            Seen(row.number, wish_of(row.parameters), row.state, row.cancelling_by is not None)
            for row in await connection.execute(under_way)
        ]
        ended = select(runs.c.number).where(runs.c.ended_at.is_not(None))
        return found, await count(connection, ended)


async def count(connection: AsyncConnection, query: Select[Any]) -> int:
    """Count the rows of a query."""
    return await connection.scalar(select(func.count()).select_from(query.subquery())) or 0


def wish_of(parameters: str) -> int:
    """Give the wish that stands in a run's parameters.

    >>> wish_of('[["beats", 4], ["wish", 12]]')
    12
    """
    return int(dict(json.loads(parameters))["wish"])
