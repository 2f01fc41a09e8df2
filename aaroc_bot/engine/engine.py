"""One bot's engine, put together: it performs runs, and while it keeps it goes the rounds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.engine.clearing import Clearing
from aaroc_bot.engine.looking import Looking, Processes
from aaroc_bot.engine.performing import Performer
from aaroc_bot.engine.round import Round
from aaroc_bot.engine.seam import Deliverer, Perform
from aaroc_bot.engine.sweep import Sweep
from aaroc_bot.runs.locks import SiteLocks
from aaroc_bot.runs.needs import Judge, Needs
from aaroc_bot.runs.recovery import recover

logger = logging.getLogger(__name__)

SWEEP = 1.0
"""Seconds between looks for deliveries that fell."""

Delivery = Callable[[Perform, Callable[[], None]], Deliverer]
"""Makes the deliverer of what performs and what is called when that has ended."""


@dataclass(frozen=True, slots=True)
class Silence:
    """How long a process may be silent: until it is `lost`, and until its sites are `free`."""

    lost: timedelta = timedelta(seconds=30)
    free: timedelta = timedelta(seconds=130)


class Engine:
    """Performs runs (`perform`), and delivers them while this is the bot that keeps (`keep`)."""

    def __init__(
        self,
        needs: Needs,
        judge: Judge,
        *,
        locks: SiteLocks,
        delivery: Delivery,
        processes: Processes,
        bell: asyncio.Event,
        silence: Silence = Silence(),
        first: Sequence[Callable[[], Awaitable[object]]] = (),
        well_since: Callable[[], float] | None = None,
    ) -> None:
        """Take the `bell` that rings when there may be something to do.

        `first` is what is done on each round before anything else; `well_since` tells since
        when this process could sign that it lives (see `sweep`).
        """
        self._needs = needs
        self._bell = bell
        self._recovered = asyncio.Event()
        self.performer = Performer(needs)
        self.deliverer = delivery(self.performer.perform, bell.set)
        self.clearing = Clearing(judge, self.deliverer, bell.set)
        self.round = Round(
            needs.database,
            needs.moves,
            looking=Looking(
                needs.database,
                locks=locks,
                deliverer=self.deliverer,
                processes=processes,
                free=silence.free,
                now=needs.moves.now,
            ),
            clearing=self.clearing,
            deliverer=self.deliverer,
            bell=bell,
            first=first,
        )
        self.sweep = Sweep(needs, lost=silence.lost, free=silence.free, well_since=well_since)

    def wake(self) -> None:
        """Say that there may be something to do."""
        self._bell.set()

    async def recover(self) -> tuple[int, ...]:
        """Settle what an earlier process of this name left; give the runs that were cut off."""
        return await recover(self._needs)

    async def perform(self) -> None:
        """Settle what an earlier process left; then perform what is delivered, until cancelled."""
        while not self._recovered.is_set():
            try:
                await self.recover()
                self._recovered.set()
            except Unavailable as problem:
                logger.warning("the engine cannot begin: %s is away", problem.what)
                await asyncio.sleep(1)
        await self.deliverer.run()

    async def recovered(self) -> None:
        """Wait until nothing of an earlier process of this name is left."""
        await self._recovered.wait()

    async def keep(self) -> None:
        """Go the rounds and look who fell silent, until cancelled."""
        await self.recovered()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.round.run())
            group.create_task(self.sweep.run())
            group.create_task(self._sweep_deliveries())

    async def _sweep_deliveries(self) -> None:
        while True:
            try:
                await self.deliverer.sweep()
            except Unavailable as problem:
                logger.warning("deliveries are looked at later: %s is away", problem.what)
            await asyncio.sleep(SWEEP)
