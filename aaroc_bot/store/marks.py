"""How far something was told or looked at: a word that stands for each, and its value."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.tables import marks


async def read(connection: AsyncConnection, what: str) -> str | None:
    """Give a mark's value; None if it was never set."""
    return await connection.scalar(select(marks.c.value).where(marks.c.what == what))


async def put(connection: AsyncConnection, what: str, value: str, at: datetime) -> None:
    """Set a mark, whatever it was."""
    row = {"what": what, "value": value, "at": at}
    insertion = inserting(connection, marks).values(row)
    await connection.execute(
        insertion.on_conflict_do_update(index_elements=["what"], set_={"value": value, "at": at})
    )


async def move(
    connection: AsyncConnection, what: str, before: str | None, then: str, at: datetime
) -> bool:
    """Take a mark from one value (None: never set) to another; False if it is not there now.

    Of two who found the same at once, one is told so.
    """
    if before is None:
        row = {"what": what, "value": then, "at": at}
        insertion = inserting(connection, marks).values(row).on_conflict_do_nothing()
        return await connection.scalar(insertion.returning(marks.c.what)) is not None
    moved = await connection.execute(
        update(marks).where(marks.c.what == what, marks.c.value == before).values(value=then, at=at)
    )
    return moved.rowcount == 1
