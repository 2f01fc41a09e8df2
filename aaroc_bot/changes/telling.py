"""What was seen of a pull request is kept, recorded and told in one transaction, once.

Two who see the same merge at once, or one who falls in between, tell it once: the row says
whether it was told, and it is committed together with what tells it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.changes.touched import Touched
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.changes import Change, ChangeState
from aaroc_bot.core.pulls import PullRequest, PullState, Review
from aaroc_bot.core.rights import Person
from aaroc_bot.store import changes, pulls
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.database import Database
from aaroc_bot.store.pulls import KnownPull
from aaroc_bot.store.storable import storable

SHOWN = 3
"""Paths that the record names of a merge; the others are counted."""

THEN = {
    PullState.OPEN: ChangeState.OPEN,
    PullState.MERGED: ChangeState.MERGED,
    PullState.CLOSED: ChangeState.CLOSED,
}
"""Where a Change is, by its pull request. A closed one may be opened again on GitHub."""


class Steps(Protocol):
    """What is needed of the steps of a Change (changes/moves.py)."""

    async def move(
        self,
        connection: AsyncConnection,
        change: Change,
        then: ChangeState,
        *,
        by: Person | None = None,
        why: str = "",
        number: int | None = None,
    ) -> bool:
        """Take a Change to another state, with its card and event."""
        ...

    async def show(self, connection: AsyncConnection, change: Change) -> None:
        """Have its card edited."""
        ...

    async def wait(self, connection: AsyncConnection, change: Change, why: str) -> None:
        """Say on its card why something does not follow."""
        ...


class Notices(Protocol):
    """What is needed of the outbox."""

    async def notice(
        self, connection: AsyncConnection, card: str, subject: str, data: Mapping[str, Any]
    ) -> None:
        """Have a short message posted once in the ROC channels."""
        ...

    def wake(self) -> None:
        """Say that rows were committed."""
        ...


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge: who did it (None: GitHub does not say), and what it touched.

    `touched` is None while the mirror does not have `commit`: then it is told later.
    `quiet`: nothing is told, since it went into another branch, or is from before the bot
    first looked.
    """

    commit: str
    by: Person | None
    touched: Touched | None
    quiet: bool = False


class PullTelling:
    """Keeps what was seen of pull requests."""

    def __init__(
        self,
        database: Database,
        steps: Steps,
        box: Notices,
        redact: Callable[[str], str],
        clock: Callable[[], datetime],
    ) -> None:
        """Tell by `box`, in words that went through `redact`."""
        self._database = database
        self._steps = steps
        self._box = box
        self._redact = redact
        self._clock = clock

    async def keep(
        self, pull: PullRequest, reviews: tuple[Review, ...], merge: Merge | None = None
    ) -> None:
        """Keep it, and tell what is new of it; what is older than what is known is left.

        `merge` is given of one that is merged and was not told yet.
        """
        async with self._database.write() as connection:
            before = await self._before(connection, pull, reviews)
            if before is not None and _is_older(pull, before):
                return
            told = before is not None and before.told
            tell = None if told or merge is None or merge.quiet else merge.touched
            told = told or tell is not None or (merge is not None and merge.quiet)
            now = self._known(pull, reviews, told=told)
            if now != before:
                await pulls.keep(connection, now)
            change = await changes.of_number(connection, pull.number, lock=True)
            others = change is not None and change.of_others
            if merge is not None and tell is not None and (change is None or others):
                await self._announce(connection, pull, merge, tell, others=others)
            moved = change is not None and await self._follow(connection, change, pull, merge)
            if change is not None and not moved and now != before:
                await self._steps.show(connection, change)
            if change is not None and others and not (before and before.head != change.made):
                await append_in(connection, self._joined_in(change, pull))
            if merge is not None and tell is not None:
                await append_in(connection, *self._events(pull, merge, tell))
        self._box.wake()

    async def at_first(self, connection: AsyncConnection, pull: PullRequest) -> None:
        """Keep what was there before the bot first looked: it is told to nobody."""
        merged = pull.state is PullState.MERGED
        await pulls.add(connection, self._known(pull, (), told=merged))

    async def _before(
        self, connection: AsyncConnection, pull: PullRequest, reviews: tuple[Review, ...]
    ) -> KnownPull | None:
        """Give what was known, None if nothing was; its row is kept from here on."""
        if await pulls.add(connection, self._known(pull, reviews, told=False)):
            return None
        return await pulls.load(connection, pull.number, lock=True)

    def _known(self, pull: PullRequest, reviews: tuple[Review, ...], *, told: bool) -> KnownPull:
        return KnownPull(
            number=pull.number,
            title=storable(self._redact(pull.title)),
            author=pull.author,
            state=pull.state,
            head=pull.head,
            reviews=reviews,
            updated_at=pull.updated_at,
            told=told,
        )

    async def _follow(
        self,
        connection: AsyncConnection,
        change: Change,
        pull: PullRequest,
        merge: Merge | None,
    ) -> bool:
        """Take a Change to where its pull request is."""
        then = THEN[pull.state]
        if then is change.state or change.state not in {ChangeState.OPEN, ChangeState.CLOSED}:
            return False
        return await self._steps.move(connection, change, then, by=merge.by if merge else None)

    async def _announce(
        self,
        connection: AsyncConnection,
        pull: PullRequest,
        merge: Merge,
        touched: Touched,
        *,
        others: bool,
    ) -> None:
        """Tell of a merge that no card tells of truly: `others` committed to a Change."""
        data = {
            "number": pull.number,
            "title": self._redact(pull.title),
            "by": merge.by.login if merge.by else "",
            "author": pull.author.login if pull.author else "",
            "sites": list(touched.sites),
            "paths": [self._redact(path) for path in touched.paths],
            "services": [list(pair) for pair in touched.services],
            "others": others,
        }
        await self._box.notice(connection, "change-merged", str(pull.number), data)

    def _joined_in(self, change: Change, pull: PullRequest) -> Event:
        """Make the event of others' first commit to a Change's branch; GitHub names no pusher."""
        return Event(
            What.CHANGE,
            self._clock(),
            text=f"#{pull.number}",
            site=change.site,
            revision=pull.head,
            outcome=f"#{pull.number} others have committed to it",
        )

    def _events(self, pull: PullRequest, merge: Merge, touched: Touched) -> list[Event]:
        """Make an event for each site, for its history; one without a site where none is."""
        by = f" by {merge.by.login}" if merge.by else ""
        outcome = f"#{pull.number} merged{by}: {_named(touched.paths)}"
        return [
            Event(
                What.CHANGE,
                self._clock(),
                person=merge.by.id if merge.by else None,
                login=merge.by.login if merge.by else "",
                text=f"#{pull.number}",
                site=site,
                revision=merge.commit,
                outcome=self._redact(outcome),
            )
            for site in touched.sites or ("",)
        ]


def _is_older(pull: PullRequest, known: KnownPull) -> bool:
    """Whether GitHub's answer is from before what is known; a merge is never undone."""
    merged = known.state is PullState.MERGED and pull.state is not PullState.MERGED
    return merged or pull.updated_at < known.updated_at


def _named(paths: tuple[str, ...]) -> str:
    more = len(paths) - SHOWN
    named = ", ".join(paths[:SHOWN])
    return f"{named} and {more} more" if more > 0 else named or "no file"
