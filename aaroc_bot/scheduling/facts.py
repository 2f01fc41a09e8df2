"""Fills the port `Digests`: what happened between digests, out of the rows, each by an index."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.changes import ChangeState
from aaroc_bot.core.digest import LONG, Facts
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.run import Run, State
from aaroc_bot.runs.rows import columns, runs_of
from aaroc_bot.scheduling.wanted import Wanted
from aaroc_bot.store import changes as changing
from aaroc_bot.store import schedules
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import changes, runs

BADLY = (State.FAILED, State.UNREACHABLE, State.INTERRUPTED)

NAMED = 5
"""Runs that ended badly and are named; all are counted."""


class DigestFacts:
    """Reads what happened since a moment."""

    def __init__(self, database: Database, wanted: Wanted, now: Callable[[], datetime]) -> None:
        """`wanted` tells which schedules do not count."""
        self._database = database
        self._wanted = wanted
        self._now = now

    async def last(self) -> datetime | None:
        """Give when the last digest was made; None: never yet."""
        async with self._database.read() as connection:
            return await schedules.last_digest(connection)

    async def facts(self, since: datetime) -> Facts:
        """Tell what happened after a moment, and what is open. Raises `Unavailable`."""
        broken = await self._broken()  # may read by itself: not while a connection is held
        async with self._database.read() as connection:
            waiting = await changing.open_ones(connection)
            return Facts(
                since=since,
                ended=await _ended(connection, since),
                failed=await _failed(connection, since),
                merged=await _merged(connection, since),
                merges=await _merges(connection, self._now() - LONG),
                open=tuple(one for one in waiting if one.state is ChangeState.OPEN),
                broken=broken,
            )

    async def _broken(self) -> tuple[str, ...]:
        try:
            clashes = await self._wanted.clashes()
        except Unavailable as away:
            return (f"what the repository schedules is unknown: {away.what} can't be read",)
        why = "of .aaroc.yml does not count: the operator's has the same name"
        return tuple(f"the schedule {name} {why}" for name in clashes)


async def _ended(connection: AsyncConnection, since: datetime) -> Mapping[State, int]:
    query = (
        select(runs.c.state, func.count())
        .where(runs.c.ended_at > since, ~runs.c.plan_only)
        .group_by(runs.c.state)
    )
    return {State(state): number for state, number in await connection.execute(query)}


async def _failed(connection: AsyncConnection, since: datetime) -> tuple[Run, ...]:
    badly = runs.c.state.in_([state.value for state in BADLY])
    query = (
        select(*columns)
        .where(runs.c.ended_at > since, ~runs.c.plan_only, badly)
        .order_by(runs.c.ended_at.desc())
        .limit(NAMED)
    )
    rows = (await connection.execute(query)).all()
    return tuple(await runs_of(connection, rows))


async def _merged(connection: AsyncConnection, since: datetime) -> int:
    merged = (changes.c.state == ChangeState.MERGED.value, changes.c.changed_at > since)
    return await connection.scalar(select(func.count()).select_from(changes).where(*merged)) or 0


async def _merges(connection: AsyncConnection, since: datetime) -> Mapping[str, datetime]:
    query = (
        select(changes.c.site, func.max(changes.c.changed_at).label("at"))
        .where(changes.c.state == ChangeState.MERGED.value, changes.c.changed_at > since)
        .group_by(changes.c.site)
    )
    return {row.site: row.at for row in await connection.execute(query)}
