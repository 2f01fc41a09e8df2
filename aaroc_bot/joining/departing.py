"""Who is no member of the organisation any more loses what waits of theirs.

Rights end by themselves: each is asked for when it is needed. What was asked for before
and waits is ended here, in one message, and only on GitHub's clear word: "cannot tell"
and an invitation that is pending change nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.ports import People, Unavailable
from aaroc_bot.core.rights import Membership, Person
from aaroc_bot.runs.moves import Moves
from aaroc_bot.runs.requests import asked_by, end, left, waiting, who_waits
from aaroc_bot.store import changes as store
from aaroc_bot.store import marks
from aaroc_bot.store.database import Database

log = logging.getLogger(__name__)


class Closing(Protocol):
    """What is needed of the book of Changes (changes/book.py)."""

    async def close_all_of(self, person: Person, why: str) -> Sequence[int]:
        """Close a person's open Changes on GitHub."""
        ...


class Departing:
    """Looks whether somebody left of whom something waits."""

    def __init__(
        self,
        *,
        database: Database,
        people: People,
        moves: Moves,
        changes: Closing,
        wake: Callable[[], None],
        clock: Callable[[], datetime],
        every: timedelta,
    ) -> None:
        """Look `every` so often; `wake` tells the engine that runs ended."""
        self._database = database
        self._people = people
        self._moves = moves
        self._changes = changes
        self._wake = wake
        self._clock = clock
        self._every = every
        self._turn = asyncio.Lock()
        self._away: str | None = None

    async def run(self) -> None:
        """Look until cancelled; what does not answer is asked again, and logged once."""
        while True:
            try:
                await self._all(now=False)
                self._away = None
            except Unavailable as away:
                if self._away != away.what:
                    log.warning("%s does not answer; who left is seen later", away.what)
                self._away = away.what
            except Exception:
                log.exception("the look for who left failed")
            await asyncio.sleep(self._every.total_seconds())

    async def look(self) -> None:
        """Look now, at a hint: GitHub is asked again. Raises `Unavailable`."""
        await self._all(now=True)

    async def _all(self, *, now: bool) -> None:
        async with self._turn:
            await self._look(now=now)

    async def _look(self, *, now: bool) -> None:
        async with self._database.read() as connection:
            asked = [one.asked.by for one in await store.open_ones(connection)]
            people = {person.id: person for person in [*await who_waits(connection), *asked]}
        away: Unavailable | None = None
        for person in people.values():
            try:
                why = await self._gone(person, now=now)
                if why:
                    await self._end(person, why)
            except Unavailable as problem:  # the others' requests end all the same
                away = problem
        if away is not None:
            raise away

    async def _gone(self, person: Person, *, now: bool) -> str:
        """Say why what somebody asked for ends: frozen here, or GitHub says, this moment, that
        they are no member and not invited. Empty: it does not.
        """
        for again in (now, True):  # what was known a minute ago ends nothing
            standing = await self._people.of_person(person, now=again)
            if standing.frozen:
                return f"{person.login} is frozen"
            if not standing.fresh or standing.membership is not Membership.OUTSIDER:
                return ""
        return left(person, self._people.organisation())

    async def _end(self, person: Person, why: str) -> None:
        """End their requests and tell it in one transaction; then Changes are closed on GitHub."""
        async with self._database.write() as connection:
            requests = await waiting(connection, asked_by(person))
            changes = await store.open_ones_of(connection, person.id)
            numbers = [change.number for change in changes if change.number is not None]
            await self._tell(connection, person, why, [run.number for run in requests], numbers)
            await end(self._moves, connection, requests, why)
        self._moves.cards.wake()
        self._wake()
        if changes:
            await self._changes.close_all_of(person, why)

    async def _tell(
        self,
        connection: AsyncConnection,
        person: Person,
        why: str,
        runs: Sequence[int],
        changes: Sequence[int],
    ) -> None:
        """Tell what ends. A Change that cannot be closed yet is not told of again and again."""
        mark = f"left:{person.id}"
        told = set(map(int, (await marks.read(connection, mark) or "").split()))
        if not runs and told.issuperset(changes):
            return
        subject = f"{person.id} runs {list(runs)} changes {list(changes)}"
        data = {"login": person.login, "why": why, "runs": list(runs), "changes": list(changes)}
        await self._moves.cards.notice(connection, "member-left", subject, data)
        await marks.put(connection, mark, " ".join(map(str, changes)), self._clock())
