"""Attempts: each time a process was about to be started, on record before it was."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import attempts, holds, logs


async def open_attempt(
    connection: AsyncConnection,
    *,
    number: int,
    attempt: int,
    plan: bool,
    engine: str,
    mark: str,
    now: datetime,
) -> None:
    """Record that a process is about to be started."""
    await connection.execute(
        insert(attempts).values(
            run=number,
            attempt=attempt,
            plan=plan,
            engine=engine,
            mark=mark,
            started_at=now,
            seen_at=now,
        )
    )


async def note_process(
    connection: AsyncConnection, number: int, attempt: int, pid: int, started: int
) -> None:
    """Record the process; `started` is its start time in clock ticks."""
    values = {"pid": pid, "pid_started": started}
    await connection.execute(update(attempts).where(_is(number, attempt)).values(values))


async def note_seen(connection: AsyncConnection, number: int, attempt: int, now: datetime) -> None:
    """Record that it is alive."""
    await connection.execute(update(attempts).where(_is(number, attempt)).values(seen_at=now))


async def close_attempt(
    connection: AsyncConnection, number: int, attempt: int, now: datetime, *, cut: bool = False
) -> None:
    """Record its end and free what it held; `cut` says that the bot fell under it."""
    await connection.execute(
        update(attempts).where(_is(number, attempt)).values(ended_at=now, cut=cut)
    )
    await connection.execute(delete(holds).where(holds.c.run == number, holds.c.attempt == attempt))


async def keep_log(connection: AsyncConnection, number: int, log: str) -> None:
    """Keep the (redacted) log of a run that ends with this transaction."""
    await connection.execute(insert(logs).values(run=number, text=storable(log)))


async def plans_cut(connection: AsyncConnection, number: int) -> int:
    """Count how often a fall cut off the run's plan."""
    query = select(func.count()).where(attempts.c.run == number, attempts.c.plan, attempts.c.cut)
    return await connection.scalar(query) or 0


def _is(number: int, attempt: int) -> ColumnElement[bool]:
    return and_(attempts.c.run == number, attempts.c.attempt == attempt)
