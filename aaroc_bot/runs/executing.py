"""A run's turn: claimed in one transaction, played, and its end written.

The claim takes each site by a row whose primary key is the site, and counts the attempt;
every later write names that attempt. So a process that was thought dead changes nothing.
Who keeps has cleared it (`clearance`): only a bot can ask GitHub.
"""

import asyncio
import logging
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.parts import changed
from aaroc_bot.core.plan import Recap
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.run import Run, State
from aaroc_bot.execution import Ending, How
from aaroc_bot.repo.export import CannotExport, Export
from aaroc_bot.repo.git import GitFault
from aaroc_bot.runs.attempts import close_attempt, keep_log, open_attempt
from aaroc_bot.runs.clearance import Bound, queued, still_sealed
from aaroc_bot.runs.flight import Flight, GivenUp, at_task
from aaroc_bot.runs.freezing import somebody_frozen
from aaroc_bot.runs.locks import in_force
from aaroc_bot.runs.needs import Needs
from aaroc_bot.runs.rows import RECAP, load, text
from aaroc_bot.runs.telling import obstacle, patiently
from aaroc_bot.runs.voiding import void
from aaroc_bot.runs.workplace import fetch, workplace
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.moment import database_now
from aaroc_bot.store.tables import holds, locks, runs

logger = logging.getLogger(__name__)

CLEARED_FOR = timedelta(minutes=1)
"""How long a clearance holds, by the database's clock."""


NO_RECAP = Recap()


class _Taken(Exception):
    """The claim came too late: nothing of it stays."""


@dataclass(frozen=True, slots=True)
class _End:
    """How a run ends. `log` is None where none can be kept.

    `again_at`: it does not end, for not one host was reached; then it is tried again.
    """

    state: State
    reason: str
    recap: Recap = NO_RECAP
    log: str | None = None
    again_at: datetime | None = None


class Executor:
    """Executes a queued run."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def execute(self, flight: Flight) -> str | None:
        """Claim a run that is cleared, and play it; give why it must be tried later, else None."""
        try:
            return await self._execute(flight)
        except (Unavailable, CannotExport, GitFault) as problem:
            return obstacle(problem)
        except OSError as problem:
            logger.exception("run %s cannot be prepared", flight.number)
            return f"the bot cannot prepare it: {problem.strerror}"

    async def _execute(self, flight: Flight) -> str | None:
        needs = self._needs
        async with needs.database.read() as connection:
            found = await queued(connection, flight.number)
        if found is None:
            return None
        run, bound = found
        await fetch(needs, run.revision.sha)
        async with workplace(needs.folder, run.number, flight.mark) as place:
            exported = await needs.exports.export(
                run.revision.sha, run.site, bound.entry, place.tree
            )
            if exported.missing or not still_sealed(needs, run, bound, exported):
                await void(
                    needs.database, needs.moves, run.number, self._why_other(bound, exported)
                )
                return None
            if flight.stop.is_set():
                return None
            claimed = await self._claim(flight, run)
            if claimed is None:
                return None
            end = _End(State.INTERRUPTED, STOPPED)
            try:
                async with flight.watched(needs):
                    limit = bound.entry.time_limit
                    ending = await flight.play(needs, claimed, exported, place.play, limit)
                end = self._end(flight, claimed, ending)
            except Unavailable as problem:  # when the process was to be put on record
                end = _End(State.FAILED, f"{problem.what} does not answer; nothing was started")
            except GivenUp:
                logger.warning("run %s was given up before it started", run.number)
            except Exception:
                reference = secrets.token_hex(4)
                logger.exception("run %s failed (reference %s)", run.number, reference)
                end = _End(State.FAILED, f"an unexpected fault, reference {reference}")
            finally:
                await asyncio.shield(self._write_end(flight, claimed, end))
        return None

    def _why_other(self, bound: Bound, exported: Export) -> str:
        """Say why what would be played here is not what was approved."""
        if exported.missing:
            return f"missing role: {', '.join(exported.missing)}"
        if exported.inputs == bound.read.inputs:
            here = f"{self._needs.name} has {self._needs.ansible}"
            return f"its plan was made with another version of Ansible; {here}"
        return changed(bound.read.parts, exported.parts)

    async def _claim(self, flight: Flight, run: Run) -> Run | None:
        """Take the sites and the run, all or nothing; only then may a process start."""
        needs, now = self._needs, self._needs.moves.now()
        locked = exists(
            select(locks.c.site).where(
                locks.c.site.in_(run.holds),
                locks.c.person != run.asked.by.id,
                in_force(needs.moves),
            )
        )
        try:
            async with needs.database.write() as connection:
                query = select(runs.c.attempt).where(runs.c.number == run.number)
                flight.attempt = (await connection.scalar(query.with_for_update()) or 0) + 1
                await self._hold(connection, flight, run)
                cleared_after = await database_now(connection, needs.moves.now) - CLEARED_FOR
                await open_attempt(
                    connection,
                    number=run.number,
                    attempt=flight.attempt,
                    plan=False,
                    engine=needs.name,
                    mark=flight.mark,
                    now=needs.moves.now,
                )
                moved = await needs.moves.move(
                    connection,
                    run,
                    State.RUNNING,
                    where=(
                        runs.c.cleared_at > cleared_after,
                        ~locked,
                        ~somebody_frozen(run),
                        runs.c.deadline > now,
                    ),
                    values={
                        "attempt": flight.attempt,
                        "started_at": now,
                        "progress": None,
                        "turn_at": None,
                        "again_at": None,
                    },
                )
                if not moved:
                    raise _Taken
                claimed = await load(connection, run.number)
        except _Taken:
            return None
        needs.moves.cards.wake()
        flight.state = State.RUNNING
        return claimed

    async def _hold(self, connection: AsyncConnection, flight: Flight, run: Run) -> None:
        for site in run.holds:
            taken = await connection.execute(
                inserting(connection, holds)
                .values(
                    site=site,
                    run=run.number,
                    attempt=flight.attempt,
                    since=self._needs.moves.now(),
                )
                .on_conflict_do_nothing(index_elements=["site"])
                .returning(holds.c.site)  # an insert's row count is not told by every driver
            )
            if taken.first() is None:
                raise _Taken

    def _end(self, flight: Flight, run: Run, ending: Ending) -> _End:
        if ending.how is How.CANCELLED:  # the wish to cancel is in the row, see `_write_end`
            reason = f"{STOPPED} {at_task(flight.latest)}"
            return _End(State.INTERRUPTED, reason, ending.recap, ending.log)
        if ending.how is How.SILENT:
            reason = f"{ending.reason}: cut off {at_task(flight.latest)}"
            return _End(State.INTERRUPTED, reason, ending.recap, ending.log)
        if ending.unreachable and run.patient and not ending.recap.changed:
            reason, again_at = patiently(run, self._needs.moves.now())
            return _End(State.QUEUED, reason, again_at=again_at)
        if ending.succeeded:
            return _End(State.SUCCEEDED, "", ending.recap, ending.log)
        state = State.UNREACHABLE if ending.unreachable else State.FAILED
        return _End(state, ending.reason, ending.recap, ending.log)

    async def _write_end(self, flight: Flight, run: Run, end: _End) -> None:
        """Write the end, as long as the database takes to come back.

        A log for which there is no room is left out, and the reason says so: the state is
        worth more.
        """
        waits = False
        while True:
            try:
                async with self._needs.database.write() as connection:
                    await self._write(connection, flight, run, end)
                self._needs.moves.cards.wake()
                return
            except Unavailable as problem:
                if not waits:
                    logger.warning("the end of run %s waits for %s", run.number, problem.what)
                waits = True
                if end.log:
                    reason = f"{end.reason}; {NO_LOG}" if end.reason else NO_LOG
                    end = replace(end, reason=reason, log=None)
                else:
                    await asyncio.sleep(1)

    async def _write(
        self, connection: AsyncConnection, flight: Flight, run: Run, end: _End
    ) -> None:
        cancelling = select(runs.c.cancelling_by, runs.c.cancelling_login)
        query = cancelling.where(runs.c.number == run.number).with_for_update()
        wish = (await connection.execute(query)).one()
        now, state, reason = self._needs.moves.now(), end.state, end.reason
        values: dict[str, object] = {"recap": text(RECAP, end.recap)}
        if state in {State.INTERRUPTED, State.QUEUED} and wish.cancelling_by is not None:
            state, reason = State.CANCELLED, ""
            values |= {
                "decided_by": wish.cancelling_by,
                "decided_login": wish.cancelling_login,
                "decided_at": now,
            }
        elif state is State.QUEUED:
            again = {"recap": None, "progress": None, "started_at": None, "cleared_at": None}
            values |= again | {"again_at": end.again_at}
        if not await close_attempt(connection, run.number, flight.attempt, now):
            return
        if end.log:
            await keep_log(connection, run.number, end.log)
        mine = (runs.c.attempt == flight.attempt,)
        await self._needs.moves.move(
            connection, run, state, reason=reason, where=mine, values=values
        )


STOPPED = "its process was stopped"
NO_LOG = "its log could not be kept"
