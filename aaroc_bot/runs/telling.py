"""The reason beside a run's state: why it waits, until when, and when it is tried again."""

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.run import Run, State
from aaroc_bot.repo.export import CannotExport
from aaroc_bot.repo.git import GitFault
from aaroc_bot.runs.moves import Moves
from aaroc_bot.store.database import Database
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import runs

AGAIN = timedelta(seconds=5)
"""Until a run is tried again that could not go on because something is away."""

PATIENTLY = timedelta(minutes=2)
"""Until a run is tried again that waits until its site can be reached."""


def patiently(run: Run, now: datetime) -> tuple[str, datetime]:
    """Say that a run's site does not answer, and when it is tried again."""
    again_at = now + PATIENTLY
    return f"{run.site} does not answer, tried again at {again_at:%H:%M} UTC", again_at


async def say(
    moves: Moves,
    connection: AsyncConnection,
    number: int,
    state: State,
    reason: str,
    *,
    turn_at: datetime | None = None,
    again_at: datetime | None = None,
) -> bool:
    """Put a reason beside a run that is still in `state`; whether its card changes by it.

    `turn_at` is when its turn is likely to come (None: not known). It is not tried before
    `again_at`; None leaves that as it is.
    """
    same = (runs.c.number == number, runs.c.state == state.value)
    if again_at is not None:
        await connection.execute(update(runs).where(*same).values(again_at=again_at))
    reason = storable(moves.redact(reason))
    changed = await connection.execute(
        update(runs)
        .where(*same, or_(runs.c.reason != reason, runs.c.turn_at.is_distinct_from(turn_at)))
        .values(reason=reason, turn_at=turn_at)
    )
    if changed.rowcount == 0:
        return False
    await moves.cards.bump(connection, "run", str(number))
    return True


async def put_off(database: Database, moves: Moves, number: int, state: State, reason: str) -> None:
    """Say why a run cannot go on now; it is tried again after a moment."""
    again_at = moves.now() + AGAIN
    async with database.write() as connection:
        await say(moves, connection, number, state, reason, again_at=again_at)
    moves.cards.wake()


def obstacle(problem: Unavailable | CannotExport | GitFault) -> str:
    """Say what keeps a run from being looked at or played, for people."""
    match problem:
        case Unavailable():
            return f"{problem.what} does not answer"
        case GitFault():
            return f"the DevOps repository cannot be read: {problem}"
    return str(problem)
