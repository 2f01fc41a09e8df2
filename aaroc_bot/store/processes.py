"""Bots and workers on this database: who they are, which sites they are for, who lives."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.turns import Process
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.moment import database_now
from aaroc_bot.store.tables import processes

SITES: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])

Now = Callable[[], datetime]
"""This machine's clock; PostgreSQL's own is used where there is one."""

BOT, WORKER = "bot", "worker"

KEPT = timedelta(days=7)
"""How long a worker that is gone is remembered: until then its sites' runs wait for it."""

BOTS_KEPT = timedelta(days=1)


async def begin(
    connection: AsyncConnection,
    name: str,
    *,
    worker: bool,
    sites: Sequence[str] | None,
    slots: int,
    now: Now,
) -> None:
    """Have a process known from now on, under its name; those long gone are forgotten."""
    clock = await database_now(connection, now)
    values = {
        "kind": WORKER if worker else BOT,
        "sites": None if sites is None else SITES.dump_json(tuple(sites)).decode(),
        "slots": slots,
        "started_at": clock,
        "seen_at": clock,
    }
    insertion = inserting(connection, processes).values(name=name, **values)
    await connection.execute(insertion.on_conflict_do_update(index_elements=["name"], set_=values))
    await connection.execute(delete(processes).where(_gone(clock)))


def _gone(clock: datetime) -> ColumnElement[bool]:
    """Whether a process was not seen for so long that it is forgotten."""
    return or_(
        and_(processes.c.kind == WORKER, processes.c.seen_at < clock - KEPT),
        and_(processes.c.kind == BOT, processes.c.seen_at < clock - BOTS_KEPT),
    )


async def forget(connection: AsyncConnection, name: str, lost: timedelta, now: Now) -> bool | None:
    """Forget a worker that is gone; False if it lives, None if none of that name is known."""
    clock = await database_now(connection, now)
    worker = (processes.c.name == name, processes.c.kind == WORKER)
    seen_at = await connection.scalar(select(processes.c.seen_at).where(*worker))
    if seen_at is None:
        return None
    if seen_at >= clock - lost:
        return False
    await connection.execute(delete(processes).where(*worker))
    return True


async def sign(connection: AsyncConnection, name: str, now: Now) -> bool:
    """Give a sign of life; False if the process is not known (any more)."""
    clock = await database_now(connection, now)
    signed = await connection.execute(
        update(processes).where(processes.c.name == name).values(seen_at=clock)
    )
    return signed.rowcount == 1


async def all_of(connection: AsyncConnection, lost: timedelta, now: Now) -> list[Process]:
    """Give every process that is known; it lives if it gave a sign within `lost`."""
    clock = await database_now(connection, now)
    known = select(processes).where(~_gone(clock)).order_by(processes.c.name)
    rows = await connection.execute(known)
    return [
        Process(
            name=row.name,
            worker=row.kind == WORKER,
            sites=None if row.sites is None else frozenset(SITES.validate_json(row.sites)),
            slots=row.slots,
            alive=row.seen_at >= clock - lost,
            seen_at=row.seen_at,
        )
        for row in rows
    ]
