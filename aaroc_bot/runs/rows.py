"""A run as a row, and back. JSON columns are text that pydantic writes and checks."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, RowMapping, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.entries import Entry, Value
from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.plan import Plan, Progress, Recap
from aaroc_bot.core.rights import Person
from aaroc_bot.core.run import Asked, Decision, Run, State
from aaroc_bot.core.sites import Revision
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import approvals, logs, runs

Values = tuple[tuple[str, Value], ...]

ENTRY = TypeAdapter(Entry)
PLAN = TypeAdapter(Plan)
PROGRESS = TypeAdapter(Progress)
RECAP = TypeAdapter(Recap)
ACCOUNT = TypeAdapter(Account)
PLACE = TypeAdapter(Place)
VALUES: TypeAdapter[Values] = TypeAdapter(Values)
SITES: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])
PARTS: TypeAdapter[Mapping[str, str]] = TypeAdapter(Mapping[str, str])

UNDER_WAY = [state.value for state in State if not state.ended]

columns = (
    *runs.columns,
    exists(select(logs.c.run).where(logs.c.run == runs.c.number)).label("log"),
)
"""What `runs_of` needs of each row."""


def text(adapter: TypeAdapter[Any], value: object) -> str:
    """Write a value as JSON text that every database takes, whatever a host put into it."""
    return storable(json.dumps(adapter.dump_python(value, mode="json"), ensure_ascii=False))


async def load(connection: AsyncConnection, number: int, *, lock: bool = False) -> Run | None:
    """Read one run; `lock` keeps its row for the rest of a writing transaction."""
    query = select(*columns).where(runs.c.number == number)
    if lock:
        query = query.with_for_update(of=runs)
    row = (await connection.execute(query)).first()
    return None if row is None else (await runs_of(connection, [row]))[0]


async def runs_of(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[Run]:
    """Make runs of rows, each with its approvals."""
    given: dict[int, list[Decision]] = {row.number: [] for row in rows}
    query = select(approvals).where(approvals.c.run.in_(given)).order_by(approvals.c.at)
    for row in await connection.execute(query):
        given[row.run].append(Decision(Person(row.person, row.login), row.at))
    return [_run(row._mapping, tuple(given[row.number])) for row in rows]


def _run(row: RowMapping, given: tuple[Decision, ...]) -> Run:
    return Run(
        number=row["number"],
        verb=row["verb"],
        word=row["word"],
        subject=row["subject"],
        plan_only=row["plan_only"],
        site=row["site"],
        holds=SITES.validate_json(row["holds"]),
        given=VALUES.validate_json(row["given"]),
        parameters=VALUES.validate_json(row["parameters"]),
        revision=Revision(
            row["revision"], row["revision_subject"], row["revision_author"], row["revision_at"]
        ),
        asked=Asked(
            Person(row["asked_by"], row["asked_login"]),
            ACCOUNT.validate_json(row["asked_account"]),
            PLACE.validate_json(row["asked_place"]),
            row["asked_at"],
            row["operator"],
            row["event"] or "",
        ),
        needed=row["needed"],
        state=State(row["state"]),
        changed_at=row["changed_at"],
        reason=row["reason"],
        approvals=given,
        decided=_decision(row),
        deadline=row["deadline"],
        plan=_maybe(PLAN, row["plan"]),
        progress=_maybe(PROGRESS, row["progress"]),
        recap=_maybe(RECAP, row["recap"]),
        checked_only=row["checked_only"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        cancelling=_person(row["cancelling_by"], row["cancelling_login"]),
        retry_of=row["retry_of"],
        log=bool(row["log"]),
        patient=row["patient"],
        turn_at=row["turn_at"],
    )


def _decision(row: RowMapping) -> Decision | None:
    by = _person(row["decided_by"], row["decided_login"])
    return None if by is None else Decision(by, row["decided_at"])


def _person(id: int | None, login: str | None) -> Person | None:
    return None if id is None else Person(id, login or "")


def _maybe(adapter: TypeAdapter[Any], value: str | None) -> Any:
    return None if value is None else adapter.validate_json(value)
