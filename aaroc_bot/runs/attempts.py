"""Attempts: each time a process was about to be started, on record before it was.

An attempt is open until its process has ended. One that was `cut` is a fallen process's: it
keeps what it holds until nothing of it can be alive, and whoever thaws finds it so.
Signs of life are dated by the database's clock, which all processes share.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.runs.machine import this_machine
from aaroc_bot.store.moment import database_now
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import attempts, holds, logs

Now = Callable[[], datetime]


async def open_attempt(
    connection: AsyncConnection,
    *,
    number: int,
    attempt: int,
    plan: bool,
    engine: str,
    mark: str,
    now: Now,
) -> None:
    """Record that a process is about to be started."""
    await connection.execute(
        insert(attempts).values(
            run=number,
            attempt=attempt,
            plan=plan,
            engine=engine,
            mark=mark,
            machine=this_machine(),
            started_at=now(),
            seen_at=await database_now(connection, now),
        )
    )


async def note_process(
    connection: AsyncConnection, number: int, attempt: int, *, pid: int, started: int, now: Now
) -> bool:
    """Record the process, and that it is alive; False if the attempt was given up meanwhile.

    `started` is the process's start time in clock ticks.
    """
    values = {"pid": pid, "pid_started": started}
    return await _note(connection, number, attempt, now, values)


async def note_seen(connection: AsyncConnection, number: int, attempt: int, now: Now) -> bool:
    """Record that it is alive; False if the attempt was given up meanwhile."""
    return await _note(connection, number, attempt, now, {})


async def _note(
    connection: AsyncConnection, number: int, attempt: int, now: Now, values: dict[str, int]
) -> bool:
    seen = await database_now(connection, now)
    noted = await connection.execute(
        update(attempts).where(_is(number, attempt), LIVING).values(**values, seen_at=seen)
    )
    return noted.rowcount > 0


async def close_attempt(
    connection: AsyncConnection, number: int, attempt: int, now: datetime, *, cut: bool = False
) -> bool:
    """Record its end and free what it held; False if it was given up before.

    Then whoever thought to end it writes nothing else. `cut` says that its process fell.
    """
    closed = await connection.execute(
        update(attempts).where(_is(number, attempt), LIVING).values(ended_at=now, cut=cut)
    )
    if closed.rowcount == 0:
        await connection.execute(
            update(attempts)
            .where(_is(number, attempt), attempts.c.ended_at.is_(None))
            .values(ended_at=now)
        )
    await connection.execute(delete(holds).where(holds.c.run == number, holds.c.attempt == attempt))
    return closed.rowcount > 0


async def cut_off(
    connection: AsyncConnection, number: int, attempt: int, before: datetime | None
) -> bool:
    """Give up an attempt without a sign of life since `before`; what it holds stays held.

    None: whatever its signs, for its process is known to have fallen.
    """
    silent = true() if before is None else attempts.c.seen_at < before
    gone = await connection.execute(
        update(attempts).where(_is(number, attempt), LIVING, silent).values(cut=True)
    )
    return gone.rowcount > 0


async def has_plan_under_way(connection: AsyncConnection, number: int) -> bool:
    """Whether a process that is not known to have fallen makes the run's plan."""
    query = select(exists().where(attempts.c.run == number, attempts.c.plan, LIVING))
    return bool(await connection.scalar(query))


async def keep_log(connection: AsyncConnection, number: int, log: str) -> None:
    """Keep the (redacted) log of a run that ends with this transaction."""
    await connection.execute(insert(logs).values(run=number, text=storable(log)))


async def plans_cut(connection: AsyncConnection, number: int) -> int:
    """Count how often a fall cut off the run's plan."""
    query = select(func.count()).where(attempts.c.run == number, attempts.c.plan, attempts.c.cut)
    return await connection.scalar(query) or 0


LIVING = and_(attempts.c.ended_at.is_(None), ~attempts.c.cut)
"""Neither ended nor given up."""


def _is(number: int, attempt: int) -> ColumnElement[bool]:
    return and_(attempts.c.run == number, attempts.c.attempt == attempt)
