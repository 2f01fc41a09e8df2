"""Saying beside a run's state why it waits."""

from datetime import datetime

from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.run import State
from aaroc_bot.runs.moves import Moves
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import runs


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
    """Put the reason beside the state, where it is another than before; whether it was.

    `turn_at` is when its turn is likely to come; one that was said stays while the reason
    does. `again_at`: it is not tried before. Call `moves.cards.wake` once it is committed.
    """
    reason = storable(moves.redact(reason))
    here = (runs.c.number == number, runs.c.state == state.value)
    if again_at is not None:
        await connection.execute(update(runs).where(*here).values(again_at=again_at))
    other = [runs.c.reason != reason]
    if turn_at is not None:
        other.append(runs.c.turn_at.is_(None))
    changed = await connection.execute(
        update(runs).where(*here, or_(*other)).values(reason=reason, turn_at=turn_at)
    )
    if changed.rowcount == 0:
        return False
    await moves.cards.bump(connection, "run", str(number))
    return True
