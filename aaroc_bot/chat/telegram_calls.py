"""Calls to a chat of Telegram's, at the pace that it takes, with our own errors.

Every call says at once whether it went: `Later` where the limits or Telegram's silence
hold it up, `Lost` where the chat or the message is gone. Anything else is a fault.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from aaroc_bot.chat.telegram_names import NAME, Rooms
from aaroc_bot.chat.telegram_pace import Sort, TelegramPace, TooSoon
from aaroc_bot.core.pauses import growing
from aaroc_bot.core.ports import Addresses, Later, Lost, Shut

log = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_PAUSE = 30.0
"""Seconds until a chat that does not answer is called again, at most."""

MOVED_PAUSE = 0.5
"""Seconds until what was refused because the group moved is sent to its new id."""

UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""What ends a call before any of it was sent; after anything else it may have been taken."""

GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message thread not found",
    "topic_deleted",
    "chat not found",
    "peer_id_invalid",
    "group chat was deactivated",
    "user is deactivated",
)
"""What Telegram answers where a call will never be taken."""

SHUT = (
    "topic_closed",
    "not enough rights",
    "have no rights to send",
    "chat_write_forbidden",
    "chat_restricted",
)
"""What it answers where the bot may not write, which may change."""


class TelegramCalls:
    """Makes the calls. A group that turns out to have moved is noted, and called there next."""

    def __init__(self, rooms: Rooms, addresses: Addresses) -> None:
        """Call the chats of `rooms`; where they move is kept in `addresses`."""
        self._rooms = rooms
        self._addresses = addresses
        self._pace = TelegramPace()
        self._silent: dict[str, int] = {}

    async def to(self, channel: str, sort: Sort, make: Callable[[int], Awaitable[T]]) -> T:
        """Make a call to a channel; `make` is given Telegram's id of it.

        Raises `BadRequest` for what no rule here knows: the caller may.
        """
        try:
            chat = self._rooms.now(channel)
        except ValueError:
            raise Lost(f"{channel} is no chat") from None
        try:
            with self._pace.call(chat, sort):
                answer = await make(chat)
        except TooSoon as wait:
            raise Later(wait.seconds) from None
        except TelegramError as problem:
            raise await self._ours(channel, chat, sort, problem) from None
        self._silent.pop(channel, None)
        return answer

    async def moved(self, channel: str, to: int) -> None:
        """Note that a channel has another id now, durably. Raises `Unavailable`."""
        if self._rooms.now(channel) == to:
            return
        await self._addresses.moved(NAME, channel, str(to))
        self._rooms.moved(channel, to)
        log.warning("Telegram's chat %s has become %s", channel, to)

    async def _ours(self, channel: str, chat: int, sort: Sort, problem: TelegramError) -> Exception:
        """Find our error; mind that Telegram's refusals are network errors in the library."""
        match problem:
            case ChatMigrated(new_chat_id=to):
                await self.moved(channel, to)
                return Later(MOVED_PAUSE)
            case RetryAfter():
                seconds = _seconds(problem.retry_after)
                self._pace.close(chat, sort, seconds)
                return Later(seconds)
            case BadRequest():
                said = problem.message.lower()
                if any(words in said for words in SHUT):
                    return Shut(problem.message)
                return Lost(problem.message) if any(words in said for words in GONE) else problem
            case Forbidden():  # thrown out of a group, or blocked by a person
                return Shut(problem.message) if chat < 0 else Lost(problem.message)
            case InvalidToken():
                return Later(LONGEST_PAUSE)
            case _:
                maybe = not isinstance(problem.__cause__, UNSENT)
                return Later(self._pause(channel), maybe=maybe)

    def _pause(self, channel: str) -> float:
        """Give a pause that grows while a channel's calls go unanswered."""
        times = self._silent.get(channel, 0)
        self._silent[channel] = times + 1
        return growing(times, LONGEST_PAUSE)


def _seconds(period: int | timedelta) -> float:
    """Read the library's two ways to write a time (an int until PTB_TIMEDELTA is its default)."""
    return period.total_seconds() if isinstance(period, timedelta) else float(period)
