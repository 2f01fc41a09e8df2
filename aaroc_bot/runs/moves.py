"""One step in a run's life: the row, its card and its audit event, in one transaction.

Rows are changed first and the record is written last: whoever holds the record's lock
waits for nobody, so two transitions cannot block each other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, literal, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.rights import Standing
from aaroc_bot.core.run import Run, State, step
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.cards import Cards
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import runs


@dataclass(frozen=True, slots=True)
class Moves:
    """Makes transitions. `approval_time` and `start_time` are how long the two waits last.

    A run that is queued again, as its site could not be reached, keeps its first deadline.
    """

    cards: Cards
    redact: Callable[[str], str]
    now: Callable[[], datetime]
    approval_time: timedelta
    start_time: timedelta

    async def move(
        self,
        connection: AsyncConnection,
        run: Run,
        then: State,
        *,
        reason: str = "",
        by: Standing | None = None,
        what: What = What.RUN,
        where: Sequence[ColumnElement[bool]] = (),
        values: Mapping[str, object] | None = None,
    ) -> bool:
        """Take the run from the state it was read in to `then`; False if it is not there now.

        `where` are further conditions on the row (the attempt, the clearance), `values` its
        other columns that change. `by` is who
        did it; without one it was the bot, for whom the record names the run's asker.
        """
        now = self.now()
        reason = storable(self.redact(reason))
        changed = await connection.execute(
            update(runs)
            .where(runs.c.number == run.number, runs.c.state == run.state.value, *where)
            .values(
                {
                    "state": step(run.state, then).value,
                    "changed_at": now,
                    "reason": reason,
                    **self._deadline(then, now),
                    "ended_at": now if then.ended else None,
                    **(values or {}),
                }
            )
        )
        if changed.rowcount == 0:
            return False
        await self._tell(connection, run, then, by)
        outcome = f"{then.value}: {reason}" if reason else then.value
        await append_in(connection, self.event(run, outcome, by, what))
        return True

    async def note(
        self, connection: AsyncConnection, run: Run, outcome: str, by: Standing, what: What
    ) -> None:
        """Record something about a run that is no transition, and show it on the card."""
        await self.cards.bump(connection, "run", str(run.number))
        await append_in(connection, self.event(run, outcome, by, what))

    def event(self, run: Run, outcome: str, by: Standing | None, what: What) -> Event:
        """Make the audit event of something that happened to a run."""
        person = run.asked.by if by is None else by.person
        operator = run.asked.operator if by is None else by.operator
        return Event(
            what=what,
            at=self.now(),
            account=str(run.asked.account if by is None else by.account),
            person=person.id if person else None,
            login=person.login if person else "",
            operator=operator or "",
            text=self.redact(run.typed),
            site=run.site,
            run=run.number,
            revision=run.revision.sha,
            outcome=outcome,
        )

    def _deadline(self, state: State, now: datetime) -> dict[str, object]:
        """Give the columns that say when a state ends by itself."""
        if state is State.QUEUED:
            first = literal(now + self.start_time, runs.c.start_by.type)
            kept = func.coalesce(runs.c.start_by, first)
            return {"deadline": kept, "start_by": kept}
        return {"deadline": now + self.approval_time if state is State.WAITING else None}

    async def _tell(
        self, connection: AsyncConnection, run: Run, then: State, by: Standing | None
    ) -> None:
        subject = str(run.number)
        await self.cards.bump(connection, "run", subject)
        if then is State.WAITING:
            await self.cards.notice(connection, "run-waits", subject, {}, under=("run", subject))
        themselves = by is not None and by.person is not None and by.person.id == run.asked.by.id
        if then.ended and not themselves:
            await self.cards.notice(connection, "run-ended", subject, {}, under=("run", subject))


def decided(by: Standing, at: datetime) -> dict[str, object]:
    """Give the columns of a run that say by whom it was decided."""
    person = by.person
    return {
        "decided_by": person.id if person else None,
        "decided_login": person.login if person else None,
        "decided_at": at,
    }
