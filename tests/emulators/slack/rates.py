"""Slack's rate limits: one post a second a channel, tiers for the rest."""

import time
from collections.abc import Callable
from typing import Final

PER_CHANNEL: Final = frozenset({"chat.postMessage", "chat.postEphemeral"})
TIERS: Final = {
    "apps.connections.open": (60, 20),
    "auth.test": (300, 100),
    "chat.update": (50, 12),  # ten, and two for calls that arrive less evenly than they were sent
    "conversations.members": (100, 100),
    "files.completeUploadExternal": (100, 100),
    "files.getUploadURLExternal": (100, 100),
    "reactions.add": (50, 20),
    "users.info": (100, 100),
}
"""Calls a minute, and how many of them may come at once."""

OTHERS = (50, 50)


class Rates:
    """Counts calls; `take` says how long to wait with the next."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, method: str, channel: str) -> float:
        """Count a call: 0 if it may be made, else the seconds until it may."""
        if method in PER_CHANNEL:
            key, minute, burst = f"post {channel}", 60, 5
        else:
            key, (minute, burst) = method, TIERS.get(method, OTHERS)
        now, rate = self._clock(), minute / 60
        left, since = self._left.get(key, (float(burst), now))
        left = min(float(burst), left + (now - since) * rate)
        if left >= 1:
            self._left[key] = (left - 1, now)
            return 0.0
        self._left[key] = (left, now)
        return (1 - left) / rate
