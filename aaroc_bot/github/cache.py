"""What GitHub said, kept for minutes, asked again conditionally, and used for a day.

A value that GitHub could not renew is still given for a day, marked with the time since
when GitHub has been silent; also one that an earlier process was told. Questions that are
under way are shared.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from aaroc_bot.github.api import Api, Silent
from aaroc_bot.github.kept import Kept, Page, Told

T = TypeVar("T")

FRESH = timedelta(minutes=5)
USABLE = timedelta(days=1)
"""How long something last known still counts for reading and reducing (RULES.md)."""
RETRY = timedelta(seconds=5)
PAGES = 100
"""Pages of a list that are followed at most: 10,000 people."""


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """Values, when GitHub last confirmed them, and since when it is silent (None: it is not).

    `values` is one element for an object, all of them for a list, and None where GitHub
    said that there is no such thing (404).
    """

    values: tuple[T, ...] | None
    at: datetime
    silent_since: datetime | None = None


class CannotTell(Exception):
    """GitHub is silent, and nothing is known from the last day."""

    def __init__(self, reason: str, since: datetime | None) -> None:
        """Keep the reason for people, and since when GitHub is silent."""
        super().__init__(reason)
        self.reason = reason
        self.since = since


class Cached(Generic[T]):
    """One thing to ask GitHub about: an object, or all pages of a list.

    `parse` turns one answer's body into values; it may raise KeyError, TypeError or
    ValueError on a body that is not as described.
    """

    def __init__(
        self,
        api: Api,
        path: str,
        parse: Callable[[object], tuple[T, ...]],
        clock: Callable[[], datetime],
        kept: Kept[T] | None = None,
    ) -> None:
        """Know how to ask; nothing is asked yet. `kept` outlives this process."""
        self._api = api
        self._path = path
        self._parse = parse
        self._clock = clock
        self._kept = kept
        self._pages: Sequence[Page[T]] = ()
        self._known: Known[T] | None = None
        self._silent: tuple[datetime, datetime, str] | None = None
        self._flight: asyncio.Task[None] | None = None
        self._hints = 0
        self._asked = 0
        self._answered = 0

    async def read(self, *, now: bool = False) -> Known[T]:
        """Give what is known, asking GitHub if that is old or `now` is wished.

        Raises `CannotTell`.
        """
        if now or self._answered != self._hints or not self._rests():
            await self._ask(now)
        return self._answer()

    def forget(self) -> None:
        """Ask next time, conditionally: what is known may have changed a moment ago."""
        self._hints += 1

    def _rests(self) -> bool:
        """Whether there is no need to ask: fresh, or GitHub was silent a moment ago."""
        at = self._clock()
        if self._silent:
            return at - self._silent[1] < RETRY
        return self._known is not None and at - self._known.at < FRESH

    async def _ask(self, now: bool) -> None:
        if (earlier := self._flight) and (now or self._asked != self._hints):
            # It began before this wish or hint, so what it sees may be older.
            await asyncio.wait({earlier})
            if self._flight is earlier:
                self._flight = None
        if self._flight is None:
            self._asked = self._hints
            flight = self._flight = asyncio.create_task(self._fetch(self._hints))
            flight.add_done_callback(self._landed)
        await asyncio.shield(self._flight)

    def _landed(self, flight: asyncio.Task[None]) -> None:
        if self._flight is flight:
            self._flight = None

    async def _fetch(self, hints: int) -> None:
        began = self._clock()
        earlier = await self._recall(began)
        try:
            pages = await self._read_pages()
        except (KeyError, TypeError, ValueError, AttributeError):
            self._failed("GitHub's answer cannot be read", earlier)
        except Silent as problem:
            self._failed(str(problem), earlier)
        else:
            self._pages = pages
            self._known = _known(pages, began)
            self._silent = None
            if self._kept:
                self._kept.keep(Told(pages, began))
        self._answered = max(self._answered, hints)

    async def _recall(self, now: datetime) -> Known[T] | None:
        """Take up what an earlier process was told, where this one was told nothing.

        Until GitHub was asked by this process too it serves for asking alone.
        """
        if self._kept is None or self._known is not None:
            return None
        told = await self._kept.last(now)
        if told is None:
            return None
        self._pages = told.pages
        return _known(told.pages, told.at)

    def _failed(self, reason: str, earlier: Known[T] | None) -> None:
        at = self._clock()
        self._silent = (self._silent[0] if self._silent else at, at, reason)
        self._known = self._known or earlier

    async def _read_pages(self) -> list[Page[T]]:
        """Ask page by page, each conditionally; no page means that there is no such thing."""
        before = {page.path: page for page in self._pages}
        found: list[Page[T]] = []
        path: str | None = self._path
        while path:
            if len(found) == PAGES:
                raise ValueError("a list without end")
            old = before.get(path)
            reply = await self._api.get(path, old.tag if old else None)
            if reply.status == 404:
                return []
            if reply.status != 304:
                page = Page(path, self._parse(reply.body), reply.tag, reply.next)
            elif old is None:
                raise ValueError("unchanged, but never seen")
            else:
                page = old
            found.append(page)
            path = page.next
        return found

    def _answer(self) -> Known[T]:
        if self._silent is None and self._known is not None:
            return self._known
        since, _, reason = self._silent or (None, None, "GitHub was not asked yet")
        if self._known is None or self._clock() - self._known.at > USABLE:
            raise CannotTell(reason, since)
        return replace(self._known, silent_since=since)


def _known(pages: Sequence[Page[T]], at: datetime) -> Known[T]:
    values = tuple(value for page in pages for value in page.values)
    return Known(values if pages else None, at)
