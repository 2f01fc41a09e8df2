"""How often a chat may be called: tokens that come back at a steady rate.

Nothing waits in here. Whoever is told to wait says so to whoever called (`Later`).
"""

import time
from collections.abc import Callable

ROUNDING = 1e-6
"""Seconds that are no wait: floating point alone can be short of a token by so much."""


class Pace:
    """Calls at `rate` a second, at most `burst` at once after a rest.

    >>> now = 0.0
    >>> pace = Pace(2.0, 2, lambda: now)
    >>> pace.take(), pace.take(), pace.take()
    (0.0, 0.0, 0.5)
    >>> now = 0.5
    >>> pace.take()
    0.0
    """

    def __init__(
        self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin rested; `clock` gives seconds that only grow."""
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock()  # since when tokens come back; ahead of us while closed

    def take(self) -> float:
        """Take one call: 0.0 if it may go now, else the seconds until one may (none is taken)."""
        now = self._clock()
        self._rest_until(now, self._burst)
        wait = self._at - now + max(0.0, 1 - self._tokens) / self._rate
        if wait > ROUNDING:
            return wait
        self._tokens = max(0.0, self._tokens - 1)
        return 0.0

    def closed_for(self, seconds: float) -> None:
        """Let nothing through for `seconds`, as the chat asked; after that one call, then slowly.

        What was saved up is gone: the chat's own count is stricter than ours was.
        """
        self._rest_until(self._clock() + seconds, 1)

    def _rest_until(self, at: float, most: int) -> None:
        self._tokens = min(most, self._tokens + max(0.0, at - self._at) * self._rate)
        self._at = max(self._at, at)
