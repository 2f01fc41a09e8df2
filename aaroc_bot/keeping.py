"""The keeper's works: what exactly one bot of several does.

Losing the place ends these works, never the process, and never a playbook that runs; then
the place is tried for again.
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

    def __init__(self, presence: Presence, works: Sequence[Work]) -> None:
        """Do nothing yet."""
        self._presence = presence
        self._works = tuple(works)

    async def run(self) -> None:
        """Try for the place until cancelled, and then let go of it.

        Raises `NameTaken` (in a group): then another process bears this one's name.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._presence.keep())
                group.create_task(self._serve())
        finally:
            await self._presence.release()

    async def _serve(self) -> None:
        away = False
        while True:
            try:
                if await self._presence.acquire():
                    log.info("this process is the keeper")
                    away = False
                    await self._while_keeper()
                    log.warning("this process is not the keeper any more")
                else:
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
