"""Changes of the repository, and coming into the organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from aaroc_bot.core.changes import Change, Draft, NotOpened, Wish
from aaroc_bot.core.joining import Join
from aaroc_bot.core.pulls import Check, PullRequest, Review
from aaroc_bot.core.rights import Person, Standing
from aaroc_bot.core.run import Asked


class Obstacle(Enum):
    """Why a pull request is not merged. The words are the handlers'."""

    NO_SUCH = "there is no such pull request"
    ENDED = "is merged or closed already"
    DRAFT = "is a draft"
    OTHER_BRANCH = "does not go into the default branch"
    OWN = "asked for it, or wrote one of its commits"
    NOT_OWNER = "owns not every changed path, and is no expert"
    NO_REVIEW = "nobody who may has approved it"
    OLD_REVIEW = "only an earlier head was approved"
    OBJECTION = "somebody who may review it asks for changes"
    UNPROTECTED = "the default branch is not protected"
    CANNOT_TELL = "something about it could not be read"
    LEFTOVER = "was made by the bot, and is no Change that is open"
    SECRET = "adds a plain secret"  # noqa: S105 - no secret
    CONFLICT = "cannot be merged into what the default branch is now"
    REBASED = "was written anew onto the default branch, and needs a review of that"
    MOVED = "its head moved while it was being merged"
    PROTECTED = "GitHub does not allow it"
    FROZEN = "who asks is frozen, or speaks by an account that speaks for them no more"


@dataclass(frozen=True, slots=True)
class NotMerged:
    """Not merged, and why. `detail` is for people (GitHub's words), redacted.

    `people` are who is meant: who may review it, who objects. `paths` are those that an
    owner or expert is missing for.
    """

    obstacle: Obstacle
    detail: str = ""
    people: tuple[Person, ...] = ()
    paths: tuple[str, ...] = ()
    head: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """Merged, as this commit of the default branch."""

    number: int
    commit: str


MergeOutcome = Merged | NotMerged


@dataclass(frozen=True, slots=True)
class Look:
    """A pull request with all that an expert needs to judge it.

    `draft` is what it does to the default branch as that is now (one that ended or conflicts:
    as it was where it left that); None where that could not be told, for the reason `unread`. `paths` are all that it changes.
    `sharing` names for each changed file the sites that read it; `touched_by` who changed
    these files last on the default branch, newest first. `checks` None: cannot be told.
    `authors` wrote its commits, None among them: somebody whom GitHub does not know.
    `hindrance` is why it cannot be merged now, whoever asks; None: nothing.
    """

    pull: PullRequest
    change: Change | None
    reviews: tuple[Review, ...]
    checks: tuple[Check, ...] | None
    paths: tuple[str, ...]
    draft: Draft | None
    unread: str = ""
    sharing: tuple[tuple[str, tuple[str, ...]], ...] = ()
    touched_by: tuple[tuple[str, datetime], ...] = ()
    authors: tuple[Person | None, ...] = ()
    hindrance: NotMerged | None = None


class Changes(Protocol):
    """Pull requests for people. Filled by changes.

    Everything raises `Unavailable` where GitHub or the repository does not answer.
    """

    possible: str
    """Why there are no Changes here, for people; empty where there are."""

    async def propose(
        self, wish: Wish, by: Standing, asked: Asked, reason: str
    ) -> Change | NotOpened:
        """Open a pull request for a wish; the same one that is open already comes back.

        Its row and audit event are committed before GitHub is asked for anything.
        """
        ...

    async def get(self, id: int) -> Change | None:
        """Give a Change by our id, as it was known last."""
        ...

    async def numbered(self, number: int) -> Change | None:
        """Give the Change that is this pull request; None: not opened by the bot."""
        ...

    async def open(self) -> Sequence[tuple[PullRequest, Change | None]]:
        """Give every open pull request, newest first, with the Change that it is if it is one."""
        ...

    async def look(self, number: int, *, deep: bool = False) -> Look | None:
        """Read a pull request now; `deep` adds who shares and who touched the files last."""
        ...

    async def merge(self, number: int, by: Standing) -> MergeOutcome:
        """Merge it if rules and reviews allow that; `by` is read again at GitHub first."""
        ...

    async def before(self, site: str) -> tuple[str, int] | None:
        """Give the revision and number of the last run that succeeded with other files.

        It is what a rollback of the site goes back to if nothing is named; None: there is none.
        """
        ...


class WhyNotJoined(Enum):
    """Why nothing came of a wish to join. The words are the handlers'."""

    MEMBER = "is a member already"
    INVITED = "is invited already"
    IN_TEAM = "looks after that site already"
    NOT_ASKED = "did not ask"
    UNWELCOMED = "somebody of the site has to welcome them first"
    NOT_YOURS = "only admins of the site welcome somebody there"
    ONESELF = "nobody welcomes or invites themselves"
    NO_TEAM = "the site has no team that counts"
    FROZEN = "is frozen"
    NO_RIGHT = "may not decide about it, or not by this account yet"
    SEVERAL = "several people asked under that login"
    OFTEN = "asked often enough for a day"
    MANY = "so many asked that day that no more are shown"
    VOID = "who decided before is frozen, so it is decided anew"
    CANNOT_TELL = "GitHub could not tell"
    REFUSED = "GitHub did not take it"


@dataclass(frozen=True, slots=True)
class NotJoined:
    """Nothing came of it, and why; `people` are who could, `detail` is more for people."""

    why: WhyNotJoined
    person: Person | None = None
    people: tuple[Person, ...] = ()
    site: str = ""
    detail: str = ""


class JoinOutcome(Enum):
    """What came of a wish to join."""

    ASKED = "a card asks for it"
    STANDS = "it was asked for before, and waits"
    WELCOMED = "welcomed; an expert invites them now"
    IN_TEAM = "a member already, and in the site's team now"
    MEMBER = "a member already, and nothing else was asked for"
    INVITED = "invited"
    SENDING = "decided, and done as soon as GitHub answers"


class Joining(Protocol):
    """How people come into the organisation and a site's team. Filled by joining.

    Each wish is one transaction with its audit event and card, before GitHub is asked.
    """

    possible: str
    """Why nobody can be invited by the bot, for people; empty where they can."""

    async def get(self, id: int) -> Join | None:
        """Give one wish to join, as it is now."""
        ...

    async def ask(self, by: Standing, asked: Asked, site: str = "") -> JoinOutcome | NotJoined:
        """Ask to be invited, to a site's team too if one is named."""
        ...

    async def welcome(self, login: str, site: str, by: Standing) -> JoinOutcome | NotJoined:
        """Say for a site that somebody who asked may join its team.

        `login` is as it was when they asked; a number is a GitHub id.
        """
        ...

    async def invite(self, login: str, by: Standing) -> JoinOutcome | NotJoined:
        """Send the invitation, to the numeric id of who asked. `login`: as in `welcome`."""
        ...
