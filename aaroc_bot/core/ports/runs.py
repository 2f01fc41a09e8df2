"""Runs, locks and the record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from aaroc_bot.core.audit import Event, Recorded
from aaroc_bot.core.entries import Entry, Value
from aaroc_bot.core.rights import Standing
from aaroc_bot.core.run import Asked, Lock, Run
from aaroc_bot.core.sites import Site


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
    """A wish for a run, after everything about it was checked.

    `patient`: it is to wait until its site can be reached.
    """

    entry: Entry
    site: Site
    given: tuple[tuple[str, Value], ...]
    parameters: tuple[tuple[str, Value], ...]
    asked: Asked
    plan_only: bool = False
    bounded: bool = False
    retry_of: int | None = None
    patient: bool = False


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

    async def head(self) -> tuple[int, str]:
        """Give the number and hash of its last event; 0 and zeros before the first."""
        ...
