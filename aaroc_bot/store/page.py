"""What stands in the web chat, change by change."""

from collections.abc import Sequence

from sqlalchemy import func, insert, select, text

from aaroc_bot.store.database import Database
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import page

LOCK = 0x70616765
"""PostgreSQL's advisory lock on the end of the page."""


class Page:
    """Fills the port `Page`."""

    def __init__(self, database: Database) -> None:
        """Keep it in `database`."""
        self._database = database

    async def add(self, ref: str, body: str) -> int:
        """Keep a change (a new or edited message) and give its seq."""
        change = insert(page).values(ref=storable(ref), body=storable(body)).returning(page.c.seq)
        async with self._database.write() as connection:
            if connection.dialect.name == "postgresql":
                # Or a later seq could be committed first, and a reader miss this one.
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            seq: int = (await connection.execute(change)).scalar_one()
            return seq

    async def since(self, seq: int, limit: int) -> Sequence[tuple[int, str]]:
        """Give the changes after `seq`, oldest first: seq and body."""
        changes = (
            select(page.c.seq, page.c.body)
            .where(page.c.seq > seq)
            .order_by(page.c.seq)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [(row.seq, row.body) for row in await connection.execute(changes)]

    async def newest(self) -> int:
        """Give the last seq, 0 when there is none."""
        async with self._database.read() as connection:
            last: int | None = await connection.scalar(select(func.max(page.c.seq)))
            return last or 0

    async def latest(self, ref: str) -> str | None:
        """Give the newest body kept under `ref`; None if there never was one."""
        body = (
            select(page.c.body)
            .where(page.c.ref == storable(ref))
            .order_by(page.c.seq.desc())
            .limit(1)
        )
        async with self._database.read() as connection:
            return (await connection.execute(body)).scalar_one_or_none()
