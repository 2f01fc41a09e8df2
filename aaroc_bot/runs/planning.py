"""Making plans: check mode is played while no run is under way at the site.

A plan holds no site. So if a run started there meanwhile, what check mode saw may be
half of it, and the plan is made again. Nor does one count whose process was taken for dead.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.audit import What
from aaroc_bot.core.deciding import Following, after_plan
from aaroc_bot.core.entries import CheckMode, Entry
from aaroc_bot.core.plan import Plan
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.run import Run, State
from aaroc_bot.core.seal import seal
from aaroc_bot.execution import How
from aaroc_bot.repo.export import CannotExport
from aaroc_bot.runs.attempts import close_attempt, has_plan_under_way, keep_log, open_attempt
from aaroc_bot.runs.flight import Flight, GivenUp
from aaroc_bot.runs.needs import Needs
from aaroc_bot.runs.rows import ENTRY, PARTS, PLAN, SITES, load, text
from aaroc_bot.runs.telling import patiently, say
from aaroc_bot.runs.workplace import fetch, workplace
from aaroc_bot.store.tables import audit, holds, runs

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Made:
    """A plan, the digest of what it was made from, and those of its parts."""

    plan: Plan
    inputs: str
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Failed:
    """The plan cannot be made; the reason is for people."""

    reason: str
    log: str = ""


_Outcome = _Made | _Failed | None
"""None: it was stopped."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """An attempt at a plan that is on record."""

    run: Run
    entry: Entry
    attempt: int
    head: int
    """The record's last number when it began: what started later has a greater one."""


class Planner:
    """Makes the plan of one run at a time for each call."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def plan(self, flight: Flight) -> str | None:
        """Make a run's plan and take the run on; give why it must be tried later, else None."""
        opened = await self._open(flight)
        if opened is None:
            return None
        outcome: _Outcome = None
        try:
            async with flight.watched(self._needs):
                outcome = await self._make(flight, opened)
        except GivenUp:
            return None
        except Unavailable as problem:
            return f"{problem.what} does not answer"
        except CannotExport as problem:
            outcome = _Failed(str(problem))
        except OSError as problem:
            logger.exception("the plan of run %s cannot be made", flight.number)
            outcome = _Failed(f"the bot cannot prepare it: {problem.strerror}")
        except Exception:
            reference = secrets.token_hex(4)
            logger.exception("the plan of run %s failed (reference %s)", flight.number, reference)
            outcome = _Failed(f"an unexpected fault, reference {reference}")
        finally:
            await asyncio.shield(self._close(opened, outcome))
        return None

    async def _open(self, flight: Flight) -> _Opened | None:
        """Take up an attempt, unless it is no longer planning or a run is under way there."""
        needs = self._needs
        async with needs.database.write() as connection:
            run = await load(connection, flight.number, lock=True)
            if flight.stop.is_set() or run is None or run.state is not State.PLANNING:
                return None
            if await has_plan_under_way(connection, run.number):
                return None
            if await _waits_for_site(connection, run):
                return None
            head = await connection.scalar(select(func.max(audit.c.id))) or 0
            taken = await connection.execute(
                update(runs)
                .where(runs.c.number == run.number)
                .values(
                    attempt=runs.c.attempt + 1,
                    reason="",
                    progress=None,
                    turn_at=None,
                    again_at=None,
                )
                .returning(runs.c.attempt, runs.c.entry)
            )
            row = taken.one()
            flight.attempt = row.attempt
            await open_attempt(
                connection,
                number=run.number,
                attempt=row.attempt,
                plan=True,
                engine=needs.name,
                mark=flight.mark,
                now=needs.moves.now,
            )
            if run.reason or run.turn_at:
                await needs.moves.cards.bump(connection, "run", str(run.number))
        return _Opened(run, ENTRY.validate_json(row.entry), row.attempt, head)

    async def _make(self, flight: Flight, opened: _Opened) -> _Outcome:
        needs, run, entry = self._needs, opened.run, opened.entry
        await fetch(needs, run.revision.sha)
        if reason := await needs.fit(run.site):
            return _Failed(reason)
        async with workplace(needs.folder, run.number, flight.mark) as place:
            exported = await needs.exports.export(run.revision.sha, run.site, entry, place.tree)
            if exported.missing:
                return _Failed(f"missing role: {', '.join(exported.missing)}")
            if entry.check_mode is CheckMode.NONE:
                return _Made(Plan(played=False), exported.inputs, exported.parts)
            ending = await flight.play(needs, run, exported, place.play, entry.time_limit)
        if ending.how is How.CANCELLED:
            return None
        if ending.plan is None:
            return _Failed(ending.reason or "check mode could not be played", ending.log)
        return _Made(ending.plan, exported.inputs, exported.parts)

    async def _close(self, opened: _Opened, outcome: _Outcome) -> None:
        """Write what came of it, as long as the database takes to come back.

        A log for which there is no room is left out.
        """
        number = opened.run.number
        waits = False
        while True:
            try:
                async with self._needs.database.write() as connection:
                    now = self._needs.moves.now()
                    run = await load(connection, number, lock=True)  # rows first, always
                    ours = await close_attempt(connection, number, opened.attempt, now)
                    if run is not None and ours and outcome is not None:
                        await self._take_on(connection, opened, outcome)
                self._needs.moves.cards.wake()
                return
            except Unavailable as problem:
                if not waits:
                    logger.warning("the plan of run %s waits for %s", number, problem.what)
                waits = True
                if isinstance(outcome, _Failed) and outcome.log:
                    outcome = _Failed(outcome.reason)
                await asyncio.sleep(1)

    async def _take_on(
        self,
        connection: AsyncConnection,
        opened: _Opened,
        outcome: _Made | _Failed,
    ) -> None:
        run, mine = opened.run, (runs.c.attempt == opened.attempt,)
        if isinstance(outcome, _Failed):
            if outcome.log:
                await keep_log(connection, run.number, outcome.log)
            values: dict[str, object] = {"progress": None}
            then = Following(State.FAILED, outcome.reason)
        elif outcome.plan.played and await _ran_meanwhile(connection, run, opened.head):
            return
        else:
            then, values = self._bound(opened, outcome)
            if run.patient and then.state is State.UNREACHABLE:
                moves = self._needs.moves
                reason, again_at = patiently(run, moves.now())
                await say(moves, connection, run.number, run.state, reason, again_at=again_at)
                return
        await self._needs.moves.move(
            connection, run, then.state, reason=then.reason, where=mine, values=values
        )

    def _bound(self, opened: _Opened, made: _Made) -> tuple[Following, dict[str, object]]:
        """Say what follows a plan, and what of it the run's row keeps, its seal included."""
        run, entry = opened.run, opened.entry
        plan = text(PLAN, made.plan)
        kept = PLAN.validate_json(plan)
        sealed = seal(
            site=run.site,
            inputs=made.inputs,
            entry=entry,
            ansible=self._needs.ansible,
            parameters=run.parameters,
            plan=kept,
        )
        then = after_plan(entry, kept, plan_only=run.plan_only, needed=run.needed)
        return then, {
            "plan": plan,
            "progress": None,
            "checked_only": then.checked_only,
            "inputs": made.inputs,
            "parts": text(PARTS, made.parts),
            "seal": sealed,
        }


async def _waits_for_site(connection: AsyncConnection, run: Run) -> bool:
    """Whether a run is under way there that a play in check mode would look at half way."""
    entry = await connection.scalar(select(runs.c.entry).where(runs.c.number == run.number))
    if not is_played(str(entry)):
        return False
    busy = select(holds.c.site).where(holds.c.site.in_(run.holds)).limit(1)
    return await connection.scalar(busy) is not None


def is_played(entry: str) -> bool:
    """Whether a plan of this entry (as its row keeps it) plays anything."""
    return ENTRY.validate_json(entry).check_mode is not CheckMode.NONE


async def _ran_meanwhile(connection: AsyncConnection, run: Run, head: int) -> bool:
    """Whether a run at a site of this one's is under way now, or started after `head`.

    The record's numbers tell it, not a clock: they grow in the order of the commits.
    """
    started = select(audit.c.run).where(
        audit.c.id > head, audit.c.what == What.RUN.value, audit.c.outcome == State.RUNNING.value
    )
    others = await connection.scalars(select(runs.c.holds).where(runs.c.number.in_(started)))
    taken = {site for sites in others for site in SITES.validate_json(sites)}
    taken.update(await connection.scalars(select(holds.c.site)))
    return not taken.isdisjoint(run.holds)
