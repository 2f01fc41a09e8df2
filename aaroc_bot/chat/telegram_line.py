"""The line to Telegram: whether it answers, and what is wrong with it for people to read."""

from collections.abc import Callable
from datetime import datetime, timedelta

from aaroc_bot.core.clock import when

SILENCE = timedelta(minutes=1)
"""How long Telegram may be silent before people are told."""


class Line:
    """What is known of the connection. `refused` is a sentence's beginning, None if all is well."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Begin without a question asked."""
        self._clock = clock
        self._asked: datetime | None = None
        self.refused: str | None = None
        self.removed: set[str] = set()
        """The chats, as set, from which somebody took the bot."""

    def asked(self) -> None:
        """Note that Telegram was asked; the first question without an answer counts."""
        self._asked = self._asked or self._clock()

    def answered(self, refused: str | None = None) -> None:
        """Note that it answered, and what it refused."""
        self._asked = None
        self.refused = refused

    @property
    def trouble(self) -> str | None:
        """Say what is wrong now."""
        if self._asked is not None and self._clock() - self._asked >= SILENCE:
            since = when(self._asked, self._clock()).plain
            return f"Telegram has not answered since {since}"
        if self.refused is None and self.removed:
            return f"the bot was removed from Telegram's chat {min(self.removed)}"
        return self.refused
