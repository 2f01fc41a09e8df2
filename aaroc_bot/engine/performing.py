"""Performing a run in this process: its plan, or its turn, whichever its row says now."""

import asyncio
import logging
import secrets

from sqlalchemy import select

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.run import State
from aaroc_bot.runs.executing import Executor
from aaroc_bot.runs.flight import Flight
from aaroc_bot.runs.needs import Needs
from aaroc_bot.runs.planning import Planner
from aaroc_bot.runs.telling import obstacle, put_off
from aaroc_bot.store.tables import runs

logger = logging.getLogger(__name__)


class Performer:
    """Fills `Perform`: what is delivered twice, or too late, does nothing."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs
        self._planner = Planner(needs)
        self._executor = Executor(needs)
        self._room = {
            state: asyncio.Semaphore(needs.parallel) for state in (State.PLANNING, State.QUEUED)
        }
        """However much is brought here: no more at the same time than may be."""

    async def perform(self, number: int, stop: asyncio.Event) -> None:
        """Make a run's plan or play it; `stop`, once set, ends that. Nothing is raised."""
        try:
            state = await self._state(number)
            if state is None or state not in self._room:
                return
            async with self._room[state]:
                reason = await self._go(Flight(number, state, stop))
            if reason is not None:
                await put_off(self._needs.database, self._needs.moves, number, state, reason)
        except Unavailable as problem:
            logger.warning("run %s is tried again: %s does not answer", number, problem.what)
        except Exception:
            logger.exception("run %s cannot be performed", number)

    async def _state(self, number: int) -> State | None:
        query = select(runs.c.state).where(runs.c.number == number)
        async with self._needs.database.read() as connection:
            state = await connection.scalar(query)
        return None if state is None else State(state)

    async def _go(self, flight: Flight) -> str | None:
        """Give why it must be tried later, else None."""
        state = flight.state
        try:
            if state is State.PLANNING:
                return await self._planner.plan(flight)
            return await self._executor.execute(flight)
        except Unavailable as problem:
            return obstacle(problem)
        except Exception:
            reference = secrets.token_hex(4)
            logger.exception("run %s cannot go on (reference %s)", flight.number, reference)
            return f"an unexpected fault, reference {reference}; it is tried again"
