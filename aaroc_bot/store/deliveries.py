"""Calls of GitHub's that were heard, so that one that is played again does nothing.

GitHub signs the body and not the delivery's id: whoever has a signed body could send it
under any id, so both are kept. They go after `KEPT`.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.store.database import Database
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.tables import deliveries

KEPT = timedelta(days=7)

TIMELESS = ("organization", "membership", "team", "member")
"""Events whose body holds no moment: a second removal of somebody reads like the first."""


class Deliveries:
    """Knows what was heard."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """Keep it in `database`; `now` is the clock, aware."""
        self._database = database
        self._now = now

    async def heard(self, id: str, event: str, body: bytes) -> bool:
        """Note a call, committed; False if its id or body is known. Raises `Unavailable`.

        A body that holds no moment counts as new where another of its kind came in between:
        who was removed, let in again and removed again loses their rights at once again.
        """
        at, digest = self._now(), hashlib.sha256(body).hexdigest()
        async with self._database.write() as connection:
            await connection.execute(delete(deliveries).where(deliveries.c.at < at - KEPT))
            row = {"id": id, "event": event, "body": digest, "at": at}
            insertion = inserting(connection, deliveries).values(row).on_conflict_do_nothing()
            kept = await connection.scalar(insertion.returning(deliveries.c.id))
            return kept is not None or (
                event in TIMELESS and await _happened_again(connection, id, digest, at)
            )


async def _happened_again(connection: AsyncConnection, id: str, digest: str, at: datetime) -> bool:
    other = deliveries.alias()
    between = exists(
        select(other.c.id).where(other.c.event.in_(TIMELESS), other.c.at > deliveries.c.at)
    )
    known_id = await connection.scalar(select(deliveries.c.id).where(deliveries.c.id == id))
    if known_id is not None:
        return False
    again = await connection.execute(
        update(deliveries).where(deliveries.c.body == digest, between).values(id=id, at=at)
    )
    return again.rowcount == 1
