"""Buttons: random ids that mean a typed command in one place, under one message."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.message import Button, Place
from aaroc_bot.core.ports import Pressed
from aaroc_bot.store.database import Database
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import buttons

Meaning = tuple[str, str]
"""What is typed, and for which account alone (empty: everybody)."""


async def pressed(database: Database, id: str) -> Pressed | None:
    """Look up what an id stands for; None if there never was one, or it is long gone."""
    async with database.read() as connection:
        found = await connection.execute(select(buttons).where(buttons.c.id == storable(id)))
        row = found.first()
    if row is None:
        return None
    place = Place(row.chat, row.channel, row.thread or None)
    return Pressed(row.typed, place, row.only_for or None, row.run)


async def offer(
    database: Database,
    place: Place,
    wanted: Sequence[Button],
    *,
    run: int | None,
    message: str,
    now: datetime,
) -> tuple[Button, ...]:
    """Give each button its id; one that the message had before keeps it."""
    if not wanted:
        return ()
    where: dict[str, object] = {
        "chat": storable(place.chat),
        "channel": storable(place.channel),
        "thread": storable(place.thread or ""),
        "message": storable(message),
    }
    async with database.read() as connection:
        ids = await _ids(connection, where)
    missing = {_meaning(button): button for button in wanted if _meaning(button) not in ids}
    if missing:
        rows = [
            where
            | {
                "id": secrets.token_urlsafe(18),
                "label": storable(button.label),
                "typed": typed,
                "only_for": only_for,
                "run": run,
                "offered_at": now,
            }
            for (typed, only_for), button in missing.items()
        ]
        async with database.write() as connection:
            # Another process may have offered the same meanwhile: then its ids count.
            await connection.execute(inserting(connection, buttons).on_conflict_do_nothing(), rows)
            ids = await _ids(connection, where)
    return tuple(replace(button, id=ids[_meaning(button)]) for button in wanted)


def _meaning(button: Button) -> Meaning:
    return storable(button.typed), storable(str(button.only_for or ""))


async def _ids(connection: AsyncConnection, where: dict[str, object]) -> dict[Meaning, str]:
    rows = await connection.execute(
        select(buttons.c.typed, buttons.c.only_for, buttons.c.id).where(
            *(buttons.c[name] == value for name, value in where.items())
        )
    )
    return {(row.typed, row.only_for): row.id for row in rows}
