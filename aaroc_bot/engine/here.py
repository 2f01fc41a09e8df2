"""Delivery on one machine: what is delivered is performed by this very process, in tasks."""

import asyncio
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.engine.going import Going
from aaroc_bot.engine.seam import Perform


class Here:
    """Fills `Deliverer` for a database that one process alone works on."""

    def __init__(self, perform: Perform, ended: Callable[[], None]) -> None:
        """Perform by `perform`; `ended` is called whenever one has ended."""
        self._going = Going(perform, ended)
        self._new: set[int] = set()
        self._open = False

    async def under_way(self, connection: AsyncConnection) -> frozenset[int]:
        """Give the numbers that were delivered and are not performed to their end yet."""
        return frozenset(self._new | self._going.numbers)

    async def deliver(self, connection: AsyncConnection, number: int, queue: str) -> None:
        """Have a run performed here, whatever the queue, at the next `wake`."""
        self._new.add(number)

    def wake(self) -> None:
        """Begin what was delivered. If its transaction failed, its row gives nothing to do."""
        if not self._open:
            return
        for number in self._new:
            self._going.begin(number)
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
            await asyncio.shield(self._going.land())
