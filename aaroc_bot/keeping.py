"""The keeper's works: what exactly one bot of several does.

Losing the place ends these works, never the process, and never a playbook that runs; then
the place is tried for again. While the database does not answer nobody can take the place:
works that may outlast that end only when it answers and the place is another's.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.presence import NameTaken, Presence

log = logging.getLogger(__name__)

AGAIN = 1.0
"""Seconds until the place is tried for again, and until works that stumbled begin anew."""

Work = Callable[[], Coroutine[Any, Any, None]]
"""Goes on until it is cancelled."""


class Keeping:
    """Does `works` while this process is the keeper."""

    def __init__(
        self, presence: Presence, works: Sequence[Work], outlasting: Sequence[Work] = ()
    ) -> None:
        """Do nothing yet; `outlasting` are works that go on while the database is away."""
        self._presence = presence
        self._works = tuple(works)
        self._outlasting = tuple(outlasting)
        self._lasting: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Try for the place until cancelled, and then let go of it.

        Raises `NameTaken` (in a group): then another process bears this one's name.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._presence.keep())
                group.create_task(self._serve())
        finally:
            await self._end_lasting()
            await self._presence.release()

    async def _serve(self) -> None:
        away = False
        while True:
            try:
                if await self._presence.acquire():
                    log.info("this process is the keeper")
                    away = False
                    self._last()
                    await self._while_keeper()
                    log.warning("this process is not the keeper any more")
                else:
                    await self._end_lasting()
                    await self._presence.end_frozen()
            except* NameTaken:
                raise
            except* Unavailable:
                if not away:
                    log.warning("the keeper's works wait: something does not answer")
                away = True
            except* Exception:
                log.exception("the keeper's works stumbled; they begin anew")
            await asyncio.sleep(AGAIN)

    async def _while_keeper(self) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work()) for work in self._works]
            await self._presence.lost()
            for task in tasks:
                task.cancel()

    def _last(self) -> None:
        """Begin what outlasts an outage, unless it did."""
        if self._lasting is None:
            self._lasting = asyncio.create_task(_all(self._outlasting))

    async def _end_lasting(self) -> None:
        lasting, self._lasting = self._lasting, None
        if lasting is not None:
            lasting.cancel()
            await asyncio.gather(lasting, return_exceptions=True)


async def _all(works: Sequence[Work]) -> None:
    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(_ever(work))


async def _ever(work: Work) -> None:
    """Do a work until cancelled, beginning anew after a fault of its own."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("a work of the keeper's stumbled; it begins anew")
        await asyncio.sleep(AGAIN)
