"""Delivery on one machine: what is delivered is performed by this very process, in tasks."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.engine.seam import Perform

logger = logging.getLogger(__name__)

PATIENCE = 30.0
"""Seconds that what is under way gets to end when the process ends."""


@dataclass(frozen=True, slots=True)
class _Going:
    """One performance, and what ends it."""

    task: asyncio.Task[None]
    stop: asyncio.Event


class Here:
    """Fills `Deliverer` for a database that one process alone works on."""

    def __init__(self, perform: Perform, ended: Callable[[], None]) -> None:
        """Perform by `perform`; `ended` is called whenever one has ended."""
        self._perform = perform
        self._ended = ended
        self._new: set[int] = set()
        self._going: dict[int, _Going] = {}
        self._open = False

    async def under_way(self, connection: AsyncConnection) -> frozenset[int]:
        """Give the numbers that were delivered and are not performed to their end yet."""
        return frozenset(self._new | self._going.keys())

    async def deliver(self, connection: AsyncConnection, number: int, queue: str) -> None:
        """Have a run performed here, whatever the queue, at the next `wake`."""
        self._new.add(number)

    def wake(self) -> None:
        """Begin what was delivered. If its transaction failed, its row gives nothing to do."""
        if not self._open:
            return
        for number in self._new - self._going.keys():
            stop = asyncio.Event()
            self._going[number] = _Going(asyncio.create_task(self._go(number, stop)), stop)
        self._new.clear()

    async def sweep(self) -> None:
        """Do nothing: what is delivered here falls with this process."""

    async def run(self) -> None:
        """Perform until cancelled; then what is under way ends, and no process is left."""
        self._open = True
        self.wake()
        try:
            await asyncio.Event().wait()
        finally:
            self._open = False
            await asyncio.shield(self._land())

    async def _go(self, number: int, stop: asyncio.Event) -> None:
        try:
            await self._perform(number, stop)
        except Exception:
            logger.exception("run %s cannot go on", number)
        finally:
            del self._going[number]
            self._ended()

    async def _land(self) -> None:
        """Have everything end; what cannot be written in time the next start finds."""
        going = list(self._going.values())
        for one in going:
            one.stop.set()
        tasks = [one.task for one in going]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=PATIENCE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
