"""What GitHub's webhook hints at is read again by whoever it concerns."""

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
        forget: Callable[[], None],
        *people: Callable[[], Awaitable[None]],
    ) -> None:
        """`forget` has everything about people asked anew; `people` look then who came or left."""
        self._watcher = watcher
        self._forget = forget
        self._people = people

    async def __call__(self, hint: Hint) -> None:
        """Act upon one. Raises `Unavailable`."""
        match hint.about, hint.number:
            case About.PEOPLE, _:
                self._forget()
                for look in self._people:
                    await look()
            case About.BRANCH, _:
                await self._watcher.pushed()
            case About.PULLS, None:
                await self._watcher.round()
            case About.PULLS, int(number):
                await self._watcher.look(number)
