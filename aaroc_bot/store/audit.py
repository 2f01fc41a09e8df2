"""The writer of the record, and what is read back from it.

`append_in` puts events into the caller's own transaction, so that a change and its event
are committed together; `AuditWriter.append` is for what changes nothing else. Both lock
the chain's end first: two events can never follow the same one.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.audit import GENESIS, Event, Lacking, Recorded, What, chained
from aaroc_bot.core.doing import DOING, DoneBefore
from aaroc_bot.core.ports import History
from aaroc_bot.store.database import Database
from aaroc_bot.store.group import GroupCommit
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import audit, effects

LOCK = 0x61756469
"""PostgreSQL's advisory lock on the end of the chain."""

PAGE = 10
"""Events on one page of a site's history."""

ALONE = (What.LOCK, What.ACCEPTANCE)
"""Events that a site's history shows one by one."""

OF_A_RUN = (What.RUN, What.APPROVAL)
"""Events of which a site's history shows the last one of each run."""

ON_THE_WAY = ("being opened", "not opened", "merge of ", "closing of ")
"""How an outcome of a Change begins that a site's history leaves out: nothing came of it yet.

That it was merged stands there too, by the event which names its files (changes/telling.py).
"""

DAY = 10
"""Characters of a moment that say its day."""

CHUNK = 500
"""Rows read at a time when the chain is walked."""

FIELDS = [field.name for field in fields(Event)]


class AuditWriter:
    """Fills the port `Record`."""

    def __init__(self, database: Database) -> None:
        """Write to and read from `database`."""
        self._database = database
        self._commits = GroupCommit[Event, Recorded](database, _append_all)

    async def append(self, event: Event) -> Recorded:
        """Append it; committed when this returns. Raises `Unavailable`.

        A caller who is cancelled meanwhile may find the event in the record nevertheless.
        """
        return await self._commits.submit(_storable(event))

    async def history(self, site: str, page: int = 1) -> History:
        """Give what happened at a site, newest first, ten a page, counted from 1."""
        of_site = audit.c.site == site
        once = literal(1).label("times")
        shown = union_all(
            select(audit.c.id, once).where(of_site, audit.c.what.in_(ALONE)),
            select(func.max(audit.c.id), once)
            .where(of_site, audit.c.what.in_(OF_A_RUN), audit.c.run.is_not(None))
            .group_by(audit.c.run),
            _changed(of_site, once),
            _refused_rights(of_site),
        ).subquery()
        wanted = (
            select(shown.c.id, shown.c.times, func.count().over().label("total"))
            .order_by(shown.c.id.desc())
            .limit(PAGE)
            .offset((page - 1) * PAGE)
            .subquery()
        )
        found = (
            select(audit, wanted.c.total, wanted.c.times)
            .join(wanted, wanted.c.id == audit.c.id)
            .order_by(audit.c.id.desc())
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(found)).mappings().all()
        left = rows[0]["total"] - (page - 1) * PAGE - len(rows) if rows else 0
        times = {row["id"]: row["times"] for row in rows if row["times"] > 1}
        return History(tuple(map(_recorded, rows)), page, left, times)

    async def head(self) -> tuple[int, str]:
        """Give the number and hash of the last row; 0 and `GENESIS` before the first."""
        async with self._database.read() as connection:
            return await head_in(connection)


def _changed(of_site: ColumnElement[bool], once: ColumnElement[int]) -> Select[Any]:
    """Select what became of Changes at a site, and commits that came without one."""
    outcome = audit.c.outcome
    merged = and_(outcome.startswith("#"), outcome.endswith(" merged"), not_(outcome.contains(":")))
    step = or_(merged, *(outcome.startswith(word) for word in ON_THE_WAY))
    return select(audit.c.id, once).where(of_site, audit.c.what == What.CHANGE, not_(step))


def _refused_rights(of_site: ColumnElement[bool]) -> Select[Any, int]:
    """Select the refusals of rights at a site, equal ones of one person and day once."""
    rights = or_(*(audit.c.outcome.startswith(f"{right}: ") for right in Lacking))
    who = func.coalesce(func.nullif(audit.c.login, ""), audit.c.account)
    day = func.substr(audit.c.at, 1, DAY)
    return (
        select(func.max(audit.c.id), func.count())
        .where(of_site, audit.c.what == What.REFUSAL, rights)
        .group_by(who, day, audit.c.text, audit.c.outcome)
    )


async def append_in(connection: AsyncConnection, *events: Event) -> list[Recorded]:
    """Append events inside the caller's own write transaction; they stand once it commits.

    Call it last: on PostgreSQL every other writer of the record waits from here on until
    the commit, and a lock taken after it could close a circle.

    Within a command this is where its effect is made, so here it is made once: raises
    `DoneBefore` if the command that was said took effect before a fall.
    """
    doing = DOING.get()
    if doing is not None and not doing.noted:
        await _once(connection, doing.event)
        doing.noted = True
    return await _append_all(connection, [_storable(event) for event in events])


async def _once(connection: AsyncConnection, event: str) -> None:
    """Keep that a command took effect, or find that it did before."""
    row = {"event": storable(event), "at": datetime.now(UTC)}
    insertion = inserting(connection, effects).values(row).on_conflict_do_nothing()
    if await connection.scalar(insertion.returning(effects.c.event)) is None:
        raise DoneBefore


async def verify(connection: AsyncConnection) -> int | None:
    """Walk the chain from its start; give the number at which it first breaks, else None.

    Rows cut off its end leave a whole chain: only a head that somebody noted shows that.
    """
    before, last = GENESIS, 0
    async for row in _walk(connection):
        if row["id"] != last + 1 or row["before"] != before or not _hashed(row):
            return min(int(row["id"]), last + 1)
        before, last = row["hash"], row["id"]
    return None


async def _append_all(connection: AsyncConnection, events: Sequence[Event]) -> list[Recorded]:
    if connection.dialect.name == "postgresql":
        # A statement of its own: the head must be read after the lock is had.
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    last, before = await head_in(connection)
    recorded = []
    for id, event in enumerate(events, start=last + 1):
        row = Recorded(id, event, before, chained(id, event, before))
        recorded.append(row)
        before = row.hash
    if recorded:
        await connection.execute(insert(audit), [_row(one) for one in recorded])
    return recorded


async def head_in(connection: AsyncConnection) -> tuple[int, str]:
    """Give the number and hash of the last row, within the caller's own transaction."""
    end = select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)
    row = (await connection.execute(end)).first()
    return (row.id, row.hash) if row else (0, GENESIS)


async def _walk(connection: AsyncConnection) -> AsyncIterator[RowMapping]:
    last: int | None = None
    while True:
        chunk = select(audit).order_by(audit.c.id).limit(CHUNK)
        if last is not None:
            chunk = chunk.where(audit.c.id > last)
        rows = (await connection.execute(chunk)).mappings().all()
        for row in rows:
            yield row
        if len(rows) < CHUNK:
            return
        last = rows[-1]["id"]


def _storable(event: Event) -> Event:
    """Give the event exactly as it will be read back, for that is what is hashed."""
    if event.at.tzinfo is None:
        raise ValueError("a moment without a zone")
    values: dict[str, Any] = {name: getattr(event, name) for name in FIELDS}
    for name, value in values.items():
        if isinstance(value, str) and name != "what":
            values[name] = storable(value)
    values["at"] = event.at.astimezone(UTC)
    return Event(**values)


def _hashed(row: RowMapping) -> bool:
    try:
        event = _recorded(row).event
    except ValueError:
        return False  # A kind or moment that never was written.
    return bool(row["hash"] == chained(row["id"], event, row["before"]))


def _row(recorded: Recorded) -> dict[str, object]:
    event = {name: getattr(recorded.event, name) for name in FIELDS}
    return {
        **event,
        "what": recorded.event.what.value,
        "at": recorded.event.at.isoformat(timespec="microseconds"),
        "id": recorded.id,
        "before": recorded.before,
        "hash": recorded.hash,
    }


def _recorded(row: RowMapping) -> Recorded:
    values: dict[str, Any] = {name: row[name] for name in FIELDS}
    values["what"] = What(values["what"])
    values["at"] = datetime.fromisoformat(values["at"])
    return Recorded(row["id"], Event(**values), row["before"], row["hash"])
