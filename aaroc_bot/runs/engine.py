"""The engine of one machine: a loop that delivers runs to their plans and to their turns.

The rows are the truth; this loop only looks at them and starts what may start. How often
it looks does not matter for correctness. Exactly one live process runs it on a database
(`store.presence`).
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, select, update

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.run import Lock, State
from aaroc_bot.runs.executing import Executor
from aaroc_bot.runs.expiry import expire
from aaroc_bot.runs.flight import Flight
from aaroc_bot.runs.needs import Needs
from aaroc_bot.runs.planning import Planner, is_played
from aaroc_bot.runs.recovery import recover
from aaroc_bot.runs.rows import SITES
from aaroc_bot.store.tables import holds, runs

logger = logging.getLogger(__name__)

POLL = 0.5
"""Seconds between looks for what another process asked."""

AGAIN = 5.0
"""Seconds until a run is tried again that could not go on because something is away."""

PATIENCE = 30.0
"""Seconds that what is under way gets to end when the engine stops."""


@dataclass(slots=True)
class _Aloft:
    """A flight and the task that it is."""

    flight: Flight
    task: asyncio.Task[None]


@dataclass(slots=True)
class _Round:
    """What one look at the rows has found so far: who holds a site, which locks are there."""

    holders: dict[str, int]
    locks: Mapping[str, Lock]
    kept: set[str] = field(default_factory=set)
    """Sites that an older run waits for: nobody overtakes it."""


class Engine:
    """Runs until cancelled; then it ends what it plays, and leaves no process."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs
        self._planner = Planner(needs)
        self._executor = Executor(needs)
        self._woken = asyncio.Event()
        self._plans: dict[int, _Aloft] = {}
        self._turns: dict[int, _Aloft] = {}
        self._paused: dict[int, float] = {}

    def wake(self) -> None:
        """Say that there may be something to do."""
        self._woken.set()

    async def recover(self) -> tuple[int, ...]:
        """Settle what earlier processes left, see `recovery`. Once, before `run`."""
        return await recover(self._needs)

    async def run(self) -> None:
        """Recover, then deliver until cancelled."""
        await self._until_there(self.recover)
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL):  # `wait_for` of 3.11 can lose a cancel
                        await self._woken.wait()
                self._woken.clear()
                try:
                    await self.step()
                except Unavailable as problem:
                    logger.warning("the engine waits for %s", problem.what)
                except Exception:
                    logger.exception("the engine stumbled")
        finally:
            await asyncio.shield(self._land())

    async def step(self) -> None:
        """Look once: end what is over, start what may start."""
        needs = self._needs
        await expire(needs.database, needs.moves, needs.moves.now())
        await needs.locks.end_over()
        rows, found = await self._look()
        for row in rows:
            if row.state == State.PLANNING.value and row.number not in self._plans:
                await self._plan(row, found)
            elif row.state == State.QUEUED.value:
                await self._turn(row, found)

    async def _look(self) -> tuple[Sequence[Row[Any]], _Round]:
        going = (State.PLANNING.value, State.QUEUED.value)
        query: Select[Any] = (
            select(
                runs.c.number,
                runs.c.state,
                runs.c.site,
                runs.c.holds,
                runs.c.asked_by,
                runs.c.reason,
                runs.c.entry,
            )
            .where(runs.c.state.in_(going))
            .order_by(runs.c.number)
        )
        async with self._needs.database.read() as connection:
            rows = (await connection.execute(query)).all()
            taken = await connection.execute(select(holds.c.site, holds.c.run))
            holders = {row.site: row.run for row in taken}
        return rows, _Round(holders, await self._needs.locks.current())

    async def _plan(self, row: Row[Any], found: _Round) -> None:
        sites = frozenset(SITES.validate_json(row.holds))
        busy = _busy(sites, found.holders)
        if busy and is_played(row.entry):
            await self._say(row, f"waits for run {found.holders[busy]} at {busy}")
        elif len(self._plans) >= self._needs.parallel:
            await self._say(row, f"waits: {len(self._plans)} plans are being made")
        elif not self._is_paused(row.number):
            self._start(row, self._plans, self._planner.plan)

    async def _turn(self, row: Row[Any], found: _Round) -> None:
        sites = frozenset(SITES.validate_json(row.holds))
        if row.number in self._turns:
            found.kept |= sites
            return
        for lock in found.locks.values():
            if lock.site in sites and lock.by.id != row.asked_by:
                until = f"{lock.until:%H:%M} UTC"
                await self._say(row, f"{lock.site} is locked by {lock.by.login} until {until}")
                return
        busy, ahead = _busy(sites, found.holders), sites & found.kept
        found.kept |= sites
        if busy:
            await self._say(row, f"waits for run {found.holders[busy]} at {busy}")
        elif ahead:
            await self._say(row, f"waits for an earlier run at {min(ahead)}")
        elif len(self._turns) >= self._needs.parallel:
            await self._say(row, f"waits: {len(self._turns)} runs are under way")
        elif not self._is_paused(row.number):
            self._start(row, self._turns, self._executor.execute)

    def _start(
        self,
        row: Row[Any],
        among: dict[int, _Aloft],
        way: Callable[[Flight], Awaitable[str | None]],
    ) -> None:
        flight = Flight(row.number, State(row.state), asyncio.Event())

        async def fly() -> None:
            try:
                reason = await way(flight)
                if reason is not None:
                    self._pause(row.number)
                    await self._say(row, reason)
            except Exception:
                self._pause(row.number)
                logger.exception("run %s cannot go on", row.number)
            finally:
                del among[row.number]
                self.wake()

        among[row.number] = _Aloft(flight, asyncio.create_task(fly()))

    async def _say(self, row: Row[Any], reason: str) -> None:
        """Put the reason beside the state, where it is another than before."""
        if reason == row.reason:
            return
        moves = self._needs.moves
        async with self._needs.database.write() as connection:
            changed = await connection.execute(
                update(runs)
                .where(runs.c.number == row.number, runs.c.state == row.state)
                .values(reason=moves.redact(reason))
            )
            if changed.rowcount:
                await moves.cards.bump(connection, "run", str(row.number))
        moves.cards.wake()

    def _pause(self, number: int) -> None:
        self._paused[number] = asyncio.get_running_loop().time() + AGAIN

    def _is_paused(self, number: int) -> bool:
        until = self._paused.get(number)
        if until is None:
            return False
        if until > asyncio.get_running_loop().time():
            return True
        del self._paused[number]
        return False

    async def _until_there(self, way: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await way()
                return
            except Unavailable as problem:
                logger.warning("the engine cannot begin: %s is away", problem.what)
                await asyncio.sleep(1)

    async def _land(self) -> None:
        """Have everything under way end; a run's end is written as `interrupted`.

        What cannot be written in time (the database is away) the next start finds.
        """
        aloft = [*self._plans.values(), *self._turns.values()]
        for one in aloft:
            one.flight.stop.set()
        tasks = [one.task for one in aloft]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=PATIENCE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def _busy(sites: frozenset[str], holders: Mapping[str, int]) -> str | None:
    """Give the first of these sites that a run holds."""
    return min(sites & holders.keys(), default=None)
