"""Calls of Slack's Web API: each kind at its pace, each failure as what it means."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from aaroc_bot.chat.pace import Pace
from aaroc_bot.chat.slack_errors import Away, Refused, Stumbled, judged
from aaroc_bot.chat.slack_reach import LONGEST_PAUSE, Reach
from aaroc_bot.core.pauses import growing
from aaroc_bot.core.ports import Later

LIMIT = 10.0
"""Seconds that a call may take."""

LONGEST_STUMBLE = 60.0
"""Seconds between tries of what Slack fails over each time, at most."""

_Kind = tuple[str, str]
"""A method, and the channel or person that it is about."""


@dataclass(slots=True)
class Paces:
    """How often each kind of call may be made: a little under what Slack allows."""

    posts: dict[str, Pace] = field(default_factory=dict)
    edits: Pace = field(default_factory=lambda: Pace(50 / 60, 9))
    signs: Pace = field(default_factory=lambda: Pace(50 / 60, 15))
    files: Pace = field(default_factory=lambda: Pace(20 / 60, 10))
    looks: Pace = field(default_factory=lambda: Pace(50 / 60, 20))
    people: Pace = field(default_factory=lambda: Pace(100 / 60, 50))

    def post(self, channel: str) -> Pace:
        """Give a channel's own pace: one message a second, a few at once."""
        return self.posts.setdefault(channel, Pace(1.0, 4))


class Calls:
    """Calls the Web API. Nothing waits in here: what may not be called now raises `Later`."""

    def __init__(self, reach: Reach) -> None:
        """Note in `reach` what came of each call."""
        self._reach = reach
        self._stumbles: dict[_Kind, int] = {}

    async def __call__(
        self,
        pace: Pace,
        method: Callable[..., Awaitable[AsyncSlackResponse]],
        *,
        limit: float = LIMIT,
        **given: Any,
    ) -> AsyncSlackResponse:
        """Call a method of the client, at this pace. Raises `Later` and `Lost` (core/ports.py)."""
        if (wait := self._reach.pause) > 0:
            raise Later(min(wait, LONGEST_PAUSE))
        if (wait := pace.take()) > 0:
            raise Later(wait)
        try:
            async with asyncio.timeout(limit):
                reply = await method(**given)
        except Exception as problem:
            meaning = self._meaning(judged(problem), pace, _kind(method, given))
            if meaning is problem:
                raise
            raise meaning from problem
        self._reach.answered()
        self._stumbles.pop(_kind(method, given), None)
        return reply

    def _meaning(self, problem: Exception, pace: Pace, kind: _Kind) -> Exception:
        match problem:
            case Later(seconds=seconds):
                pace.closed_for(seconds)
                self._reach.answered()
                return problem
            case Refused():
                return Later(min(self._reach.failed(problem), LONGEST_PAUSE))
            case Away():
                return Later(self._reach.failed(problem) or 1.0, maybe=True)
            case Stumbled():  # it says nothing of the way to Slack, good or bad
                times = self._stumbles.get(kind, 0)
                self._stumbles[kind] = times + 1
                return Later(growing(times, LONGEST_STUMBLE), maybe=True)
            case _:
                self._reach.answered()
                return problem


def _kind(method: Callable[..., Awaitable[AsyncSlackResponse]], given: Mapping[str, Any]) -> _Kind:
    about = given.get("channel") or given.get("users") or given.get("user") or ""
    return method.__name__, str(about)
