"""How fast GitHub is written to.

GitHub asks for a second between writes and takes 80 that make content in a minute. A Change
is about five of them, and somebody waits: so a few go at once, and only many are spread.
"""

import threading

BURST = 20
"""Writes that go at once after a rest: with one a second behind them, 80 in the first minute."""
EVERY = 1.0
"""Seconds for each write beyond."""


class Pace:
    """Counts writes; safe over threads."""

    def __init__(self, burst: int = BURST, every: float = EVERY) -> None:
        """Let `burst` go at once, and then one in `every` seconds."""
        self._slack = (burst - 1) * every
        self._every = every
        self._due = 0.0
        self._turn = threading.Lock()

    def turn(self, now: float) -> float:
        """Take a turn at `now` (seconds of a clock that never goes back): how long to wait."""
        with self._turn:
            due = max(self._due, now)
            self._due = due + self._every
            return max(0.0, due - self._slack - now)
