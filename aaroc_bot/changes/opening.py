"""Opening the pull request of a Change that is on record, whatever falls in between.

A Change drafted again from its wish and base has the same files, words, author and time,
so its commit has the same sha: whoever goes on makes it again, looks what GitHub has of
branch and pull request already, and does only what is missing. A branch of that name that
holds anything else was not made by the bot.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from weakref import WeakValueDictionary

from aaroc_bot.changes.moves import ChangeMoves
from aaroc_bot.changes.words import body_of, message_of, title_of
from aaroc_bot.core.changes import Change, ChangeState, NotOpened, WhyNot
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.pulls import PullRequest
from aaroc_bot.github.api import Refused
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.repo.drafting import Drafted, Drafter
from aaroc_bot.store import changes
from aaroc_bot.store.database import Database
from aaroc_bot.store.frozen import is_frozen

log = logging.getLogger(__name__)

TAKEN = "a branch of its name is there already and holds something else"


class _Stopped(Exception):
    """It cannot be opened."""

    def __init__(self, no: NotOpened, words: str) -> None:
        super().__init__(words)
        self.no = no
        self.words = words


class Opener:
    """Opens pull requests, one Change at a time."""

    def __init__(
        self,
        *,
        database: Database,
        drafter: Drafter,
        pulls: Pulls,
        moves: ChangeMoves,
        seen: Callable[[int], Awaitable[None]],
    ) -> None:
        """`seen` reads a pull request again once it is open."""
        self._database = database
        self._drafter = drafter
        self._pulls = pulls
        self._moves = moves
        self._seen = seen
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def open(self, id: int, drafted: Drafted | None = None) -> Change | NotOpened:
        """Open a Change that is on record, or go on with it; `drafted` spares drafting again.

        While GitHub is silent it stays as being opened, which its card says.
        """
        async with self._turns.setdefault(id, asyncio.Lock()):
            change = await self._load(id)
            if change.state is not ChangeState.OPENING:
                return change
            try:
                pull = await self._opened(change, drafted)
            except Unavailable as problem:
                await self._wait(change, f"{problem.what} does not answer; it is tried again")
                return await self._load(id)
            except _Stopped as stopped:
                await self._move(change, ChangeState.FAILED, why=stopped.words)
                return stopped.no
            await self._move(change, ChangeState.OPEN, number=pull.number)
        with suppress(Unavailable, Refused):  # the watcher finds it by itself
            await self._seen(pull.number)
        return await self._load(id)

    async def commit(self, change: Change, drafted: Drafted) -> str:
        """Make the commit of a Change on the base that it was drafted on; no branch moves."""
        asked, base = change.asked, drafted.base.sha
        message = message_of(change)
        bot = await self._pulls.bot()
        return await self._pulls.commit(base, drafted.contents, message, asked.by, asked.at, bot)

    async def _opened(self, change: Change, drafted: Drafted | None) -> PullRequest:
        async with self._database.read() as connection:
            frozen = await is_frozen(connection, change.asked.by.id)
        if frozen:
            words = f"{change.asked.by.login} is frozen"
            raise _Stopped(NotOpened(WhyNot.FROZEN), words)
        drafted_anew = drafted or await self._drafter.draft(change.wish, change.base)
        if isinstance(drafted_anew, NotOpened):
            raise _Stopped(drafted_anew, reason_of(drafted_anew))
        try:
            sha = await self.commit(change, drafted_anew)
            pull = await self._pulls.of_branch(change.branch)
            if pull is None:
                await self._begin(change, sha)
                pull = await self._propose(change)
        except Refused as no:
            words = self._moves.redact(words_of(no))
            raise _Stopped(NotOpened(WhyNot.GITHUB, detail=words), f"GitHub: {words}") from no
        if pull.head != sha:
            raise _Stopped(NotOpened(WhyNot.GITHUB, detail=TAKEN), TAKEN)
        return pull

    async def _begin(self, change: Change, sha: str) -> None:
        """Make the branch; it may have been made just now by another process of ours."""
        stands = await self._pulls.branch(change.branch)
        if stands is None:
            try:
                await self._pulls.begin(change.branch, sha)
            except Refused:
                stands = await self._pulls.branch(change.branch)
                if stands is None:
                    raise
        if stands not in {None, sha}:
            raise _Stopped(NotOpened(WhyNot.GITHUB, detail=TAKEN), TAKEN)

    async def _propose(self, change: Change) -> PullRequest:
        """Open the pull request, a new site's as a draft: its blanks are to be filled first.

        Not every repository can have drafts.
        """
        base = await self._pulls.default_branch()
        ways = (True, False) if change.wish.kind == "new site" else (False,)
        for draft in ways:
            try:
                return await self._pulls.propose(
                    title_of(change), body_of(change), change.branch, base, draft=draft
                )
            except Refused:
                pull = await self._pulls.of_branch(change.branch)
                if pull is not None:
                    return pull
                if draft is ways[-1]:
                    raise
        raise AssertionError("unreachable: the last way returns or raises")

    async def _load(self, id: int) -> Change:
        async with self._database.read() as connection:
            change = await changes.load(connection, id)
        assert change is not None  # Changes are never deleted
        return change

    async def _move(
        self, change: Change, then: ChangeState, *, why: str = "", number: int | None = None
    ) -> None:
        async with self._database.write() as connection:
            await self._moves.move(connection, change, then, why=why, number=number)
        self._moves.box.wake()

    async def _wait(self, change: Change, why: str) -> None:
        if change.why == why:
            return
        async with self._database.write() as connection:
            await self._moves.wait(connection, change, why)
        self._moves.box.wake()


def words_of(no: Refused) -> str:
    """Put into one line what GitHub said, as it stands: the caller redacts it."""
    return "; ".join(dict.fromkeys(filter(None, (no.message, *no.errors))))


def reason_of(no: NotOpened) -> str:
    """Say in one line why nothing can be drafted, for a card."""
    where = f"{no.path}:{no.line}" if no.line else no.path
    return ": ".join(filter(None, (no.name, where, no.why.value, no.detail)))
