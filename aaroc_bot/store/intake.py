"""What was said, kept before anything is done about it, and what buttons stand for.

Of what was worked on only the event's id is kept, so that a redelivery stays known: the
text may hold a secret that somebody typed, and nobody reads it again.

Nothing here grows for ever: once an hour, with other work, ids older than `KEPT` go, and
buttons older than `OFFERED`. No chat redelivers after a day, and a card that is edited
after its button went gets a new one.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.message import Button, Incoming, Place
from aaroc_bot.core.ports import Pressed
from aaroc_bot.store import spoken
from aaroc_bot.store.buttons import offer, pressed
from aaroc_bot.store.database import Database
from aaroc_bot.store.group import GroupCommit
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.processes import all_of
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import buttons, effects
from aaroc_bot.store.tables import incoming as table

KEPT = timedelta(days=7)
OFFERED = timedelta(days=90)
EVERY = timedelta(hours=1)
AT_ONCE = 1000
"""Rows pruned in one transaction: the other writers wait for it."""


@dataclass(frozen=True, slots=True)
class _Done:
    event: str


class Intake:
    """Fills the port `Intake`."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        name: str | None = None,
        lost: timedelta = timedelta(seconds=30),
    ) -> None:
        """Keep it in `database`; `now` is the clock, aware.

        `name` is the process that works on it, None if it is the only one. `lost` is the
        silence after which another counts as fallen.
        """
        self._database = database
        self._now = now
        self._name = name
        self._lost = lost
        self._commits = GroupCommit[Incoming | _Done, bool](database, self._write)
        self._done: set[str] = set()
        self._heard: set[str] = set()
        """What was taken in through this very object: it is not what an earlier process left."""
        self._last = datetime.min.replace(tzinfo=UTC)
        self._pruned = self._last

    async def take_in(self, incoming: Incoming) -> bool:
        """Keep it, committed; False if this event is known already. Raises `Unavailable`."""
        return await self._commits.submit(incoming)

    async def pending(self) -> Sequence[Incoming]:
        """Give what an earlier process of this name took in, in time, and left, oldest first."""
        waiting = select(table).where(table.c.done.is_(False), self._own())
        heard = set(self._heard)  # what is done meanwhile is forgotten there
        async with self._database.read() as connection:
            rows = (await connection.execute(waiting)).all()
        heard |= self._heard
        return _in_time([row for row in rows if row.event not in heard])

    async def take_over(self) -> Sequence[Incoming]:
        """Give what processes that fell had taken in: it is this one's from now on.

        Of two who take it over at once, one is given it.
        """
        if self._is_only_one:
            return []
        async with self._database.write() as connection:
            processes = await all_of(connection, self._lost, self._now)
            alive = {p.name for p in processes if p.alive and not p.worker} | {self._name}
            left = or_(table.c.by.is_(None), table.c.by.not_in(alive))
            taken = (
                update(table)
                .where(table.c.done.is_(False), left)
                .values(by=self._name)
                .returning(table.c.taken_at, table.c.body)
            )
            return _in_time((await connection.execute(taken)).all())

    @property
    def _is_only_one(self) -> bool:
        return self._name is None or self._database.path is not None

    def _own(self) -> ColumnElement[bool]:
        return true() if self._is_only_one else table.c.by == self._name

    async def done(self, event: str) -> None:
        """Note that it was worked on, with the next commit, which this does not wait for.

        If the database is away, the note goes with a later commit.
        """
        note = _Done(storable(event))
        self._done.add(note.event)

        def noted(answer: asyncio.Future[bool]) -> None:
            if not answer.cancelled() and answer.exception() is None:
                self._done.discard(note.event)
                self._heard.discard(note.event)

        self._commits.submit(note).add_done_callback(noted)

    async def settle(self) -> None:
        """Wait until what was noted is committed: before the database is closed."""
        await self._commits.settle()

    async def pressed(self, button: str) -> Pressed | None:
        """Look up a button's id; None if there never was one, or it is long gone."""
        return await pressed(self._database, button)

    async def offer(
        self, place: Place, buttons: Sequence[Button], run: int | None, message: str
    ) -> tuple[Button, ...]:
        """Give each button its random id for this place and `message` (a name of ours).

        The same button (what it types, and for whom) of the same message keeps its id.
        """
        return await offer(
            self._database, place, buttons, run=run, message=message, now=self._now()
        )

    async def _write(
        self, connection: AsyncConnection, items: Sequence[Incoming | _Done]
    ) -> Sequence[bool]:
        new = await self._keep(connection, [i for i in items if isinstance(i, Incoming)])
        if self._done:
            await connection.execute(
                update(table).where(table.c.event.in_(self._done)).values(done=True, body="")
            )
        if self._now() - self._pruned >= EVERY and await _prune(connection, self._now()):
            self._pruned = self._now()
        return [isinstance(item, Incoming) and new.pop(item.event, False) for item in items]

    async def _keep(self, connection: AsyncConnection, said: Sequence[Incoming]) -> dict[str, bool]:
        """Insert what is not known yet; its events come back, each with True."""
        rows: dict[str, dict[str, object]] = {}
        for incoming in said:
            # One microsecond apart at least: `pending` gives them back in this order.
            self._last = max(self._now(), self._last + timedelta(microseconds=1))
            row = {"body": spoken.written(incoming), "taken_at": self._last, "by": self._name}
            rows.setdefault(storable(incoming.event), {"event": storable(incoming.event)} | row)
        if not rows:
            return {}
        insertion = inserting(connection, table).on_conflict_do_nothing().returning(table.c.event)
        # In one order everywhere: two processes with the same events must not wait in a circle.
        kept = set(await connection.scalars(insertion, [rows[event] for event in sorted(rows)]))
        self._heard |= kept  # before the commit: `pending` must not find them
        return {i.event: True for i in said if storable(i.event) in kept}


def _in_time(rows: Sequence[Row[Any]]) -> list[Incoming]:
    """Read them, oldest first, without those that were taken in too late to count."""
    said = [(row.taken_at, spoken.read(row.body)) for row in sorted(rows, key=_taken_at)]
    return [each for at, each in said if each.until is None or at < each.until]


def _taken_at(row: Row[Any]) -> datetime:
    at: datetime = row.taken_at
    return at


async def _prune(connection: AsyncConnection, now: datetime) -> bool:
    """Delete some of what is too old; True if nothing is left of it."""
    old = select(table.c.event).where(table.c.done, table.c.taken_at < now - KEPT).limit(AT_ONCE)
    gone = select(buttons.c.id).where(buttons.c.offered_at < now - OFFERED).limit(AT_ONCE)
    events = await connection.execute(delete(table).where(table.c.event.in_(old)))
    ids = await connection.execute(delete(buttons).where(buttons.c.id.in_(gone)))
    done = select(effects.c.event).where(effects.c.at < now - KEPT).limit(AT_ONCE)
    effected = await connection.execute(delete(effects).where(effects.c.event.in_(done)))
    return max(events.rowcount, ids.rowcount, effected.rowcount) < AT_ONCE
