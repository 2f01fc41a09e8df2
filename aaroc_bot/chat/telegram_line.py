"""The line to Telegram: whether it answers, and what is wrong with it for people to read."""

from collections.abc import Callable
from datetime import datetime, timedelta

from aaroc_bot.core.clock import when

SILENCE = timedelta(minutes=1)
"""How long Telegram may be silent before people are told."""

STUMBLES = 5
"""How often in a row its answers may be too much for the bot before people are told."""


class Line:
    """What is known of the connection. `refused` is a sentence's beginning, None if all is well."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Begin without a question asked."""
        self._clock = clock
        self._asked: datetime | None = None
        self._stumbles = 0
        self._stumbling: datetime | None = None
        self._unread: str | None = None
        self._contested: tuple[datetime, datetime] | None = None
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
        if refused is not None:
            self.well()

    def stumbled(self, over: str) -> None:
        """Note that it answered and the bot could do nothing with that; `over` names the fault."""
        self._asked = None
        self._stumbles += 1
        self._stumbling = self._stumbling or self._clock()
        if self._stumbles >= STUMBLES or self._clock() - self._stumbling >= SILENCE:
            self._unread = f"Telegram cannot be read: a fault of the bot ({over}), see its log"

    def contested(self) -> None:
        """Note that another program polls: the keeper before this one may, for a moment."""
        now = self._clock()
        first, last = self._contested or (now, now)
        self._contested = (first if now - last < SILENCE else now, now)
        self.answered()
        self.well()

    def well(self) -> None:
        """Note that nothing is in the way any more."""
        self._stumbles = 0
        self._stumbling = self._unread = None

    @property
    def trouble(self) -> str | None:
        """Say what is wrong now."""
        if self._asked is not None and self._clock() - self._asked >= SILENCE:
            since = when(self._asked, self._clock()).plain
            return f"Telegram has not answered since {since}"
        if self._unread is not None:
            return self._unread
        if self._contested is not None:
            first, last = self._contested
            if last - first >= SILENCE and self._clock() - last < SILENCE:
                return "another program reads this bot's messages"
        if self.refused is None and self.removed:
            return f"the bot was removed from Telegram's chat {min(self.removed)}"
        return self.refused
