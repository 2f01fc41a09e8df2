"""Whether the ROC's channel takes what the bot writes: what came of the last tries there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aaroc_bot.chat.slack_errors import word
from aaroc_bot.core.ports import Shut

ARCHIVED = frozenset({"channel_is_archived", "is_archived", "is_inactive"})
OUTSIDE = frozenset({"channel_not_found", "not_in_channel"})

POST, EDIT, FIND = "post", "edit", "find"
"""What the bot does in a channel. Each may be shut by itself; where a post goes, all goes."""


class Room:
    """The ROC's channel."""

    def __init__(self, channel: str, changed: Callable[[], None]) -> None:
        """`changed` is called whenever `trouble` may have."""
        self._channel = channel
        self._changed = changed
        self._shut: dict[str, str] = {}

    @property
    def trouble(self) -> str | None:
        """What is wrong, a sentence's beginning; None if all goes."""
        for why in self._shut.values():
            return f"{self._said(why)} ({why})"
        return None

    @contextmanager
    def noting(self, what: str, channel: str) -> Iterator[None]:
        """Note whether what is done within goes, if it is done in the ROC's channel."""
        if channel != self._channel:
            yield
            return
        try:
            yield
        except Shut as shut:
            cause = shut.__cause__
            self._shut[what] = word(cause) if isinstance(cause, Exception) else str(shut)
            self._changed()
            raise
        if self._shut:
            self._shut = {} if what == POST else {k: v for k, v in self._shut.items() if k != what}
            self._changed()

    def _said(self, why: str) -> str:
        channel = f"Slack's channel {self._channel}"
        if why in OUTSIDE:
            return f"the bot is not in {channel}"
        if why in ARCHIVED:
            return f"{channel} is archived"
        return f"the bot may not write in {channel}"
