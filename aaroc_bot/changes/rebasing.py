"""A Change that cannot be merged any more is written anew onto what the default branch is now.

Its wish is drafted again there, so nobody's edit beside it is lost. It needs a new review.
The new commit follows both the branch's end and the default branch's, with the default
branch's tree and the edit: so the branch moves without force, and GitHub refuses that if
somebody pushed to it meanwhile. Merging by rebase leaves such commits out, so where a
repository merges so the branch is moved by force, having been looked at just before.
"""

from dataclasses import dataclass

from aaroc_bot.changes.moves import ChangeMoves
from aaroc_bot.changes.opening import Opener, reason_of
from aaroc_bot.core.changes import Change, Draft, NotOpened, RollBack, WhyNot
from aaroc_bot.core.ports import NotMerged, Obstacle, Unavailable
from aaroc_bot.core.pulls import PullRequest
from aaroc_bot.core.rights import Standing
from aaroc_bot.github.api import Refused
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.repo.drafting import Drafted, Drafter
from aaroc_bot.repo.repository import Repository
from aaroc_bot.store import changes, pulls
from aaroc_bot.store.database import Database
from aaroc_bot.store.frozen import is_frozen
from aaroc_bot.store.ties import still_speaks

OTHERS = "others have committed to its branch"


@dataclass(frozen=True, slots=True)
class Rebaser:
    """Rebases the bot's own pull requests; nobody's commits are ever thrown away."""

    database: Database
    drafter: Drafter
    pulls: Pulls
    repository: Repository
    moves: ChangeMoves
    opener: Opener

    async def rebase(self, change: Change, pull: PullRequest, left: str, by: Standing) -> NotMerged:
        """Rebase it on the word of `by`, from the commit `left` where its branch begins.

        Gives REBASED, or why it could not be.
        """
        before = await self.drafter.draft(change.wish, left)
        if isinstance(before, NotOpened) or not await self._is_ours(change, pull, before):
            return _conflict(pull, OTHERS)
        newest = await self.repository.newest()
        after = await self.drafter.draft(change.wish, newest.sha)
        if isinstance(after, NotOpened):
            return _conflict(pull, self.moves.redact(reason_of(after)))
        if isinstance(change.wish, RollBack) or _values(before.draft) != _values(after.draft):
            return _conflict(pull, WhyNot.MOVED.value)
        return await self._move(change, pull, after, by)

    async def _is_ours(self, change: Change, pull: PullRequest, before: Drafted) -> bool:
        """Whether its branch ends at a commit of the bot's, also if the last move never came.

        The same draft on the same base comes to the same commit.
        """
        if pull.head == change.made or await self.opener.commit(change, before) == pull.head:
            return True
        made = change.made
        return bool(made) and await self.pulls.merge_base(pull.head, made) == pull.head

    async def _move(
        self, change: Change, pull: PullRequest, after: Drafted, by: Standing
    ) -> NotMerged:
        """Move the branch, on record before, and then its row.

        After a fall in between the row is behind, which only its base shows: what is asked
        of the branch is asked of GitHub.
        """
        assert by.person is not None
        force = await self.pulls.rebases()
        sha = await self.opener.commit(change, after, None if force else pull.head)
        async with self.database.write() as connection:
            if not await still_speaks(connection, by.person.id, by.link, self.moves.now()):
                return NotMerged(Obstacle.FROZEN, head=pull.head)
            if await is_frozen(connection, change.asked.by.id):
                return NotMerged(Obstacle.FROZEN, people=(change.asked.by,), head=pull.head)
            await changes.put(connection, change, made=sha)
            outcome = f"#{pull.number} is written anew onto {after.base.short}"
            await self.moves.note(connection, change, outcome, by)
        if not await self._moved(change, pull, sha, force=force):
            return NotMerged(Obstacle.MOVED, head=pull.head)
        async with self.database.write() as connection:
            await changes.redraft(connection, change, after.base.sha, after.draft)
            await pulls.ends_at(connection, pull.number, sha)
            await self.moves.show(connection, change)
        self.moves.box.wake()
        return NotMerged(Obstacle.REBASED, head=sha)

    async def _moved(self, change: Change, pull: PullRequest, sha: str, *, force: bool) -> bool:
        """Move the branch; False if it ends elsewhere by now, which is left as it is."""
        ends = await self.pulls.branch(change.branch)
        if ends == pull.head:
            try:
                await self.pulls.move(change.branch, sha, force=force)
            except (Refused, Unavailable):
                ends = await self.pulls.branch(change.branch)
                if ends == pull.head:
                    await self._keep(change, pull.head)
                    raise
            else:
                return True
        if ends != sha:
            await self._keep(change, pull.head)
        return ends == sha

    async def _keep(self, change: Change, made: str) -> None:
        async with self.database.write() as connection:
            await changes.put(connection, change, made=made)


def _conflict(pull: PullRequest, why: str) -> NotMerged:
    return NotMerged(Obstacle.CONFLICT, why, head=pull.head)


def _values(draft: Draft) -> set[tuple[str, str, str | None]]:
    """Give what a draft finds in effect and changes: others may have changed that meanwhile."""
    found = [(effect.site, one) for effect in draft.effects for one in effect.variables]
    return {(site, one.variable, one.before) for site, one in found}
