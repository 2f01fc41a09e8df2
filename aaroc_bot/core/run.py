"""A run: its states, the transitions that there are, and everything known about one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aaroc_bot.core.entries import Value
from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.plan import Plan, Progress, Recap
from aaroc_bot.core.rights import Person
from aaroc_bot.core.sites import Revision


class State(StrEnum):
    """The states of a run, with exactly the words of the cards (INTERFACES.md)."""

    PLANNING = "planning"
    PLANNED = "planned"
    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    INTERRUPTED = "interrupted"

    @property
    def ended(self) -> bool:
        """Whether nothing follows."""
        return not NEXT[self]


NEXT: Mapping[State, frozenset[State]] = {
    State.PLANNING: frozenset(
        {
            State.PLANNED,
            State.WAITING,
            State.QUEUED,
            State.SUCCEEDED,
            State.FAILED,
            State.UNREACHABLE,
            State.CANCELLED,
            State.EXPIRED,
            State.INTERRUPTED,
        }
    ),
    State.WAITING: frozenset({State.QUEUED, State.DENIED, State.CANCELLED, State.EXPIRED}),
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED, State.EXPIRED}),
    State.RUNNING: frozenset(
        {
            State.QUEUED,  # not one host was reached, and it is to wait until one is
            State.SUCCEEDED,
            State.FAILED,
            State.UNREACHABLE,
            State.CANCELLED,
            State.INTERRUPTED,
        }
    ),
    **{
        state: frozenset()
        for state in (
            State.PLANNED,
            State.SUCCEEDED,
            State.FAILED,
            State.UNREACHABLE,
            State.DENIED,
            State.CANCELLED,
            State.EXPIRED,
            State.INTERRUPTED,
        )
    },
}
"""From each state, the states that may follow; anything else is refused."""


PATIENTLY = "when reachable"
"""What is typed behind a deployment that waits until its site can be reached."""


class IllegalTransition(Exception):
    """A transition that the life of a run does not know. Always a fault in the code."""


def step(now: State, then: State) -> State:
    """Give `then` if it may follow `now`.

    >>> step(State.WAITING, State.QUEUED)
    <State.QUEUED: 'queued'>
    """
    if then not in NEXT[now]:
        raise IllegalTransition(f"{now} cannot become {then}")
    return then


@dataclass(frozen=True, slots=True)
class Decision:
    """An expert's yes (or the no that ended the request), and when."""

    by: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for a run, where and when. `operator`: see `Standing`.

    `event` is what was said (`Incoming.event`): worked on again after a fall, it asks for
    the same run.
    """

    by: Person
    account: Account
    place: Place
    at: datetime
    operator: str | None = None
    event: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that is known about one run.

    `plan_only` marks the verb ``plan``: it ends as `planned`. `verb` and `word` are the
    entry's (``deploy``, ``site-bdii``), `subject` its catalogue name. `given` are the
    parameters that the asker typed, `parameters` all of them with defaults. `needed`
    counts the approvals it takes, `approvals` those given. `reason` stands beside the
    state (why it waits in the queue, why it failed or expired, the denier's words).
    `checked_only`: it succeeded without being run, nothing being left to change.
    `holds` are the sites it takes while it runs. `deadline` is when the present state
    ends by itself (waiting, queued, and planning of one that is `patient`). `cancelling`
    says who asked a running one to end. `log` is whether a log is kept. `patient`: it is
    tried again until its site can be reached (``when reachable``). `turn_at` is when its
    turn is likely to come, where it waits for one and past runs tell.
    """

    number: int
    verb: str
    word: str
    subject: str
    plan_only: bool
    site: str
    holds: tuple[str, ...]
    given: tuple[tuple[str, Value], ...]
    parameters: tuple[tuple[str, Value], ...]
    revision: Revision
    asked: Asked
    needed: int
    state: State
    changed_at: datetime
    reason: str = ""
    approvals: tuple[Decision, ...] = ()
    decided: Decision | None = None
    deadline: datetime | None = None
    plan: Plan | None = None
    progress: Progress | None = None
    recap: Recap | None = None
    checked_only: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancelling: Person | None = None
    retry_of: int | None = None
    log: bool = False
    patient: bool = False
    turn_at: datetime | None = None

    @property
    def typed(self) -> str:
        """How it was asked for: ``deploy site-bdii at ZA-UJ port=2171``."""
        given = "".join(f" {name}={written(value)}" for name, value in self.given)
        verb = f"plan {self.word}" if self.plan_only else f"{self.verb} {self.word}"
        return f"{verb} at {self.site}{given}{f' {PATIENTLY}' if self.patient else ''}"


def written(value: Value) -> str:
    """Write a parameter's value so that it can be typed again.

    >>> written(True), written(2171), written("two words")
    ('true', '2171', '"two words"')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if text.isascii() and text.isprintable() and text and not any(c in " \"'=" for c in text):
        return text
    quotes = (('"', '"'), ("'", "'"), ("“", "”"))
    opens, closes = next((pair for pair in quotes if pair[1] not in text), quotes[0])
    return f"{opens}{text}{closes}"


@dataclass(frozen=True, slots=True)
class Lock:
    """A site kept by a person for a reason until a time."""

    site: str
    by: Person
    reason: str
    since: datetime
    until: datetime
