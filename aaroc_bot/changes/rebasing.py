"""A Change that cannot be merged any more is written anew onto what the default branch is now.

Its wish is drafted again there, so nobody's edit beside it is lost. It needs a new review.
"""

from dataclasses import dataclass

from aaroc_bot.changes.moves import ChangeMoves
from aaroc_bot.changes.opening import Opener, reason_of
from aaroc_bot.core.changes import Change, Draft, NotOpened, RollBack, WhyNot
from aaroc_bot.core.ports import NotMerged, Obstacle
from aaroc_bot.core.pulls import PullRequest
from aaroc_bot.core.rights import Standing
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.repo.drafting import Drafted, Drafter
from aaroc_bot.repo.repository import Repository
from aaroc_bot.store import changes
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
        if isinstance(before, NotOpened):
            return _conflict(pull, OTHERS)
        if await self.opener.commit(change, before) != pull.head:
            return _conflict(pull, OTHERS)
        newest = await self.repository.newest()
        after = await self.drafter.draft(change.wish, newest.sha)
        if isinstance(after, NotOpened):
            return _conflict(pull, self.moves.redact(reason_of(after)))
        if isinstance(change.wish, RollBack) or _values(before.draft) != _values(after.draft):
            return _conflict(pull, WhyNot.MOVED.value)
        return await self._move(change, pull, after, by)

    async def _move(
        self, change: Change, pull: PullRequest, after: Drafted, by: Standing
    ) -> NotMerged:
        """Move the branch, on record before, and then its row.

        After a fall in between the row is behind, which only its base shows: what is asked
        of the branch is asked of GitHub.
        """
        assert by.person is not None
        sha = await self.opener.commit(change, after)
        async with self.database.write() as connection:
            if not await still_speaks(connection, by.person.id, by.link, self.moves.now()):
                return NotMerged(Obstacle.FROZEN, head=pull.head)
            if await is_frozen(connection, change.asked.by.id):
                return NotMerged(Obstacle.FROZEN, people=(change.asked.by,), head=pull.head)
            outcome = f"#{pull.number} is written anew onto {after.base.short}"
            await self.moves.note(connection, change, outcome, by)
        if await self.pulls.branch(change.branch) != pull.head:
            return NotMerged(Obstacle.MOVED, head=pull.head)
        await self.pulls.move(change.branch, sha)
        async with self.database.write() as connection:
            await changes.redraft(connection, change, after.base.sha, after.draft)
            await self.moves.show(connection, change)
        self.moves.box.wake()
        return NotMerged(Obstacle.REBASED, head=sha)


def _conflict(pull: PullRequest, why: str) -> NotMerged:
    return NotMerged(Obstacle.CONFLICT, why, head=pull.head)


def _values(draft: Draft) -> set[tuple[str, str, str | None]]:
    """Give what a draft finds in effect and changes: others may have changed that meanwhile."""
    found = [(effect.site, one) for effect in draft.effects for one in effect.variables]
    return {(site, one.variable, one.before) for site, one in found}
