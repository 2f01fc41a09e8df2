"""The rules where no DevOps repository is configured: there is nothing to accept."""

from collections.abc import Sequence

from aaroc_bot.core.ports import Acceptance, PendingRules, Unavailable
from aaroc_bot.core.rights import AccountLink, Person
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
