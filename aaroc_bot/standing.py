"""Cards of a process that knows no channels: those that stand already are changed.

A run's card stood before a worker had the run, so its rows name the channels. The bots find
what is written here when they look.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import false, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.store.tables import outbox


class StandingCards:
    """Fills `Cards` for workers."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    async def bump(self, connection: AsyncConnection, card: str, subject: str) -> None:
        """Have a card edited wherever it stands, or is to be posted, already."""
        await connection.execute(
            update(outbox)
            .where(outbox.c.card == card, outbox.c.subject == subject, outbox.c.lost == false())
            .values(wanted=outbox.c.wanted + 1)
        )

    async def notice(
        self,
        connection: AsyncConnection,
        card: str,
        subject: str,
        data: Mapping[str, Any],
        *,
        under: tuple[str, str] | None = None,
    ) -> None:
        """Have a short message posted once in the threads of the card `under`.

        Without one, once in each channel in which a run's card stands.
        """
        query = select(outbox.c.chat, outbox.c.channel).where(
            outbox.c.card == card, outbox.c.subject == subject
        )
        said = {(row.chat, row.channel) for row in await connection.execute(query)}
        for place in await _places(connection, under):
            if (place.chat, place.channel) in said:
                continue
            row = {
                "card": card,
                "subject": subject,
                "data": json.dumps(data),
                "chat": place.chat,
                "channel": place.channel,
                "under": place.id if under else None,
                "wanted": 1,
                "shown": 0,
                "tries": 0,
                "due": self._now(),
            }
            await connection.execute(insert(outbox).values(row))

    def wake(self) -> None:
        """Do nothing: the bots look by themselves."""


async def _places(connection: AsyncConnection, under: tuple[str, str] | None) -> Sequence[Any]:
    if under is None:
        query = select(outbox.c.chat, outbox.c.channel).where(
            outbox.c.card == "run", outbox.c.reader.is_(None)
        )
        return (await connection.execute(query.distinct())).all()
    card, subject = under
    standing = select(outbox.c.id, outbox.c.chat, outbox.c.channel)
    where = (outbox.c.card == card, outbox.c.subject == subject)
    return (await connection.execute(standing.where(*where))).all()
