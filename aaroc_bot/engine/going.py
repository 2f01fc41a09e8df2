"""What this process performs now, and how it is all ended."""

import asyncio
import logging
from collections.abc import Callable, Set
from dataclasses import dataclass

from aaroc_bot.engine.seam import Perform

logger = logging.getLogger(__name__)

PATIENCE = 30.0
"""Seconds that what is under way gets to end when the process ends."""


@dataclass(frozen=True, slots=True)
class _One:
    """One performance, and what ends it."""

    task: asyncio.Task[None]
    stop: asyncio.Event


class Going:
    """The runs that are performed here, each once however often it is brought."""

    def __init__(self, perform: Perform, ended: Callable[[], None] = lambda: None) -> None:
        """Perform by `perform`; `ended` is called whenever one has ended."""
        self._perform = perform
        self._ended = ended
        self._ones: dict[int, _One] = {}

    @property
    def numbers(self) -> Set[int]:
        """The runs that are performed now."""
        return self._ones.keys()

    def begin(self, number: int) -> asyncio.Task[None]:
        """Perform a run, unless that is under way, and give the task that it is."""
        if number not in self._ones:
            stop = asyncio.Event()
            self._ones[number] = _One(asyncio.create_task(self._go(number, stop)), stop)
        return self._ones[number].task

    def stop(self) -> None:
        """Have everything that is performed end."""
        for one in self._ones.values():
            one.stop.set()

    async def land(self) -> None:
        """Have everything end; what cannot be written in time is found by who looks next."""
        self.stop()
        tasks = [one.task for one in self._ones.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=PATIENCE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _go(self, number: int, stop: asyncio.Event) -> None:
        try:
            await self._perform(number, stop)
        except Exception:
            logger.exception("run %s cannot go on", number)
        finally:
            del self._ones[number]
            self._ended()
