"""The database's own clock: what several machines compare must come from one."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection


async def database_now(connection: AsyncConnection, now: Callable[[], datetime]) -> datetime:
    """Give PostgreSQL's time of this moment; SQLite is on this machine, whose clock is `now`."""
    if connection.dialect.name != "postgresql":
        return now()
    moment = await connection.scalar(select(func.clock_timestamp()))
    assert isinstance(moment, datetime)
    return moment
