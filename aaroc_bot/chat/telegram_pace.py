"""How often Telegram may be called: as much at once as it lets through, and no more.

Telegram counts several things together (a group's messages in a minute, a chat's in a
second, all of the bot's), so a call goes only when all of them let it, counted over every
stretch of time. Nothing waits in here.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from aaroc_bot.chat.pace import Pace


class Sort(Enum):
    """What a call does; each sort waits for itself."""

    POST = "post"
    EDIT = "edit"
    SIGN = "sign"


@dataclass(slots=True, eq=False)
class _Call:
    """A call; `ended` is None while it is under way, for Telegram may count it until then."""

    ended: float | None = None


@dataclass(slots=True)
class _Window:
    """At most `most` calls within any `seconds`."""

    most: int
    seconds: float
    calls: deque[_Call] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Give the seconds until one more may go."""
        ends = sorted(now if call.ended is None else call.ended for call in self.calls)
        ends = [ended for ended in ends if ended + self.seconds > now]
        if len(ends) < self.most:
            return 0.0
        return ends[len(ends) - self.most] + self.seconds - now

    def add(self, call: _Call, now: float) -> None:
        """Count a call, and forget those that count no more."""
        while self.calls and (ended := self.calls[0].ended) is not None:
            if ended + self.seconds > now:
                break
            self.calls.popleft()
        self.calls.append(call)


class _Chat:
    """One chat's limits. Edits have about half of a group's, so that answers get through."""

    def __init__(self, chat: int, clock: Callable[[], float]) -> None:
        a_second = _Window(3, 3)
        together = [a_second, _Window(20, 60)] if chat < 0 else [a_second]
        signs = [_Window(3, 3), _Window(20, 60)]
        self.windows = {Sort.POST: together, Sort.EDIT: together, Sort.SIGN: signs}
        self.edits = Pace(1 / 8, 3, clock) if chat < 0 else None
        self.closed: dict[bool, float] = {}


class TooSoon(Exception):
    """Telegram's limits let no call through for `seconds`."""

    def __init__(self, seconds: float) -> None:
        """Keep the time to wait, in seconds."""
        super().__init__(f"not for {seconds} s")
        self.seconds = seconds


class TelegramPace:
    """The limits of one bot."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin rested; `clock` gives seconds that only grow."""
        self._clock = clock
        self._all = _Window(25, 1)
        self._chats: dict[int, _Chat] = {}

    @contextmanager
    def call(self, chat: int, sort: Sort) -> Iterator[None]:
        """Make one call within; raises `TooSoon` if it may not go now."""
        limits = self._of(chat)
        windows = [self._all, *limits.windows[sort]]
        now = self._clock()
        closed = limits.closed.get(sort is Sort.SIGN, now) - now
        wait = max(closed, *(window.wait(now) for window in windows))
        if wait <= 0 and sort is Sort.EDIT and limits.edits is not None:
            wait = limits.edits.take()
        if wait > 0:
            raise TooSoon(wait)
        call = _Call()
        for window in windows:
            window.add(call, now)
        try:
            yield
        finally:
            call.ended = self._clock()

    def close(self, chat: int, sort: Sort, seconds: float) -> None:
        """Let nothing through to a chat for `seconds`, as Telegram asked; signs apart."""
        limits = self._of(chat)
        is_sign = sort is Sort.SIGN
        limits.closed[is_sign] = max(limits.closed.get(is_sign, 0.0), self._clock() + seconds)

    def _of(self, chat: int) -> _Chat:
        return self._chats.setdefault(chat, _Chat(chat, self._clock))
