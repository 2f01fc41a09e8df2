"""Opening the pull request of a Change that is on record, whatever falls in between.

The commit's sha is on record before the branch is made, so whoever goes on looks first what
GitHub has of branch and pull request already, and does only what is missing. A branch of
that name which holds anything else, or a pull request that others opened from it, is not
the bot's work and becomes nobody's Change.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from weakref import WeakValueDictionary

from aaroc_bot.changes.moves import ChangeMoves
from aaroc_bot.changes.words import body_of, message_of, title_of
from aaroc_bot.core.changes import Change, ChangeState, NotOpened, WhyNot
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.pulls import PullRequest, PullState
from aaroc_bot.github.api import Refused
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.repo.drafting import Drafted, Drafter
from aaroc_bot.store import changes
from aaroc_bot.store.database import Database
from aaroc_bot.store.frozen import is_frozen

log = logging.getLogger(__name__)

TAKEN = "a branch of its name is there already and holds something else"
AGAIN = "it is tried again"


class _Stopped(Exception):
    """It cannot be opened; `pull` is what was opened for it before that was clear."""

    def __init__(self, no: NotOpened, words: str, pull: PullRequest | None = None) -> None:
        super().__init__(words)
        self.no = no
        self.words = words
        self.pull = pull


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

    def turn(self, id: int) -> asyncio.Lock:
        """Give what is held while a Change is opened, or closed: one after the other."""
        return self._turns.setdefault(id, asyncio.Lock())

    async def open(self, id: int, drafted: Drafted | None = None) -> Change | NotOpened:
        """Open a Change that is on record, or go on with it; `drafted` spares drafting again.

        While GitHub is silent, or shows nothing of what there may be already, it stays as
        being opened, which its card says.
        """
        async with self.turn(id):
            change = await self._load(id)
            if change.state is not ChangeState.OPENING:
                return change
            try:
                pull = await self._opened(change, drafted)
                if not await self._move(change, ChangeState.OPEN, number=pull.number):
                    await self._too_late(await self._load(id), pull)
            except Unavailable as problem:
                await self._wait(change, f"{problem.what} does not answer; {AGAIN}")
                return await self._load(id)
            except Refused as no:
                await self._wait(change, f"GitHub: {self._moves.redact(words_of(no))}; {AGAIN}")
                return await self._load(id)
            except _Stopped as stopped:
                return await self._stop(change, stopped)
        with suppress(Unavailable, Refused):  # the watcher finds it by itself
            await self._seen(pull.number)
        return await self._load(id)

    async def commit(self, change: Change, drafted: Drafted, onto: str | None = None) -> str:
        """Make the commit of a Change on the base that it was drafted on; no branch moves.

        With `onto` it follows that commit too, so that a branch which ends there can move on.
        """
        asked, base = change.asked, drafted.base.sha
        message = message_of(change)
        bot = await self._pulls.bot()
        return await self._pulls.commit(
            base, drafted.contents, message, asked.by, asked.at, bot, onto=onto
        )

    async def _opened(self, change: Change, drafted: Drafted | None) -> PullRequest:
        """Give its pull request, opened now if it is not there yet.

        `Refused`: whether there is one cannot be told.
        """
        pull = await self._there(change)
        async with self._database.read() as connection:
            frozen = await is_frozen(connection, change.asked.by.id)
        if frozen:
            words = f"{change.asked.by.login} is frozen"
            raise _Stopped(NotOpened(WhyNot.FROZEN), words, pull)
        if pull is not None:
            return pull
        try:
            return await self._made(change, drafted)
        except Refused as no:
            pull = await self._there(await self._load(change.id))
            if pull is not None:  # the answer need not have been GitHub's own
                return pull
            words = self._moves.redact(words_of(no))
            raise _Stopped(NotOpened(WhyNot.GITHUB, detail=words), f"GitHub: {words}") from no

    async def _made(self, change: Change, drafted: Drafted | None) -> PullRequest:
        """Make what is missing of commit, branch and pull request."""
        drafted_anew = drafted or await self._drafter.draft(change.wish, change.base)
        if isinstance(drafted_anew, NotOpened):
            raise _Stopped(drafted_anew, reason_of(drafted_anew))
        sha = await self.commit(change, drafted_anew)
        async with self._database.write() as connection:
            await changes.put(connection, change, made=sha)
        await self._begin(change, sha)
        return await self._ours(replace(change, made=sha), await self._propose(change))

    async def _there(self, change: Change) -> PullRequest | None:
        """Find what was opened from its branch; there is none before its commit was made."""
        pull = await self._pulls.of_branch(change.branch) if change.made else None
        return None if pull is None else await self._ours(change, pull)

    async def _ours(self, change: Change, pull: PullRequest) -> PullRequest:
        """Make sure that the bot opened it, for this Change, into the default branch.

        Others may have committed to it since, which is told; they may also have opened it
        themselves, from the branch that the bot made, in words of theirs.
        """
        author = pull.author.login if pull.author else "somebody"
        base = await self._pulls.default_branch()
        if author.lower() != (await self._pulls.bot()).name.lower() or pull.base != base:
            words = f"#{pull.number} from its branch into {pull.base} was opened by {author}"
            raise _taken(self._moves.redact(words))
        if change.made not in {pull.head, await self._left(change, pull)}:
            raise _taken(TAKEN)
        return pull

    async def _left(self, change: Change, pull: PullRequest) -> str:
        """Give the commit at which a pull request's head left what the bot made."""
        try:
            return await self._pulls.merge_base(change.made, pull.head)
        except Refused:
            return ""  # nothing in common

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
            raise _taken(TAKEN)

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

    async def _stop(self, change: Change, stopped: _Stopped) -> Change | NotOpened:
        """End it, once nothing of it is open on GitHub; until then it waits."""
        pull = stopped.pull
        try:
            if pull is not None and pull.state is PullState.OPEN:
                await self._pulls.close(pull.number)
        except (Unavailable, Refused) as problem:
            log.warning("#%s cannot be closed: %s", pull.number if pull else "", problem)
            await self._wait(change, f"{stopped.words}; it is closed as soon as GitHub does that")
            return await self._load(change.id)
        number = pull.number if pull else None
        await self._move(change, ChangeState.FAILED, why=stopped.words, number=number)
        return stopped.no

    async def _too_late(self, change: Change, pull: PullRequest) -> None:
        """Close what another process ended while it was opened here; its number is kept.

        If GitHub does not close it, it is open by what the watcher sees, and is closed as
        any other of who left.
        """
        if not change.state.ended:
            return  # the other process opened it too
        if change.number is None:
            async with self._database.write() as connection:
                await changes.put(connection, change, number=pull.number)
                await self._moves.show(connection, change)
            self._moves.box.wake()
        try:
            await self._pulls.close(pull.number)
        except (Unavailable, Refused) as problem:
            log.warning("#%s cannot be closed: %s", pull.number, problem)

    async def _move(
        self, change: Change, then: ChangeState, *, why: str = "", number: int | None = None
    ) -> bool:
        async with self._database.write() as connection:
            moved = await self._moves.move(connection, change, then, why=why, number=number)
        self._moves.box.wake()
        return moved

    async def _wait(self, change: Change, why: str) -> None:
        if change.why == why:
            return
        async with self._database.write() as connection:
            await self._moves.wait(connection, change, why)
        self._moves.box.wake()


def _taken(words: str) -> _Stopped:
    return _Stopped(NotOpened(WhyNot.GITHUB, detail=words), words)


def words_of(no: Refused) -> str:
    """Put into one line what GitHub said, as it stands: the caller redacts it."""
    return "; ".join(dict.fromkeys(filter(None, (no.message, *no.errors))))


def reason_of(no: NotOpened) -> str:
    """Say in one line why nothing can be drafted, for a card."""
    where = f"{no.path}:{no.line}" if no.line else no.path
    return ": ".join(filter(None, (no.name, where, no.why.value, no.detail)))
