"""Locks: sites kept by hand. They end by themselves after 24 hours at most."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.rights import Person, Standing
from aaroc_bot.core.run import Lock, State
from aaroc_bot.runs.moves import Moves
from aaroc_bot.runs.rows import SITES
from aaroc_bot.runs.turns import take_turns
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.database import Database
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import locks, runs

LONGEST = timedelta(hours=24)


class SiteLocks:
    """Fills the `Locks` port. `wake` tells the engine that a site may be free."""

    def __init__(
        self, database: Database, moves: Moves, wake: Callable[[], None] = lambda: None
    ) -> None:
        self._database = database
        self._moves = moves
        self._wake = wake

    async def lock(self, site: str, by: Standing, reason: str, until: datetime) -> Lock | None:
        """Take the lock; the lock that stands comes back if another's is there, else None.

        Taking one's own again changes its reason and end. Raises `ValueError` if `until`
        is past or further away than a lock lasts.
        """
        now = self._moves.now()
        if by.person is None or not now < until <= now + LONGEST:
            raise ValueError("a lock is a person's, and ends within 24 hours")
        values = {
            "person": by.person.id,
            "login": by.person.login,
            "reason": storable(self._moves.redact(reason)),
            "since": now,
            "until": until,
        }
        async with self._database.write() as connection:
            await take_turns(connection)
            row = await _row(connection, site)
            if row is not None and row.until > now and row.person != by.person.id:
                return _lock(row)
            if row is None:
                await connection.execute(insert(locks).values(site=site, **values))
            else:
                await connection.execute(update(locks).where(locks.c.site == site).values(values))
            await self._show(connection, site)
            outcome = f"locked until {until.isoformat()}: {values['reason']}"
            await append_in(connection, self._event(site, outcome, by))
        self._moves.cards.wake()
        return None

    async def unlock(self, site: str, by: Standing) -> Lock | None:
        """Lift the lock and give what it was; None if there was none. Its owner is told."""
        async with self._database.write() as connection:
            row = await _row(connection, site)
            if row is None or row.until <= self._moves.now():
                return None
            await self._remove(connection, row)
            if by.person is None or by.person.id != row.person:
                told = {
                    "site": site,
                    "by": by.person.login if by.person else "",
                    "owner": row.login,
                }
                await self._moves.cards.notice(connection, "lock-lifted", _subject(row), told)
            outcome = f"unlocked, was locked by {row.login}"
            await append_in(connection, self._event(site, outcome, by))
        self._moves.cards.wake()
        self._wake()
        return _lock(row)

    async def current(self) -> Mapping[str, Lock]:
        """Give the locks in force, by site."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(locks).where(in_force(self._moves)))
            return {row.site: _lock(row) for row in rows}

    async def end_over(self) -> int:
        """Remove the locks whose time is over, each on record; give how many."""
        async with self._database.read() as connection:
            over = select(locks.c.site).where(~in_force(self._moves))
            sites = list(await connection.scalars(over))
        for site in sites:
            async with self._database.write() as connection:
                row = await _row(connection, site)
                if row is None or row.until > self._moves.now():
                    continue
                await self._remove(connection, row)
                told = {"site": site, "owner": row.login}
                await self._moves.cards.notice(connection, "lock-ended", _subject(row), told)
                event = Event(
                    What.LOCK,
                    self._moves.now(),
                    person=row.person,
                    login=row.login,
                    site=site,
                    outcome="the lock ended",
                )
                await append_in(connection, event)
        if sites:
            self._moves.cards.wake()
        return len(sites)

    async def _remove(self, connection: AsyncConnection, row: Row[Any]) -> None:
        await connection.execute(delete(locks).where(locks.c.site == row.site))
        await self._show(connection, row.site)

    async def _show(self, connection: AsyncConnection, site: str) -> None:
        """Have the cards of runs that wait for approval at a site tell of its lock as it is now."""
        waiting = select(runs.c.number, runs.c.holds).where(runs.c.state == State.WAITING.value)
        for row in (await connection.execute(waiting.order_by(runs.c.number))).all():
            if site in SITES.validate_json(row.holds):
                await self._moves.cards.bump(connection, "run", str(row.number))

    def _event(self, site: str, outcome: str, by: Standing) -> Event:
        return Event(
            What.LOCK,
            self._moves.now(),
            account=str(by.account),
            person=by.person.id if by.person else None,
            login=by.person.login if by.person else "",
            operator=by.operator or "",
            site=site,
            outcome=outcome,
        )


def in_force(moves: Moves) -> ColumnElement[bool]:
    """Whether a lock counts now."""
    return locks.c.until > moves.now()


async def _row(connection: AsyncConnection, site: str) -> Row[Any] | None:
    query = select(locks).where(locks.c.site == site).with_for_update()
    return (await connection.execute(query)).first()


def _lock(row: Row[Any]) -> Lock:
    return Lock(row.site, Person(row.person, row.login), row.reason, row.since, row.until)


def _subject(row: Row[Any]) -> str:
    return f"{row.site} {row.since.isoformat()}"
