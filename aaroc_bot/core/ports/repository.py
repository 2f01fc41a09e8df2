"""The DevOps repository: its sites, its catalogue, its rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from aaroc_bot.core.entries import Entry
from aaroc_bot.core.rights import AccountLink, Person
from aaroc_bot.core.sites import Executing, Finding, Revision, Site


@dataclass(frozen=True, slots=True)
class Behind:
    """How far behind the newest revision a site is; None where it is unknown."""

    commits: int | None
    touching: int | None


class Sites(Protocol):
    """The sites at the newest revision of the default branch. Filled by repo.

    Raises `Unavailable` when the repository was never read.
    """

    async def newest(self) -> Revision:
        """Give the newest known revision."""
        ...

    async def revision_named(self, typed: str) -> Revision | None:
        """Give the commit of the default branch whose sha begins so (seven digits or more).

        None: there is none, or the beginning is that of several.
        """
        ...

    async def all(self) -> Sequence[Site]:
        """Give every site, by name."""
        ...

    async def variables(self, site: str) -> Mapping[str, Mapping[str, object]]:
        """Give each host's effective variables (not redacted; templates not evaluated)."""
        ...

    async def behind(self, site: str, sha: str) -> Behind:
        """Count the commits after `sha`, and those of them that touch the site."""
        ...

    async def findings(self) -> Sequence[Finding]:
        """Give what is broken and belongs to no site."""
        ...


class Catalogue(Protocol):
    """The entries in force. Filled by repo."""

    async def entries(self) -> Sequence[Entry]:
        """Give all entries, the bot's first."""
        ...

    async def findings(self) -> Sequence[Finding]:
        """Give the entries that were refused, with file and line."""
        ...


@dataclass(frozen=True, slots=True)
class PendingRules:
    """Rules that the repository has newer than the accepted ones.

    `commits` touch them; `authors` maps each commit's sha to its author's GitHub id, None
    where GitHub does not know. `difference` is the unified diff of the rules' files.
    """

    revision: Revision
    commits: tuple[Revision, ...]
    authors: Mapping[str, int | None]
    difference: str


class Acceptance(Enum):
    """What became of an `accept`. Words are the handlers'."""

    ACCEPTED = "accepted"
    NOTHING = "nothing to accept"
    NOT_THAT = "not the revision that is pending"
    AUTHOR = "wrote one of the commits"
    CANNOT_TELL = "cannot tell who wrote them"
    NOBODY = "frozen, or speaking by an account that speaks for them no more"


class Rules(Protocol):
    """What the repository says about rights, and what an expert accepted of it. By changes."""

    async def accepted(self) -> Revision:
        """Give the revision at which rules are in force."""
        ...

    async def pending(self) -> PendingRules | None:
        """Give what waits for `accept rules`, None if nothing does."""
        ...

    async def accept_rules(
        self, revision: str, by: Person, link: AccountLink | None = None
    ) -> Acceptance:
        """Put the rules of `revision` (7 or more characters) in force.

        `link`, by which `by` speaks, must still stand; None where they speak by none.
        """
        ...

    async def unaccepted(self, site: str) -> Sequence[Executing]:
        """Give the lines of a site that execute and that nobody accepted."""
        ...

    async def accept_lines(
        self, site: str, digests: Sequence[str], by: Person, link: AccountLink | None = None
    ) -> Acceptance:
        """Accept exactly these lines; `link` as above."""
        ...
