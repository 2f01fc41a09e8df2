"""Telegram's limits on sending: a group's 20 a minute, a chat's 1 a second, 30 a second in all."""

import math
from collections import defaultdict, deque
from time import monotonic

from tests.emulators.telegram.refusal import flooded

NEARLY = 0.97
"""How much of a window must have passed: calls do not arrive as evenly as they are sent."""
COUNTED = frozenset(
    {
        "sendmessage",
        "senddocument",
        "editmessagetext",
        "editmessagecaption",
        "editmessagereplymarkup",
    }
)
"""Methods that count for the limits of a chat."""
SENDING = COUNTED | {"setmessagereaction"}
"""Methods that count for the limit over all chats."""
ALL = (30, 1.0)
GROUP = ((20, 60.0), (3, 1.0))
BURST = 3


class Flood:
    """Counts calls. What is refused does not count, but is noted in `noted`."""

    def __init__(self) -> None:
        self.noted: list[str] = []
        self._windows: dict[tuple[int, float], deque[float]] = defaultdict(deque)
        self._buckets: dict[int, tuple[float, float]] = {}

    def count(self, method: str, chat: int) -> None:
        """Count a call now; raises `Refused` with the time to wait if it is too many."""
        if method not in SENDING:
            return
        now = monotonic()
        windows = [(0, *ALL)]
        if method in COUNTED and chat < 0:
            windows += [(chat, most, seconds) for most, seconds in GROUP]
        waits = [self._wait(now, key, most, seconds) for key, most, seconds in windows]
        alone = method in COUNTED and chat > 0
        left = self._left(now, chat) if alone else 1.0
        wait = max(*waits, 0.0 if left >= NEARLY else 1.0 - left)
        if wait > 0:
            self.noted.append(f"{method} in {chat}: {wait:.2f} s too early")
            raise flooded(max(1, math.ceil(wait)))
        for key, _, seconds in windows:
            self._windows[key, seconds].append(now)
        if alone:
            self._buckets[chat] = (now, left - 1.0)

    def _wait(self, now: float, key: int, most: int, seconds: float) -> float:
        window = self._windows[key, seconds]
        while window and now - window[0] >= seconds * NEARLY:
            window.popleft()
        return window[len(window) - most] + seconds - now if len(window) >= most else 0.0

    def _left(self, now: float, chat: int) -> float:
        before, left = self._buckets.get(chat, (now, float(BURST)))
        return min(float(BURST), left + (now - before))
