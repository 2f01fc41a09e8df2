"""Requests that wait, and their end when who asked may ask for nothing any more.

A run under way goes on: `cancel N now` ends it.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.rights import Person, Standing
from aaroc_bot.core.run import Run, State
from aaroc_bot.runs.moves import Moves, decided
from aaroc_bot.runs.rows import columns, runs_of
from aaroc_bot.store.tables import runs

_WAITS = runs.c.state.in_([s.value for s in (State.PLANNING, State.WAITING, State.QUEUED)])


NOBODY: Mapping[str, object] = {"decided_by": None, "decided_login": None, "decided_at": None}
"""Columns of a run that ended by itself."""


async def waiting(connection: AsyncConnection, which: ColumnElement[bool]) -> list[Run]:
    """Read the runs that wait, and keep all their rows before the first is changed.

    Each change ends with the record; no row may be waited for after that.
    """
    query = select(*columns).where(_WAITS, which).order_by(runs.c.number).with_for_update(of=runs)
    return await runs_of(connection, (await connection.execute(query)).all())


async def end(
    moves: Moves,
    connection: AsyncConnection,
    requests: Iterable[Run],
    reason: str,
    by: Standing | None = None,
) -> None:
    """End requests: cancelled on the word of `by` if somebody gave it, else they expire.

    An earlier yes decided nothing.
    """
    then = State.CANCELLED if by else State.EXPIRED
    values = decided(by, moves.now()) if by else NOBODY
    for run in requests:
        await moves.move(connection, run, then, reason=reason, by=by, values=values)


async def who_waits(connection: AsyncConnection) -> Sequence[Person]:
    """Give everybody who asked for a run that waits, by the login they had then."""
    query = select(runs.c.asked_by, runs.c.asked_login).where(_WAITS).order_by(runs.c.number)
    rows = await connection.execute(query)
    return [Person(row.asked_by, row.asked_login) for row in rows]


def asked_by(person: Person) -> ColumnElement[bool]:
    """Give the condition that somebody asked for a run."""
    return runs.c.asked_by == person.id


def left(person: Person, organisation: str) -> str:
    """Say why what somebody asked for ends when they leave."""
    return f"{person.login} is no longer a member of {organisation}"
