"""A chat whose connection is in trouble is told in the others, and when it is back."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from aaroc_bot.core.ports import Platform, Unavailable
from aaroc_bot.outbox import Outbox
from aaroc_bot.store.database import Database

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between looks."""

QUIET = timedelta(seconds=60)
"""How long a chat must have been well before that is told: some trouble comes and goes."""


class Troubles:
    """Watches the connections of the chats that are served."""

    def __init__(
        self,
        database: Database,
        box: Outbox,
        platforms: Sequence[Platform],
        now: Callable[[], datetime],
    ) -> None:
        """Tell by `box` what is wrong with any of `platforms`."""
        self._database = database
        self._box = box
        self._platforms = tuple(platforms)
        self._now = now
        self._told: dict[str, datetime] = {}
        self._well: dict[str, datetime] = {}

    async def watch(self) -> None:
        """Look until cancelled."""
        while self._platforms:
            for platform in self._platforms:
                try:
                    await self._look(platform)
                except Unavailable as away:
                    log.warning("%s is away; %s's trouble is told later", away.what, platform.name)
            await asyncio.sleep(EVERY)

    async def _look(self, platform: Platform) -> None:
        """Tell once that trouble began, and once that it is over."""
        since, trouble, now = self._told.get(platform.name), platform.trouble, self._now()
        if trouble:
            self._well.pop(platform.name, None)
        if trouble and since is None:
            log.error("%s", trouble)
            await self._tell(platform.name, "chat-trouble", now, {"trouble": trouble})
            self._told[platform.name] = now
        elif not trouble and since is not None:
            if now - self._well.setdefault(platform.name, now) < QUIET:
                return
            log.warning("%s is back", platform.name)
            await self._tell(platform.name, "chat-back", since, {"since": since.isoformat()})
            del self._told[platform.name]

    async def _tell(self, chat: str, card: str, since: datetime, data: dict[str, str]) -> None:
        subject = f"{chat}:{since.isoformat()}"
        async with self._database.write() as connection:
            await self._box.notice(connection, card, subject, {"chat": chat, **data}, but=chat)
        self._box.wake()
