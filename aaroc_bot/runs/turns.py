"""Letting transactions that read before they write go one after the other."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

ASKING = 0x41_41_52_4F
"""A number of ours for PostgreSQL's advisory locks, other than the record's."""


async def take_turns(connection: AsyncConnection) -> None:
    """Wait for one's turn until the end of the transaction; on SQLite writers have it already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(ASKING)))
