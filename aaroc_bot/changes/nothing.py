"""Where no DevOps repository, or no GitHub, is configured: nothing to accept, no Changes."""

from collections.abc import Sequence

from aaroc_bot.core.changes import Change, NotOpened, WhyNot, Wish
from aaroc_bot.core.ports import (
    Acceptance,
    Look,
    MergeOutcome,
    NotMerged,
    Obstacle,
    PendingRules,
    Unavailable,
)
from aaroc_bot.core.pulls import PullRequest
from aaroc_bot.core.rights import AccountLink, Person, Standing
from aaroc_bot.core.run import Asked
from aaroc_bot.core.sites import Executing, Revision
from aaroc_bot.repo.nothing import WHAT


class NoRules:
    """Fills the `Rules` port."""

    async def accepted(self) -> Revision:
        """Raise `Unavailable`."""
        raise Unavailable(WHAT)

    async def pending(self) -> PendingRules | None:
        """Say that nothing waits."""
        return None

    async def accept_rules(
        self, revision: str, by: Person, link: AccountLink | None = None
    ) -> Acceptance:
        """Accept nothing."""
        return Acceptance.NOTHING

    async def unaccepted(self, site: str) -> Sequence[Executing]:
        """Give no line."""
        return ()

    async def accept_lines(
        self, site: str, digests: Sequence[str], by: Person, link: AccountLink | None = None
    ) -> Acceptance:
        """Accept nothing."""
        return Acceptance.NOTHING


class NoChanges:
    """Fills the `Changes` port."""

    def __init__(self, why: str) -> None:
        """Say `why` there are none, for people."""
        self.possible = why

    async def propose(
        self, wish: Wish, by: Standing, asked: Asked, reason: str
    ) -> Change | NotOpened:
        """Open nothing."""
        return NotOpened(WhyNot.GITHUB, detail=self.possible)

    async def get(self, id: int) -> Change | None:
        """Give None: there is none."""
        return None

    async def numbered(self, number: int) -> Change | None:
        """Give None: there is none."""
        return None

    async def open(self) -> Sequence[tuple[PullRequest, Change | None]]:
        """Give none."""
        return ()

    async def look(self, number: int, *, deep: bool = False) -> Look | None:
        """Give None: there is none."""
        return None

    async def merge(self, number: int, by: Standing) -> MergeOutcome:
        """Merge nothing."""
        return NotMerged(Obstacle.CANNOT_TELL, detail=self.possible)

    async def before(self, site: str) -> tuple[str, int] | None:
        """Give None: there is none."""
        return None
