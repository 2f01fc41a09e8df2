"""The seam between what decides that a run may go on and what brings it to a process."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

Perform = Callable[[int, asyncio.Event], Awaitable[None]]
"""Makes a run's plan, or plays it, as its row says now; a number that has nothing to do ends
quietly. The event, once set, ends what it plays. It raises nothing but a cancellation."""


class Deliverer(Protocol):
    """Brings runs to where they are performed."""

    async def under_way(self, connection: AsyncConnection) -> frozenset[int]:
        """Give the numbers that were delivered and are not performed to their end yet."""
        ...

    async def deliver(self, connection: AsyncConnection, number: int, queue: str) -> None:
        """Have a run performed by a process of this queue, once this transaction is committed."""
        ...

    def wake(self) -> None:
        """Say that the transaction was committed."""
        ...

    async def sweep(self) -> None:
        """Give up deliveries that fell, so that their runs may be delivered again."""
        ...

    async def run(self) -> None:
        """Perform what is delivered to this process, until cancelled; then end what it plays."""
        ...
