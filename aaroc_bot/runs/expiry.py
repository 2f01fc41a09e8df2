"""Waits that end by themselves: requests, approved runs that could not start, tries in vain."""

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.run import Run, State
from aaroc_bot.runs.moves import Moves
from aaroc_bot.runs.rows import load
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import runs

logger = logging.getLogger(__name__)

WAITS = (State.PLANNING, State.WAITING, State.QUEUED)
"""States with a time; planning has one where it is tried until the site can be reached."""

TOO_LATE = {
    State.PLANNING: "its plan could not be made in time",
    State.WAITING: "nobody approved it in time",
    State.QUEUED: "it could not start in time",
}


async def expire_if_over(moves: Moves, connection: AsyncConnection, run: Run) -> bool:
    """End a run whose deadline has passed; say whether it was."""
    if run.state not in WAITS or run.deadline is None or run.deadline > moves.now():
        return False
    reason = TOO_LATE[run.state]
    if run.state is State.WAITING and run.approvals:
        given = len(run.approvals)
        reason = f"{given} of {run.needed} experts approved it in time"
    elif run.reason:
        reason = f"{reason}: {run.reason}"
    return await moves.move(connection, run, State.EXPIRED, reason=reason)


async def expire(database: Database, moves: Moves, now: datetime) -> int:
    """End every run whose time is over, each in its own transaction; give how many."""
    over = select(runs.c.number).where(
        runs.c.state.in_([state.value for state in WAITS]), runs.c.deadline <= now
    )
    async with database.read() as connection:
        numbers = list(await connection.scalars(over))
    ended = 0
    for number in numbers:
        try:
            async with database.write() as connection:
                run = await load(connection, number, lock=True)
                ended += run is not None and await expire_if_over(moves, connection, run)
        except ValueError:  # a row that this version cannot read keeps no other
            logger.exception("run %s cannot be read", number)
    if ended:
        moves.cards.wake()
    return ended
