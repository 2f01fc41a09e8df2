"""A word before a wait ends by itself: to the experts before a request does, to its owner
before a lock does. Each once, for a notice is written once, whoever writes it and however often.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, select

from aaroc_bot.core.run import State
from aaroc_bot.runs.moves import Moves
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import locks, outbox, runs

BEFORE_LOCK = timedelta(minutes=15)
"""How long before its end the owner of a lock is told."""


async def remind(database: Database, moves: Moves, before: timedelta) -> int:
    """Remind the experts of each request that ends within `before`; give how many.

    None where a request waits less than twice as long at all: they were told a moment ago.
    """
    if before * 2 > moves.approval_time:
        return 0
    now = moves.now()
    ending = (
        select(runs.c.number)
        .where(
            runs.c.state == State.WAITING.value,
            runs.c.deadline > now,
            runs.c.deadline <= now + before,
        )
        .order_by(runs.c.number)
    )
    reminded = 0
    for row in await _rows(database, ending):
        subject = str(row.number)
        if await _is_told(database, "run-reminder", subject):
            continue
        async with database.write() as connection:
            # it may have been decided meanwhile; the row is kept until this is committed
            if await connection.scalar(
                ending.where(runs.c.number == row.number).with_for_update(of=runs)
            ):
                await moves.cards.notice(
                    connection, "run-reminder", subject, {}, under=("run", subject)
                )
                reminded += 1
    if reminded:
        moves.cards.wake()
    return reminded


async def warn_of_locks(database: Database, moves: Moves) -> int:
    """Tell the owner of each lock that ends soon; give how many.

    None for a lock that lasts less than twice as long at all. One that is taken again ends
    later, and is told of again.
    """
    now = moves.now()
    ending = select(locks).where(locks.c.until > now, locks.c.until <= now + BEFORE_LOCK)
    told = 0
    for row in await _rows(database, ending):
        subject = f"{row.site} {row.until.isoformat()}"
        if row.until - row.since < 2 * BEFORE_LOCK:
            continue
        if await _is_told(database, "lock-ends", subject):
            continue
        async with database.write() as connection:
            same = ending.where(locks.c.site == row.site, locks.c.until == row.until)
            if (await connection.execute(same.with_for_update())).first() is None:
                continue
            data = {
                "site": row.site,
                "owner": row.login,
                "until": row.until.isoformat(),
                "reason": row.reason,
            }
            await moves.cards.notice(connection, "lock-ends", subject, data)
            told += 1
    if told:
        moves.cards.wake()
    return told


async def _rows(database: Database, query: Select[Any]) -> Sequence[Row[Any]]:
    async with database.read() as connection:
        found: Sequence[Row[Any]] = (await connection.execute(query)).all()
        return found


async def _is_told(database: Database, card: str, subject: str) -> bool:
    """Whether the notice was written before, so that a round writes nothing."""
    query = select(outbox.c.id).where(outbox.c.card == card, outbox.c.subject == subject).limit(1)
    async with database.read() as connection:
        return await connection.scalar(query) is not None
