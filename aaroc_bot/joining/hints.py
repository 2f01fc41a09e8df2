"""What GitHub's webhook hints at is read again by whoever it concerns.

GitHub calls any one of several bots. What is known of people each of them forgets; what
changed is looked at by the one that keeps.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

from aaroc_bot.github.webhook import About, Hint


class Watching(Protocol):
    """What is needed of the watcher (changes/watching.py)."""

    async def look(self, number: int) -> None:
        """Read a pull request again."""
        ...

    async def round(self) -> None:
        """Look at whatever changed."""
        ...

    async def pushed(self) -> None:
        """Fetch the default branch, and look at what came to it."""
        ...


class Hints:
    """Acts upon hints, one after the other."""

    def __init__(
        self,
        watcher: Watching,
        *people: Callable[[], Awaitable[None]],
        forget: Callable[[], Awaitable[None]],
        keeps: Callable[[], bool],
        nudge: Callable[[], Awaitable[None]],
    ) -> None:
        """`forget` has everything about people asked anew; `people` look then who came or left.

        `keeps` is whether this is the bot that looks; else `nudge` has that one look.
        """
        self._watcher = watcher
        self._people = people
        self._forget = forget
        self._keeps = keeps
        self._nudge = nudge

    async def __call__(self, hint: Hint) -> None:
        """Act upon one. Raises `Unavailable`."""
        if hint.about is About.PEOPLE:
            await self._forget()
        if not self._keeps():
            await self._nudge()
            return
        match hint.about, hint.number:
            case About.PEOPLE, _:
                for look in self._people:
                    await look()
            case About.BRANCH, _:
                await self._watcher.pushed()
            case About.PULLS, None:
                await self._watcher.round()
            case About.PULLS, int(number):
                await self._watcher.look(number)
