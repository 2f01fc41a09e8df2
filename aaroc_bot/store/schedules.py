"""When schedules are due: functions on the caller's own transaction.

Whoever moves a row's `due` on does what was due, in that transaction. Of several who try,
one moves it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.schedules import Schedule
from aaroc_bot.store import marks
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.tables import marks as kept
from aaroc_bot.store.tables import schedules

_DIGEST = "digest "
"""Begins the mark of when a schedule's last digest was made; its name follows."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A row as it was read: the terms under which its schedule is due then."""

    name: str
    terms: str
    due: datetime


async def all_of(connection: AsyncConnection) -> Mapping[str, Planned]:
    """Give every row, by name."""
    rows = await connection.execute(select(schedules).order_by(schedules.c.name))
    return {row.name: Planned(row.name, row.terms, row.due) for row in rows}


async def add(connection: AsyncConnection, schedule: Schedule, due: datetime) -> None:
    """Keep a schedule that is new; nothing if somebody else just did."""
    row = {"name": schedule.name, "terms": schedule.terms, "due": due}
    await connection.execute(inserting(connection, schedules).values(row).on_conflict_do_nothing())


async def change(
    connection: AsyncConnection, seen: Planned, schedule: Schedule, due: datetime
) -> None:
    """Give a schedule other terms; nothing if it is no longer as it was seen."""
    await connection.execute(
        update(schedules).where(*_as(seen)).values(terms=schedule.terms, due=due)
    )


async def remove(connection: AsyncConnection, seen: Planned) -> None:
    """Forget a schedule; nothing if it is no longer as it was seen."""
    await connection.execute(delete(schedules).where(*_as(seen)))


async def move(connection: AsyncConnection, seen: Planned, due: datetime) -> bool:
    """Take a schedule to its next time; False if it is no longer as it was seen."""
    moved = await connection.execute(update(schedules).where(*_as(seen)).values(due=due))
    return moved.rowcount == 1


def _as(seen: Planned) -> tuple[ColumnElement[bool], ...]:
    return (
        schedules.c.name == seen.name,
        schedules.c.terms == seen.terms,
        schedules.c.due == seen.due,
    )


async def digest_made(connection: AsyncConnection, name: str) -> datetime | None:
    """Give when the last digest of a schedule was made; None: never yet."""
    value = await marks.read(connection, _DIGEST + name)
    return None if value is None else datetime.fromisoformat(value)


async def note_digest(connection: AsyncConnection, name: str, at: datetime) -> None:
    """Keep that a digest of a schedule is made now."""
    await marks.put(connection, _DIGEST + name, at.isoformat(), at)


async def last_digest(connection: AsyncConnection) -> datetime | None:
    """Give when the last digest of any schedule was made; None: never yet."""
    newest = select(func.max(kept.c.at)).where(kept.c.what.startswith(_DIGEST))
    made: datetime | None = await connection.scalar(newest)
    return made
