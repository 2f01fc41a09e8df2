"""Looking at the rows: everything that decides whose turn it is, read at one moment."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.run import State
from aaroc_bot.core.turns import Facts, Holder, Kept, Process, Waiting
from aaroc_bot.engine.seam import Deliverer
from aaroc_bot.engine.usual import Usual
from aaroc_bot.runs.locks import SiteLocks
from aaroc_bot.runs.planning import is_played
from aaroc_bot.runs.rows import SITES
from aaroc_bot.store.database import Database
from aaroc_bot.store.moment import database_now
from aaroc_bot.store.tables import attempts, holds, runs

logger = logging.getLogger(__name__)

RENEW = timedelta(seconds=30)
"""Age at which the clearance of a run that was delivered, and not claimed yet, is renewed."""

_GOING = (State.PLANNING.value, State.QUEUED.value, State.RUNNING.value)

Processes = Callable[[AsyncConnection], Awaitable[Sequence[Process]]]
"""Gives the bots and workers on this database."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found; `renewing` are delivered runs that are to be cleared anew.

    `told` is what stands beside the state of each waiting run: the reason, and when its
    turn is likely to come.
    """

    facts: Facts
    renewing: tuple[int, ...]
    told: Mapping[int, tuple[str, datetime | None]]


class Looking:
    """Reads the facts. `free` is how long after its last sign a lost run's site is kept."""

    def __init__(
        self,
        database: Database,
        *,
        locks: SiteLocks,
        deliverer: Deliverer,
        processes: Processes,
        free: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._locks = locks
        self._deliverer = deliverer
        self._processes = processes
        self._free = free
        self._now = now
        self._usual = Usual(database)

    async def look(self, clearing: frozenset[int]) -> Seen:
        """Look once; `clearing` are the runs that are being cleared now."""
        now = self._now()
        async with self._database.read() as connection:
            rows = (await connection.execute(_going())).all()
            under_way = await self._deliverer.under_way(connection)
            holders = await self._holders(connection)
            processes = await self._processes(connection)
            clock = await database_now(connection, self._now)
        locks = await self._locks.current()
        facts = Facts(
            now=now,
            waiting=await self._all_waiting(rows, under_way | clearing, now),
            running=[row.site for row in rows if row.state == State.RUNNING.value],
            holders=holders,
            locks={s: Kept(lock.by.id, lock.by.login, lock.until) for s, lock in locks.items()},
            processes=processes,
        )
        delivered = [row for row in rows if row.number in under_way]
        return Seen(
            facts,
            tuple(row.number for row in delivered if _is_stale(row, clock)),
            {row.number: (row.reason, row.turn_at) for row in rows},
        )

    async def _all_waiting(
        self, rows: Sequence[Row[Any]], under_way: frozenset[int], now: datetime
    ) -> list[Waiting]:
        """Give the runs that wait; one that this version cannot read keeps no other."""
        found = []
        for row in rows:
            if row.state == State.RUNNING.value:
                continue
            try:
                found.append(await self._waiting(row, row.number in under_way, now))
            except ValueError:
                logger.exception("run %s cannot be read", row.number)
        return found

    async def _waiting(self, row: Row[Any], under_way: bool, now: datetime) -> Waiting:
        return Waiting(
            number=row.number,
            plan=row.state == State.PLANNING.value,
            played=is_played(row.entry),
            site=row.site,
            sites=frozenset(SITES.validate_json(row.holds)),
            asked_by=row.asked_by,
            under_way=under_way,
            paused=row.again_at is not None and row.again_at > now,
            tried=row.again_at is not None,
            lasts=await self._usual.of(row.verb, row.word, row.site),
        )

    async def _holders(self, connection: AsyncConnection) -> dict[str, Holder]:
        """Give who has which site; of one that was lost, by when its site is free."""
        found = {}
        for row in await connection.execute(_holding()):
            lasts = await self._usual.of(row.verb, row.word, row.at)
            free_at = row.seen_at + self._free if row.cut else None
            found[row.site] = Holder(row.run, row.since, lasts, free_at)
        return found


def _going() -> Select[Any]:
    return (
        select(
            runs.c.number,
            runs.c.state,
            runs.c.verb,
            runs.c.word,
            runs.c.site,
            runs.c.holds,
            runs.c.asked_by,
            runs.c.entry,
            runs.c.reason,
            runs.c.turn_at,
            runs.c.cleared_at,
            runs.c.again_at,
        )
        .where(runs.c.state.in_(_GOING))
        .order_by(runs.c.number)
    )


def _holding() -> Select[Any]:
    same = (attempts.c.run == holds.c.run) & (attempts.c.attempt == holds.c.attempt)
    return select(
        holds.c.site,
        holds.c.run,
        holds.c.since,
        attempts.c.cut,
        attempts.c.seen_at,
        runs.c.verb,
        runs.c.word,
        runs.c.site.label("at"),
    ).select_from(holds.join(runs, runs.c.number == holds.c.run).outerjoin(attempts, same))


def _is_stale(row: Row[Any], clock: datetime) -> bool:
    """Whether a delivered run waits to be claimed, and was cleared a while ago."""
    cleared_at: datetime | None = row.cleared_at
    waits = row.state == State.QUEUED.value
    return waits and cleared_at is not None and cleared_at < clock - RENEW
