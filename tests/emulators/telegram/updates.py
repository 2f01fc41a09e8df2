"""The queue of updates: getUpdates confirms them by offset, a webhook by its 200."""

import asyncio
import itertools
import time
from collections.abc import Awaitable
from dataclasses import dataclass

from tests.emulators.telegram.refusal import Refused
from tests.emulators.telegram.world import LOOSE, Json, World

LONGEST_POLL = 1.0
"""Seconds that a long poll lasts here, whatever was asked."""


@dataclass(slots=True)
class Update:
    """Something that happened. `again`: to be given once more, whatever the offset says."""

    id: int
    kind: str
    payload: Json
    again: bool = False

    @property
    def queue(self) -> int:
        """What a webhook keeps in order: the chat, or the person where there is none."""
        message = self.payload.get("message", self.payload)
        return int((message.get("chat") or self.payload.get("from") or {}).get("id", 0))

    @property
    def body(self) -> Json:
        """The Update's JSON."""
        return {"update_id": self.id, self.kind: self.payload}


@dataclass(slots=True)
class Hook:
    """A webhook as it was set. `error` is what getWebhookInfo tells of the last attempt."""

    url: str
    secret: str
    most: int = 40
    error: str = ""
    failed_at: int = 0


class Updates:
    """Updates not confirmed yet, and those that were."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ids = itertools.count(640000001)
        self.pending: list[Update] = []
        self.confirmed: list[Update] = []
        self.allowed: frozenset[str] | None = None
        self.hook: Hook | None = None
        self._poll: asyncio.Future[Refused] | None = None
        self._arrived = asyncio.Event()

    def push(self, kind: str, payload: Json, *, whatever: bool = False) -> int | None:
        """Queue an update and give its id; None where the bot does not ask for this kind."""
        wanted = kind in self.allowed if self.allowed is not None else kind not in LOOSE
        if not wanted and not whatever:
            return None
        update = Update(next(self._ids), kind, payload)
        self.pending.append(update)
        self._wake()
        return update.id

    def redeliver(self) -> None:
        """Give all that was confirmed once more."""
        for update in self.confirmed:
            update.again = True
        self.pending = [*self.confirmed, *self.pending]
        self.confirmed = []
        self._wake()

    def news(self) -> Awaitable[object]:
        """Wait until something about the queue or the webhook changes, from this moment on."""
        return self._arrived.wait()

    def _wake(self) -> None:
        self._arrived.set()
        self._arrived = asyncio.Event()
        self._world.changed()

    def allow(self, kinds: list[str] | None) -> None:
        """Take over which kinds the bot wants: None keeps it, an empty list is the usual ones."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    @property
    def polling(self) -> bool:
        """Whether a poll is under way."""
        return self._poll is not None

    def end_poll(self, refusal: Refused) -> None:
        """End a poll that is under way with this answer."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(refusal)

    async def poll(self, offset: int, limit: int, timeout: int) -> list[Json]:
        """Confirm what is before `offset` and give up to `limit` that wait, or wait for some."""
        if self.hook is not None:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self.end_poll(
            Refused(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )
        )
        self._confirm(offset)
        ends = time.monotonic() + min(timeout, LONGEST_POLL)
        self._poll = mine = asyncio.get_running_loop().create_future()
        self._world.changed()
        try:
            while not self.pending and (left := ends - time.monotonic()) > 0:
                await self._wait(mine, left)
                if mine.done():
                    raise mine.result()
        finally:
            if self._poll is mine:
                self._poll = None
        given = self.pending[: min(max(limit, 1), 100)]
        for update in given:
            update.again = False
        return [update.body for update in given]

    async def _wait(self, mine: asyncio.Future[Refused], seconds: float) -> None:
        arrived = asyncio.ensure_future(self._arrived.wait())
        try:
            await asyncio.wait(
                (mine, arrived), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            arrived.cancel()

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            offset = self.pending[offset:][0].id if self.pending else 0

        def over(update: Update) -> bool:
            return update.id < offset and not update.again

        done = [update for update in self.pending if over(update)]
        self.confirmed += done
        self.pending = [update for update in self.pending if not over(update)]
        if done:
            self._world.changed()

    def took(self, update: Update) -> None:
        """Count an update as taken in: the webhook said so."""
        update.again = False
        if update in self.pending:
            self.pending.remove(update)
            self.confirmed.append(update)
        self._wake()

    def set_hook(self, hook: Hook | None, *, drop: bool) -> None:
        """Set or take away the webhook; a poll under way ends."""
        self.hook = hook
        if drop:
            self.pending.clear()
        if hook is not None:
            self.end_poll(Refused(409, "Conflict: terminated by setWebhook request"))
        self._wake()
