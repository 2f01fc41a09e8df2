"""The ports: what the commands and the dispatcher ask of the rest, and nothing more.

Each Protocol is filled by one package and put together in `aaroc_bot.app`. Times are
aware and in UTC.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Protocol, runtime_checkable

from aaroc_bot.core.audit import Event, Recorded
from aaroc_bot.core.entries import Entry, Value
from aaroc_bot.core.message import Account, Button, Incoming, Message, Place, Posted
from aaroc_bot.core.rights import AccountLink, Person, Standing
from aaroc_bot.core.run import Asked, Lock, Run
from aaroc_bot.core.sites import Executing, Finding, Revision, Site


class Unavailable(Exception):
    """Something that the bot depends on does not answer; `what` and `since` for people."""

    def __init__(self, what: str, since: datetime | None = None) -> None:
        """Say what is away (``GitHub``, ``the database``) and since when, if known."""
        super().__init__(what)
        self.what = what
        self.since = since


class Later(Exception):
    """A chat asks to wait `seconds` before it takes this again.

    `maybe` says that it may have been taken all the same: the chat did not answer.
    """

    def __init__(self, seconds: float, *, maybe: bool = False) -> None:
        """Keep the time to wait, in seconds."""
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds
        self.maybe = maybe


class Lost(Exception):
    """A chat will never take this (the message, or the person's chat, is gone)."""


class Shut(Lost):
    """A channel takes nothing from the bot now; it may again, when somebody lets it in."""


Hear = Callable[[Incoming], Awaitable[None]]
"""Takes in what was said and returns once that is durable; raises `Unavailable`."""


# --- hearing and speaking -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button's random id stands for, and where it may be pressed."""

    typed: str
    place: Place
    only_for: str | None
    run: int | None


class Intake(Protocol):
    """What was said, taken in durably before anything is done about it. Filled by store."""

    async def take_in(self, incoming: Incoming) -> bool:
        """Keep it, committed; False if this event is known already."""
        ...

    async def pending(self) -> Sequence[Incoming]:
        """Give what was taken in and not yet worked on, oldest first."""
        ...

    async def done(self, event: str) -> None:
        """Note that it was worked on. Need not be durable at once: answering twice is allowed."""
        ...

    async def pressed(self, button: str) -> Pressed | None:
        """Look up a button's id; None if there never was one."""
        ...

    async def offer(
        self, place: Place, buttons: Sequence[Button], run: int | None, message: str
    ) -> tuple[Button, ...]:
        """Give each button its random id for this place and `message` (a name of ours).

        The same button of the same message keeps its id over edits.
        """
        ...


class Chat(Protocol):
    """One chat's adapter. Raises `Later` or `Lost`; everything else is a fault.

    Nothing waits in it: where the chat's limits, or its silence, do not let a call through
    now, it raises `Later` at once with the seconds until they may. That holds for this
    channel and for this kind of call (posts, edits, signs).
    """

    name: str
    whispers: bool
    """Whether a message to the asker alone is read by nobody else in a channel."""

    async def post(
        self, place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        """Post a message; `to` is who alone reads it where `message.to` says asker.

        `mark` goes with it, unseen, where the chat can do that: `find` looks for it.
        """
        ...

    async def find(self, place: Place, mark: str, since: datetime) -> Posted | None:
        """Find what was posted with `mark` after `since`; None if nothing, or the chat can't tell."""
        ...

    async def direct(self, account: Account) -> Place:
        """Give the place where `account` alone is spoken to. Raises `Lost` where there is none."""
        ...

    def address(self, place: Place) -> str:
        """Give what one types before a command for the bot to hear it there; often nothing."""
        ...

    def shared(self, one: Place, other: Place) -> Place | None:
        """Give the place for what is said in both, threads of one channel; None: there is none."""
        ...

    async def edit(self, posted: Posted, message: Message) -> None:
        """Replace a message that stands."""
        ...

    async def react(self, posted: Posted, sign: str) -> None:
        """Put an emoji on a message that somebody else wrote (``seen``, ``refused``)."""
        ...


@runtime_checkable
class Platform(Chat, Protocol):
    """A chat on a server of somebody else's: Slack, Telegram."""

    roc: Place
    """The ROC channel: cards and digest go there."""

    @property
    def trouble(self) -> str | None:
        """Say what is wrong with the connection now, for people; None: nothing.

        ``Slack refuses the bot's token (token_revoked)``. At once for what will not mend
        itself, and after a minute for what may.
        """
        ...

    async def serve(self, hear: Hear) -> None:
        """Hear what is said until cancelled. A connection that is gone comes back by itself."""
        ...

    async def hook(self, request: Any) -> Any:
        """Answer a call of the chat's own (an aiohttp request), where it is set to call."""
        ...

    async def close(self) -> None:
        """Let go of the connections; nothing can be said any more."""
        ...


class Addresses(Protocol):
    """Where channels went that got another name in their chat. Filled by store."""

    async def all(self, chat: str) -> Mapping[str, str]:
        """Give the new name of each channel that moved, by the one that the operator set."""
        ...

    async def moved(self, chat: str, channel: str, to: str) -> None:
        """Note that `channel` (as set) is called `to` now; open cards are posted anew there."""
        ...


class Page(Protocol):
    """What the web chat keeps, so that it goes on after a restart. Filled by store.

    Every change of the channel is one row with a growing `seq`; a page that was away asks
    for all after the last one that it saw. `body` is JSON text that only the adapter reads.
    """

    async def add(self, ref: str, body: str) -> int:
        """Keep a change (a new or edited message) and give its seq."""
        ...

    async def since(self, seq: int, limit: int) -> Sequence[tuple[int, str]]:
        """Give the changes after `seq`, oldest first: seq and body."""
        ...

    async def newest(self) -> int:
        """Give the last seq, 0 when there is none."""
        ...

    async def latest(self, ref: str) -> str | None:
        """Give the newest body kept under `ref`; None if there never was one."""
        ...


class Redaction(Protocol):
    """Takes secrets out of everything that leaves."""

    def text(self, text: str) -> str:
        """Give the text without any secret in it."""
        ...


# --- who and what ---------------------------------------------------------------------


class People(Protocol):
    """Who somebody is. Filled by github."""

    async def standing(self, account: Account, *, now: bool = False) -> Standing:
        """Say what is known of an account; `now` asks GitHub again rather than the cache."""
        ...

    async def of_person(self, person: Person, *, now: bool = False) -> Standing:
        """The same for a person, whichever account they use."""
        ...

    async def named(self, login: str) -> Person | None:
        """Find the GitHub user who bears a login now; None: nobody. Raises `Unavailable`."""
        ...

    async def experts(self) -> Sequence[Person] | None:
        """Give the ROC's experts, None if it cannot be told."""
        ...

    async def admins(self, site: str) -> Sequence[Person] | None:
        """Give who looks after a site, None if it cannot be told."""
        ...

    def organisation(self) -> str:
        """Give the organisation's name for people (``AAROC``)."""
        ...


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


class Links(Protocol):
    """Which account speaks for which person. Filled by store."""

    async def of(self, account: Account, *, now: bool = False) -> AccountLink | None:
        """Give the link by which an account speaks for a person now, None if there is none.

        `now` asks for what stands this moment rather than what was read a moment ago.
        """
        ...

    async def frozen(self, person: int, *, now: bool = False) -> bool:
        """Say whether no account speaks for a person (GitHub id) until the operator lifts it."""
        ...

    async def users(self, chat: str) -> Sequence[tuple[Person, str]]:
        """Give who speaks in a chat, each with their user id there, newest link first."""
        ...


@dataclass(frozen=True, slots=True)
class LoginCode:
    """What somebody enters at GitHub so that their account is linked."""

    code: str
    address: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Froze:
    """What a freeze ended: accounts, requests (their runs' numbers), approvals (the same)."""

    accounts: int
    requests: tuple[int, ...]
    approvals: tuple[int, ...]


class Linking(Protocol):
    """How accounts come to speak for people, and cease to. Filled by linking.

    Each wish is one transaction with its audit event and its notices.
    """

    possible: bool
    """Whether people can `login` at all: by an OAuth App that the operator named."""

    async def login(self, account: Account) -> LoginCode | datetime:
        """Begin a login, or give the code of the one that waits. Raises `Unavailable`.

        A moment: the account began too many, and may begin another from then on.
        """
        ...

    async def waiting(self, account: Account) -> Person | None:
        """Give the person by whose other account this one must be confirmed, None if none."""
        ...

    async def confirm(self, code: str, by: Standing) -> Account | None:
        """Let another account of the same person speak for them; None if none has this code."""
        ...

    async def logout(self, by: Standing) -> bool:
        """End the account's link and login; False if there was neither."""
        ...

    async def vouch(self, person: Person, by: Standing) -> Sequence[Account]:
        """Let an expert's new accounts decide from now on, and give them."""
        ...

    async def known(self, login: str) -> Sequence[Person]:
        """Give whom a login or GitHub id means: nobody, one, or several who bear or bore it.

        Who is linked here under it comes before who took it over since.
        """
        ...

    async def freeze(self, person: Person, by: Standing) -> Froze:
        """End all that speaks or waits for a person, and let nothing begin anew."""
        ...


# --- runs, locks, record --------------------------------------------------------------


class Verdict(Enum):
    """What became of a wish about a run or lock. Words are the handlers'."""

    YES = "yes"
    MORE_NEEDED = "yes, and more are needed"
    NO_SUCH_RUN = "no run has this number"
    OWN_REQUEST = "asked for it themselves"
    NOT_AN_EXPERT = "not an expert"
    NOT_YOURS = "neither asked for it nor looks after the site"
    ALREADY = "has been done already"
    NOT_WAITING = "does not wait for approval"
    STILL_PLANNING = "its plan is not ready"
    RUNNING = "is running: only `cancel N now` ends it"
    ENDED = "has ended"
    NOT_ENDED = "has not ended"
    CHANGED = "what it was bound to has changed"
    CANNOT_TELL = "cannot tell"
    NEW_ACCOUNT = "an expert, but by an account that is new"


@dataclass(frozen=True, slots=True)
class Request:
    """A wish for a run, after everything about it was checked."""

    entry: Entry
    site: Site
    given: tuple[tuple[str, Value], ...]
    parameters: tuple[tuple[str, Value], ...]
    asked: Asked
    plan_only: bool = False
    bounded: bool = False
    retry_of: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, newest first."""

    rows: tuple[Run, ...]
    page: int
    left: int


class Runs(Protocol):
    """The life of runs. Filled by runs; each wish is one transaction with its audit event."""

    async def ask(self, request: Request) -> tuple[Run, bool]:
        """Ask for a run; the same that is under way already comes back with False."""
        ...

    async def get(self, number: int) -> Run | None:
        """Give one run."""
        ...

    async def approve(self, number: int, by: Standing) -> Verdict:
        """Count an expert's yes, bound to the plan on record."""
        ...

    async def deny(self, number: int, by: Standing, reason: str) -> Verdict:
        """Say no; it ends as denied."""
        ...

    async def cancel(self, number: int, by: Standing, *, now: bool) -> Verdict:
        """End it: at once before it runs, and only with `now` while it runs."""
        ...

    async def newest(self, *, site: str | None = None, page: int = 1) -> Listing:
        """List runs (ten a page), of one site if named."""
        ...

    async def active(self) -> Sequence[Run]:
        """Give every run that has not ended, oldest first."""
        ...

    async def last(self, site: str) -> Run | None:
        """Give the site's last run that ran or was checked (of an entry that changes)."""
        ...

    async def lasts(self) -> Mapping[str, Run]:
        """The same for all sites at once."""
        ...

    async def outcomes(self) -> Mapping[str, Run]:
        """Give each site's newest run that came to an outcome, of whatever entry; no plans.

        An outcome is that it succeeded, failed, found hosts unreachable or was interrupted.
        """
        ...

    async def log(self, number: int) -> str | None:
        """Give the whole log, redacted; None if none is kept."""
        ...

    async def usual(self, verb: str, word: str, site: str) -> timedelta | None:
        """Give the median duration of past successful runs of this at the site."""
        ...


class Locks(Protocol):
    """Sites kept by hand. Filled by runs."""

    async def lock(self, site: str, by: Standing, reason: str, until: datetime) -> Lock | None:
        """Take the lock; the lock that stands comes back if another's is there, else None."""
        ...

    async def unlock(self, site: str, by: Standing) -> Lock | None:
        """Lift the lock and give what it was; None if there was none."""
        ...

    async def current(self) -> Mapping[str, Lock]:
        """Give the locks in force, by site."""
        ...


@dataclass(frozen=True, slots=True)
class History:
    """One page of a site's record: events newest first, and how many are left.

    A refusal stands once a day for whoever was told the same to the same words; `times`
    says how often, by the event's id, where that is more than once.
    """

    rows: tuple[Recorded, ...]
    page: int
    left: int
    times: Mapping[int, int] = field(default_factory=dict)


class Record(Protocol):
    """The audit. Filled by store."""

    async def append(self, event: Event) -> Recorded:
        """Append it; committed when this returns. Raises `Unavailable`."""
        ...

    async def history(self, site: str, page: int = 1) -> History:
        """Give what happened at a site: each run once, by its last event, and refused rights."""
        ...
