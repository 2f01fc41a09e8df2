"""What ends of runs when a person is frozen: their requests, and their yes to others'."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.audit import What
from aaroc_bot.core.rights import Person, Standing
from aaroc_bot.core.run import Run, State
from aaroc_bot.runs.moves import Moves
from aaroc_bot.runs.requests import asked_by, end, waiting
from aaroc_bot.store.tables import approvals, frozen, runs


@dataclass(frozen=True, slots=True)
class Ended:
    """Numbers of the runs that they had asked for, and of those that they had approved."""

    requests: tuple[int, ...]
    approvals: tuple[int, ...]


async def end_all_of(
    moves: Moves, connection: AsyncConnection, person: Person, by: Standing
) -> Ended:
    """End a person's requests, and take back what they approved, on the word of `by`."""
    concerned = await waiting(connection, or_(asked_by(person), _approved_by(person)))
    requests = [run for run in concerned if run.asked.by.id == person.id]
    approved = [run for run in concerned if run.asked.by.id != person.id]
    await end(moves, connection, requests, f"{person.login} is frozen", by)
    for run in approved:
        await _take_back(moves, connection, run, person, by)
    return Ended(_numbers(requests), _numbers(approved))


def somebody_frozen(run: Run) -> ColumnElement[bool]:
    """Give the condition that who asked for a run, or who approved it, is frozen.

    A yes that was on its way while they were frozen is not among those that were taken back.
    """
    approvers = select(approvals.c.person).where(approvals.c.run == run.number)
    theirs = (frozen.c.person == run.asked.by.id) | frozen.c.person.in_(approvers)
    return exists(select(frozen.c.person).where(theirs))


def _approved_by(person: Person) -> ColumnElement[bool]:
    return exists(
        select(approvals.c.run).where(
            approvals.c.run == runs.c.number, approvals.c.person == person.id
        )
    )


async def _take_back(
    moves: Moves, connection: AsyncConnection, run: Run, person: Person, by: Standing
) -> None:
    await connection.execute(
        delete(approvals).where(approvals.c.run == run.number, approvals.c.person == person.id)
    )
    reason = f"{person.login}, who approved it, is frozen"
    if run.state is State.QUEUED and len(run.approvals) - 1 < run.needed:
        await moves.move(connection, run, State.EXPIRED, reason=reason, by=by)
    else:
        await moves.note(connection, run, f"approval taken back: {reason}", by, What.APPROVAL)


def _numbers(found: Sequence[Run]) -> tuple[int, ...]:
    return tuple(run.number for run in found)
