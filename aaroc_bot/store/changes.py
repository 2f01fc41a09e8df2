"""Changes as rows, and back: functions on the caller's own transaction."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from sqlalchemy import ColumnElement, RowMapping, Select, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.changes import Change, ChangeState, Draft, Wish
from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.pulls import Review
from aaroc_bot.core.rights import Person
from aaroc_bot.core.run import Asked, State
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import changes, pulls, runs

LOCK = 0x6368616E
"""PostgreSQL's advisory lock on asking; SQLite has one writer anyway."""

REVISIONS = 50
"""Revisions that a site succeeded at and that are looked through for other files."""

_WISH: TypeAdapter[Wish] = TypeAdapter(Annotated[Wish, Field(discriminator="kind")])
_DRAFT = TypeAdapter(Draft)
_ACCOUNT = TypeAdapter(Account)
_PLACE = TypeAdapter(Place)
_REVIEWS: TypeAdapter[tuple[Review, ...]] = TypeAdapter(tuple[Review, ...])

_GOING_ON = [state.value for state in ChangeState if not state.ended]


@dataclass(frozen=True, slots=True)
class NewChange:
    """A Change to be kept: what a person wished and what it comes to. All text is redacted."""

    wish: Wish
    draft: Draft
    reason: str
    asked: Asked
    bounded: bool
    base: str
    at: datetime

    @property
    def site(self) -> str:
        """The site that it is about."""
        return self.wish.name if self.wish.kind == "new site" else self.wish.site


async def load(connection: AsyncConnection, id: int, *, lock: bool = False) -> Change | None:
    """Read a Change by our id; `lock` keeps its row for the rest of a writing transaction."""
    return await _first(connection, changes.c.id == id, lock=lock)


async def of_number(
    connection: AsyncConnection, number: int, *, lock: bool = False
) -> Change | None:
    """Read the Change that is this pull request of GitHub's; None: not opened by the bot."""
    return await _first(connection, changes.c.number == number, lock=lock)


async def of_event(connection: AsyncConnection, event: str) -> Change | None:
    """Read what was asked for by this very event; an empty one is nobody's."""
    return await _first(connection, changes.c.event == storable(event)) if event else None


async def open_ones(connection: AsyncConnection) -> Sequence[Change]:
    """Read every Change that has not ended, oldest first."""
    return await _all(connection, changes.c.state.in_(_GOING_ON))


async def open_ones_of(connection: AsyncConnection, person: int) -> Sequence[Change]:
    """Read those that a person (GitHub id) asked for, oldest first."""
    mine = changes.c.asked_by == person
    return await _all(connection, changes.c.state.in_(_GOING_ON) & mine)


async def take_turns(connection: AsyncConnection) -> None:
    """Have those who ask at once come one after the other; ends with the transaction."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


async def same(connection: AsyncConnection, new: NewChange) -> Change | None:
    """Find the Change under way by which the same person wishes the same.

    What it comes to must read the same too: wished again after others' merges it does
    something else, and is another Change.
    """
    alike = changes.c.wish == _text(_WISH, new.wish)
    mine = changes.c.asked_by == new.asked.by.id
    found = await _all(connection, changes.c.state.in_(_GOING_ON) & mine & alike)
    return next((one for one in found if one.draft.title == new.draft.title), None)


async def add(connection: AsyncConnection, new: NewChange, word: str) -> Change:
    """Keep a Change that is being opened; its branch is ``aaroc/<id>-<word>``."""
    asked = new.asked
    opened = await connection.execute(
        insert(changes).values(
            wish=_text(_WISH, new.wish),
            site=storable(new.site),
            draft=_text(_DRAFT, new.draft),
            reason=storable(new.reason),
            asked_by=asked.by.id,
            asked_login=storable(asked.by.login),
            asked_account=_text(_ACCOUNT, asked.account),
            asked_place=_text(_PLACE, asked.place),
            asked_at=asked.at,
            operator=storable(asked.operator) if asked.operator else None,
            bounded=new.bounded,
            event=storable(asked.event) or None,
            base=new.base,
            branch=secrets.token_hex(),  # its name holds the id, which is known only now
            state=ChangeState.OPENING.value,
            why="",
            changed_at=new.at,
        )
    )
    key = opened.inserted_primary_key
    assert key is not None  # a table with one
    id = int(key[0])
    branch = f"aaroc/{id}-{word}".removesuffix("-")
    await connection.execute(update(changes).where(changes.c.id == id).values(branch=branch))
    kept = await load(connection, id)
    assert kept is not None  # it was written in this very transaction
    return kept


async def put(connection: AsyncConnection, change: Change, **values: object) -> bool:
    """Change columns of a Change; False if it is no longer in the state it was read in."""
    clean = {k: storable(v) if isinstance(v, str) else v for k, v in values.items()}
    here = (changes.c.id == change.id, changes.c.state == change.state.value)
    done = await connection.execute(update(changes).where(*here).values(**clean))
    return done.rowcount > 0


async def redraft(connection: AsyncConnection, change: Change, base: str, draft: Draft) -> bool:
    """Note that an open Change starts from another base now, and what it comes to there."""
    return await put(connection, change, base=base, draft=_text(_DRAFT, draft))


async def deployed(connection: AsyncConnection, site: str) -> Sequence[tuple[str, int]]:
    """Give the revisions that a deploy at the site succeeded at, each with its last run.

    Newest first; plans and entries that change nothing do not count.
    """
    last = func.max(runs.c.number)
    query = (
        select(runs.c.revision, last)
        .where(
            runs.c.site == storable(site),
            runs.c.verb == "deploy",
            runs.c.changes,
            ~runs.c.plan_only,
            runs.c.state == State.SUCCEEDED.value,
        )
        .group_by(runs.c.revision)
        .order_by(last.desc())
        .limit(REVISIONS)
    )
    return [(revision, number) for revision, number in await connection.execute(query)]


def _query(*where: ColumnElement[bool]) -> Select[Any]:
    seen = (pulls.c.head, pulls.c.reviews)
    joined = changes.outerjoin(pulls, pulls.c.number == changes.c.number)
    return select(*changes.columns, *seen).select_from(joined).where(*where)


async def _first(
    connection: AsyncConnection, where: ColumnElement[bool], *, lock: bool = False
) -> Change | None:
    query = _query(where)
    if lock:
        query = query.with_for_update(of=changes)
    row = (await connection.execute(query)).mappings().first()
    return None if row is None else _change(row)


async def _all(connection: AsyncConnection, where: ColumnElement[bool]) -> list[Change]:
    rows = await connection.execute(_query(where).order_by(changes.c.id))
    return [_change(row) for row in rows.mappings()]


def _change(row: RowMapping) -> Change:
    head = row["head"] or ""
    told = _REVIEWS.validate_json(row["reviews"]) if row["reviews"] else ()
    change = Change(
        id=row["id"],
        wish=_WISH.validate_json(row["wish"]),
        site=row["site"],
        draft=_DRAFT.validate_json(row["draft"]),
        reason=row["reason"],
        asked=Asked(
            Person(row["asked_by"], row["asked_login"]),
            _ACCOUNT.validate_json(row["asked_account"]),
            _PLACE.validate_json(row["asked_place"]),
            row["asked_at"],
            row["operator"],
            row["event"] or "",
        ),
        bounded=row["bounded"],
        base=row["base"],
        branch=row["branch"],
        state=ChangeState(row["state"]),
        changed_at=row["changed_at"],
        number=row["number"],
        made=row["made"] or "",
        head=head,
        reviews=tuple(review for review in told if review.commit == head),
        why=row["why"],
        deploy=row["deploy"],
    )
    if row["ended_by"] is None:
        return change
    return replace(change, by=Person(row["ended_by"], row["ended_login"] or ""))


def _text(adapter: TypeAdapter[Any], value: object) -> str:
    """Write a value as JSON text that every database takes."""
    return storable(json.dumps(adapter.dump_python(value, mode="json"), ensure_ascii=False))
