"""What happens on GitHub is noticed: pull requests, their reviews, and the default branch.

A webhook is a hint that comes early. Without one the same is found by looking now and
then, which costs nothing while nothing changed. Whatever is told is told once
(changes/telling.py, changes/bare.py), so nobody need know who noticed first.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol

from aaroc_bot.changes.bare import BareCommits
from aaroc_bot.changes.deploying import Deploying, Speakers
from aaroc_bot.changes.merged import Merges, Merging
from aaroc_bot.changes.telling import Notices, PullTelling, Steps
from aaroc_bot.changes.touched import Comparing
from aaroc_bot.core.ports import Hear, Unavailable
from aaroc_bot.core.pulls import PullRequest, PullState, Review
from aaroc_bot.github.api import Refused
from aaroc_bot.repo.repository import Repository
from aaroc_bot.store import changes, marks, pulls
from aaroc_bot.store.database import Database
from aaroc_bot.store.pulls import KnownPull

log = logging.getLogger(__name__)

FIRST, UPTO = "pulls since", "pulls"
"""Marks of GitHub's moments: the last change of a pull request at the very first look, and
the one up to which all were looked at."""

AT_ONCE = 100
"""Pull requests that a look asks for: GitHub gives no more at a time."""

MOMENT = 2.0
"""Seconds after which no further change can bear the moment of the last: GitHub's are whole
seconds."""

REMEMBERED = 100
"""Merge commits that are remembered."""


class PullReader(Merging, Protocol):
    """What is needed of GitHub's pull requests (github/pulls.py)."""

    async def newest(self, limit: int = 50) -> Sequence[PullRequest]:
        """Give those that changed last, of any state."""
        ...

    async def open(self) -> Sequence[PullRequest]:
        """Give all that are open."""
        ...

    async def read(self, number: int) -> PullRequest | None:
        """Read one now."""
        ...

    async def reviews(self, number: int) -> tuple[Review, ...]:
        """Read its reviews."""
        ...


class Watcher:
    """Looks at GitHub until cancelled, and at a hint."""

    def __init__(
        self,
        *,
        database: Database,
        pulls: PullReader,
        repository: Repository,
        drafter: Comparing,
        moves: Steps,
        box: Notices,
        hear: Hear,
        people: Speakers,
        redact: Callable[[str], str],
        clock: Callable[[], datetime],
        every: timedelta,
    ) -> None:
        """Look `every` so often; `hear` takes in the deployment that follows a rollback, if
        `people` says that who asked for that speaks by the same account still.
        """
        self._database = database
        self._pulls = pulls
        self._repository = repository
        self._clock = clock
        self._every = every
        self._merges = Merges(database, pulls, repository, drafter)
        self._telling = PullTelling(database, moves, box, redact, clock)
        self._bare = BareCommits(
            database=database,
            pulls=pulls,
            repository=repository,
            drafter=drafter,
            box=box,
            redact=redact,
            clock=clock,
        )
        self._deploying = Deploying(
            database=database, steps=moves, box=box, hear=hear, people=people, clock=clock
        )
        self._turn = asyncio.Lock()
        self._again: dict[int, float] = {}
        """Pull requests that had changed when they were looked at, and when that was."""
        self._merged: dict[str, None] = {}
        self._failing: set[int] = set()
        self._away: str | None = None

    async def run(self) -> None:
        """Look until cancelled; what does not answer is asked again, and logged once."""
        while True:
            try:
                await self.round()
                self._away = None
            except Unavailable as away:
                if self._away != away.what:
                    log.warning("%s does not answer; pull requests are looked at later", away.what)
                self._away = away.what
            except Refused as no:
                if self._away != str(no.status):
                    log.warning("GitHub shows the bot no pull requests (%s): see doctor", no.status)
                self._away = str(no.status)
            except Exception:
                log.exception("the look at GitHub failed")
            await asyncio.sleep(self._every.total_seconds())

    async def round(self) -> None:
        """Look at whatever changed. Raises `Unavailable`."""
        async with self._turn:
            await self._poll()
            await self._bare.look(self._merged)
            await self._deploying.look()

    async def pushed(self) -> None:
        """Fetch the default branch, and tell what came to it. Raises `Unavailable`."""
        await self._repository.refresh()
        await self.round()

    async def look(self, number: int) -> None:
        """Read a pull request and its reviews; its row, Change and the channel follow.

        Raises `Unavailable`.
        """
        since = await self._since()
        pull = await self._pulls.read(number)
        if pull is None:
            return
        reviews = await self._pulls.reviews(number)
        async with self._database.read() as connection:
            known = await pulls.load(connection, number)
        if _differs(pull, known):
            self._again[number] = monotonic()
        merge = None
        if pull.state is PullState.MERGED and not (known and known.told):
            merge = await self._merges.of(pull, since)
        await self._telling.keep(pull, reviews, merge)
        if merge is not None:
            self._remember(merge.commit)
            await self._deploying.look()

    async def _poll(self) -> None:
        await self._since()
        async with self._database.read() as connection:
            upto = _moment(await marks.read(connection, UPTO))
        newest = await self._pulls.newest(AT_ONCE)
        numbers = await self._changed(newest)
        if len(newest) == AT_ONCE and newest[-1].updated_at > upto:
            numbers |= await self._ended_unseen()
        whole = True
        for number in sorted(numbers):
            whole &= await self._try(number)
        last = max((pull.updated_at for pull in newest), default=upto)
        if whole and last > upto:
            async with self._database.write() as connection:
                await marks.put(connection, UPTO, last.isoformat(), self._clock())

    async def _since(self) -> datetime:
        """Give GitHub's moment of the very first look, which is now if there was none.

        What is there then is kept, and nothing of it is news.
        """
        async with self._database.read() as connection:
            first = await marks.read(connection, FIRST)
        if first is not None:
            return _moment(first)
        newest = await self._pulls.newest(AT_ONCE)
        last = max((pull.updated_at for pull in newest), default=_moment(None)).isoformat()
        async with self._database.write() as connection:
            if not await marks.move(connection, FIRST, None, last, self._clock()):
                return _moment(await marks.read(connection, FIRST))
            for pull in newest:
                await self._telling.at_first(connection, pull)
            await marks.put(connection, UPTO, last, self._clock())
        return _moment(last)

    async def _changed(self, newest: Sequence[PullRequest]) -> set[int]:
        """Give the numbers to look at: what changed, until another change would be seen by its
        moment, and what is not told or ended yet.
        """
        listed = {pull.number: pull for pull in newest}
        async with self._database.read() as connection:
            known = await pulls.among(connection, listed)
            untold = await pulls.untold(connection)
            ours = [one.number for one in await changes.open_ones(connection) if one.number]
            rows = await pulls.among(connection, ours)
        moved = {n for n, pull in listed.items() if _differs(pull, known.get(n))}
        lagging = {n for n in ours if n not in rows or rows[n].state is not PullState.OPEN}
        again, now = set(self._again), monotonic()
        self._again = {n: at for n, at in self._again.items() if now - at < MOMENT}
        return moved | again | lagging | set(untold)

    async def _ended_unseen(self) -> set[int]:
        """Give what ended while the bot was away for so long that GitHub lists it no more."""
        open = {pull.number for pull in await self._pulls.open()}
        async with self._database.read() as connection:
            return set(await pulls.unended(connection)) - open

    async def _try(self, number: int) -> bool:
        """Look at one; what fails by a fault keeps no other from being looked at."""
        try:
            await self.look(number)
        except Unavailable:
            raise
        except Exception:
            if number not in self._failing:
                log.exception("pull request %d cannot be looked at", number)
            self._failing.add(number)
            return False
        self._failing.discard(number)
        return True

    def _remember(self, merge_commit: str) -> None:
        self._merged[merge_commit] = None
        while len(self._merged) > REMEMBERED:
            del self._merged[next(iter(self._merged))]


def _differs(pull: PullRequest, known: KnownPull | None) -> bool:
    if known is None:
        return True
    was = (known.updated_at, known.state, known.head)
    return (pull.updated_at, pull.state, pull.head) != was


def _moment(mark: str | None) -> datetime:
    """Read a mark; one that was never set is before everything."""
    return datetime.fromisoformat(mark) if mark else datetime.min.replace(tzinfo=UTC)
