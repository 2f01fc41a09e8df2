"""Who somebody is, as far as it is known, and the rights there are."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, IntEnum, StrEnum

from aaroc_bot.core.message import Account


class Right(IntEnum):
    """The least right that a command or an entry asks for; a higher one includes the lower."""

    ANYBODY = 0
    MEMBER = 1
    SITE_ADMIN = 2
    EXPERT = 3

    @property
    def word(self) -> str:
        """The word of the catalogue: ``member``, ``site-admin``, ``expert``."""
        return self.name.lower().replace("_", "-")


class Effect(StrEnum):
    """What a command does to the world; it decides what still works when GitHub is silent."""

    READS = "reads"
    ALTERS = "alters"
    REDUCES = "reduces"
    """Only stops, denies or keeps others away: works on rights known within a day."""


class Membership(Enum):
    """Membership in the GitHub organisation. CANNOT_TELL is neither yes nor no."""

    MEMBER = "member"
    PENDING = "invited, not yet accepted"
    OUTSIDER = "not a member"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Person:
    """A GitHub user; only the numeric id counts, the login is how it is written today."""

    id: int
    login: str


@dataclass(frozen=True, slots=True)
class AccountLink:
    """A proven tie of an account to a person, from `since` until it ends by itself.

    Before `decides_from` it decides nothing, should the person be an expert (RULES.md,
    Identity). `by_operator`: the operator made it at the machine, and vouches for it.
    """

    account: Account
    person: Person
    since: datetime
    until: datetime
    decides_from: datetime
    by_operator: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything known about a speaker at this moment.

    `person` is None for an account that is not linked. `expert` and `sites` (GOCDB names
    whose team the person is in) are None when GitHub could not tell. `fresh` is False
    when GitHub is silent and this is what was last known (within a day; older counts as
    cannot tell), `silent_since` then says since when. `operator` is the operating
    system's user when the command was given at the machine (``say --as``); such a one is
    `bounded` outside the sandbox (RULES.md, Identity). `reason` says why something could
    not be told, for people (``no GitHub is configured``); empty where nothing is missing.

    `link` ties the account to the person; None for who speaks at the machine, and where no
    account is meant. `decides_from` is set while the link is so new that an expert decides
    nothing by it. Who is `frozen` has no right, whatever else stands here.
    """

    account: Account
    person: Person | None = None
    membership: Membership = Membership.CANNOT_TELL
    teams: tuple[str, ...] = ()
    expert: bool | None = None
    sites: frozenset[str] | None = None
    fresh: bool = True
    silent_since: datetime | None = None
    operator: str | None = None
    bounded: bool = False
    reason: str = ""
    link: AccountLink | None = None
    decides_from: datetime | None = None
    frozen: bool = False

    def as_said_by(self, by: "Standing") -> "Standing":
        """Give this, what is known of the person now, with how `by` gave the command."""
        return replace(
            self,
            account=by.account,
            operator=by.operator,
            bounded=by.bounded,
            link=by.link,
            decides_from=by.decides_from,
        )
