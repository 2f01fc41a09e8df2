"""Whether Slack can be reached: what came of each try, and what people are told of it."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from slack_sdk.errors import SlackApiError

from aaroc_bot.chat.slack_errors import Refused, word
from aaroc_bot.core.pauses import growing
from aaroc_bot.core.ports import Later

LONGEST_PAUSE = 30.0
"""Seconds between tries while Slack is silent, at most."""

REFUSED_PAUSE = 300.0
"""Seconds between tries of a token that Slack refuses."""

SILENT = timedelta(minutes=1)
"""How long Slack is silent before people are told."""


class Reach:
    """One way to Slack (its Web API, the socket): silent, refused, or fine."""

    def __init__(
        self, token: str, clock: Callable[[], datetime], changed: Callable[[], None]
    ) -> None:
        """`token` names for people what is refused: ``the bot's token``.

        `changed` is called whenever `trouble` may have.
        """
        self._token = token
        self._clock = clock
        self._changed = changed
        self._failures = 0
        self._silent_since: datetime | None = None
        self._refused: str | None = None
        self._again = 0.0

    @property
    def trouble(self) -> str | None:
        """What is wrong, a sentence's beginning; None: nothing, or not for long enough."""
        if self._refused is not None:
            return f"Slack refuses {self._token} ({self._refused})"
        since = self._silent_since
        if since is not None and self._clock() - since >= SILENT:
            return f"Slack has not answered since {since:%H:%M} UTC"
        return None

    @property
    def pause(self) -> float:
        """Seconds until it makes sense to try again, 0.0 when now does."""
        return max(0.0, self._again - time.monotonic())

    def answered(self) -> None:
        """Note that Slack answered."""
        self._failures, self._silent_since, self._refused, self._again = 0, None, None, 0.0
        self._changed()

    def failed(self, problem: Exception) -> float:
        """Note that a try failed, as it is judged to mean; give the seconds to pause."""
        match problem:
            case Refused() | SlackApiError():
                self._refused = word(problem)
                self._again = time.monotonic() + REFUSED_PAUSE
            case Later(seconds=seconds):
                self.answered()
                return seconds
            case _ if self.pause == 0:  # of many calls at once that fail, one counts
                self._silent_since = self._silent_since or self._clock()
                pause = growing(self._failures, LONGEST_PAUSE)
                self._failures += 1
                self._again = time.monotonic() + pause
        self._changed()
        return self.pause
