"""The public face for handlers: everything that a command family needs, and nothing more.

A handler is a function with its grammar, its right and its help above it::

    @command("sites", right=Right.MEMBER, effect=Effect.READS, help="List the sites.")
    async def sites(call: Call) -> Message: ...

It is found by being there: `load` looks through the modules of `handlers/`. A renderer of
a card is marked with `card`, the words for a refusal of the dispatcher with `refusal`.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from types import ModuleType
from typing import Any, TypeVar

from aaroc_bot.core.audit import Event, Lacking, Recorded, What, lacking
from aaroc_bot.core.changes import (
    Change,
    ChangeState,
    DisableService,
    Draft,
    EnableService,
    FileChange,
    NewSite,
    NotOpened,
    RollBack,
    SetVariables,
    UnsetVariable,
    VariableEffect,
    WhyNot,
    Wish,
)
from aaroc_bot.core.changes import (
    Effect as ChangeEffect,
)
from aaroc_bot.core.clock import duration, when
from aaroc_bot.core.difference import Difference, difference
from aaroc_bot.core.doing import DoneBefore
from aaroc_bot.core.entries import (
    CheckMode,
    Entry,
    Origin,
    Parameter,
    ParameterType,
    Value,
    entry_of,
)
from aaroc_bot.core.fitness import unfit
from aaroc_bot.core.joining import Join, JoinState
from aaroc_bot.core.message import (
    Account,
    Audience,
    Button,
    File,
    Incoming,
    Kind,
    Message,
    Place,
    Table,
)
from aaroc_bot.core.nearest import near
from aaroc_bot.core.parameters import Wrong, WrongParameter, check
from aaroc_bot.core.pattern import Kind as SlotKind
from aaroc_bot.core.pattern import Pattern, Slot, pattern
from aaroc_bot.core.plan import Item, Plan, Unseen
from aaroc_bot.core.policy import Allowed, CannotTell, Refused, Why, decide
from aaroc_bot.core.ports import (
    Acceptance,
    Behind,
    Catalogue,
    Changes,
    Froze,
    History,
    Joining,
    JoinOutcome,
    Linking,
    Listing,
    Locks,
    LoginCode,
    Look,
    Merged,
    MergeOutcome,
    NotJoined,
    NotMerged,
    Obstacle,
    PendingRules,
    People,
    Record,
    Redaction,
    Request,
    Rules,
    Runs,
    Sites,
    Unavailable,
    Verdict,
    WhyNotJoined,
)
from aaroc_bot.core.pulls import (
    Check,
    CheckState,
    PullRequest,
    PullState,
    Review,
    ReviewState,
    last_words,
)
from aaroc_bot.core.rights import AccountLink, Effect, Membership, Person, Right, Standing
from aaroc_bot.core.run import Asked, Lock, Run, State, written
from aaroc_bot.core.secret_names import is_secret_name
from aaroc_bot.core.sites import Executing, Finding, Level, Revision, Site, service_word
from aaroc_bot.core.text import Code, Inline, Link, Mention, Text, When, plain, quoted, size
from aaroc_bot.core.times import NotATime, Past, Resolved, TooFar, resolve
from aaroc_bot.core.understood import (
    AmbiguousSite,
    Given,
    Malformed,
    Missing,
    Nearest,
    Parsed,
    TooLong,
    Unexpected,
    UnknownCommand,
    UnknownEntry,
    UnknownService,
    UnknownSite,
    Wants,
)

__all__ = [
    "Acceptance",
    "Account",
    "AccountLink",
    "Allowed",
    "AmbiguousSite",
    "Asked",
    "Audience",
    "Behind",
    "Button",
    "Call",
    "CannotTell",
    "Catalogue",
    "Change",
    "ChangeEffect",
    "ChangeState",
    "Changes",
    "Check",
    "CheckMode",
    "CheckState",
    "Code",
    "Command",
    "Desk",
    "Difference",
    "DisableService",
    "DoneBefore",
    "Draft",
    "Effect",
    "EnableService",
    "Entry",
    "Event",
    "Executing",
    "Fault",
    "File",
    "FileChange",
    "Finding",
    "Froze",
    "Given",
    "Gone",
    "Handlers",
    "History",
    "Incoming",
    "Inline",
    "Item",
    "Join",
    "JoinOutcome",
    "JoinState",
    "Joining",
    "Kind",
    "Lacking",
    "Level",
    "Link",
    "Linking",
    "Listing",
    "Lock",
    "LoginCode",
    "Look",
    "Malformed",
    "Membership",
    "Mention",
    "MergeOutcome",
    "Merged",
    "Message",
    "Missing",
    "Nearest",
    "NewSite",
    "NotATime",
    "NotForYou",
    "NotJoined",
    "NotMerged",
    "NotOpened",
    "Obstacle",
    "Origin",
    "Parameter",
    "ParameterType",
    "Parsed",
    "Past",
    "Pattern",
    "PendingRules",
    "Person",
    "Place",
    "Plan",
    "PullRequest",
    "PullState",
    "Recorded",
    "Refusal",
    "Refused",
    "Request",
    "Resolved",
    "Review",
    "ReviewState",
    "Revision",
    "Right",
    "RollBack",
    "Run",
    "SetVariables",
    "Site",
    "Slot",
    "SlotKind",
    "Standing",
    "State",
    "Table",
    "Text",
    "TooFar",
    "TooLong",
    "TooMany",
    "Unavailable",
    "Unexpected",
    "UnknownCommand",
    "UnknownEntry",
    "UnknownService",
    "UnknownSite",
    "Unseen",
    "UnsetVariable",
    "Value",
    "VariableEffect",
    "Verdict",
    "Wants",
    "What",
    "When",
    "Why",
    "WhyNot",
    "WhyNotJoined",
    "Wish",
    "Wrong",
    "WrongParameter",
    "card",
    "check",
    "command",
    "decide",
    "difference",
    "duration",
    "entry_of",
    "is_secret_name",
    "lacking",
    "last_words",
    "load",
    "near",
    "plain",
    "quoted",
    "refusal",
    "resolve",
    "service_word",
    "size",
    "unfit",
    "when",
    "written",
]  # fmt: skip


RECORDED = 2_000
"""Characters of a command as typed, and of an outcome, that the record keeps."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A button that stands for nothing here any more: its card is old, or it stood elsewhere."""


@dataclass(frozen=True, slots=True)
class NotForYou:
    """A button that answers only to the one who typed what it completes."""


@dataclass(frozen=True, slots=True)
class TooMany:
    """More commands than one account may give a minute."""

    limit: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Something unexpected; `reference` is how the operator finds it in the log."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What lies within reach of every handler and renderer: the ports and the clock.

    `commit_url` gives the address of a commit's page by its sha, `pull_url` of a pull
    request's by its number; None where there is none.
    """

    people: People
    sites: Sites
    catalogue: Catalogue
    rules: Rules
    runs: Runs
    locks: Locks
    linking: Linking
    changes: Changes
    joining: Joining
    record: Record
    redaction: Redaction
    clock: Callable[[], datetime]
    commit_url: Callable[[str], str | None]
    pull_url: Callable[[int], str | None]


@dataclass(frozen=True, kw_only=True)
class Call(Desk):
    """One command on its way: the desk, what was said, by whom and when."""

    said: Incoming
    standing: Standing
    now: datetime
    commands: tuple["Command", ...]

    @classmethod
    def at(
        cls, desk: Desk, said: Incoming, standing: Standing, commands: tuple["Command", ...]
    ) -> "Call":
        """Put a call together at this moment."""
        ports = {field.name: getattr(desk, field.name) for field in fields(Desk)}
        return cls(**ports, said=said, standing=standing, now=desk.clock(), commands=commands)

    @property
    def person(self) -> Person:
        """Who speaks; there is one wherever a right above ANYBODY was asked for."""
        if self.standing.person is None:
            raise LookupError("nobody is linked to this account")
        return self.standing.person

    def event(
        self,
        what: What,
        *,
        site: str = "",
        run: int | None = None,
        revision: str = "",
        outcome: str = "",
    ) -> Event:
        """Write an audit event about this call, redacted first and then cut."""
        redact = self.redaction.text
        place, standing = self.said.place, self.standing
        return Event(
            what,
            self.now,
            account=str(self.said.account),
            person=standing.person.id if standing.person else None,
            login=standing.person.login if standing.person else "",
            operator=standing.operator or "",
            place=":".join(filter(None, (place.chat, place.channel, place.thread))),
            text=redact(self.said.text)[:RECORDED],
            site=site,
            run=run,
            revision=revision,
            outcome=redact(outcome)[:RECORDED],
        )

    async def require(self, entry: Entry, site: str) -> None:
        """Ask for the right to run an entry that was found only now, by `retry`."""
        _demand(decide(self.standing, entry.may_run, Effect.ALTERS, site=site, entry=entry))

    async def require_expert_now(self) -> None:
        """Ask GitHub again whether an expert speaks who decides: for what gives rights."""
        standing = await self.people.standing(self.said.account, now=True)
        _demand(decide(standing, Right.EXPERT, Effect.ALTERS, decides=True))


class Refusal(Exception):
    """A no with its words: what is missing, who can grant it, the next step to type."""

    def __init__(
        self,
        text: Text,
        *lines: Text,
        buttons: tuple[Button, ...] = (),
        lacks: Lacking | None = None,
    ) -> None:
        """Keep the words; the dispatcher puts them on record and tells the asker alone.

        `lacks` is the right that is missing, None where this is no matter of rights.
        """
        super().__init__(text)
        self.text = text
        self.lines = lines
        self.buttons = buttons
        self.lacks = lacks

    def message(self) -> Message:
        """Give it as a message to the asker alone."""
        return Message(
            self.text,
            lines=tuple(line for line in self.lines if line),
            buttons=self.buttons,
            kind=Kind.REFUSAL,
            to=Audience.ASKER,
        )


class NotAllowed(Exception):
    """A right that turned out to be missing within a handler; the dispatcher words it."""

    def __init__(self, decision: Refused | CannotTell) -> None:
        """Keep the decision."""
        super().__init__(str(decision))
        self.decision = decision


def _demand(decision: Allowed | Refused | CannotTell) -> None:
    if not isinstance(decision, Allowed):
        raise NotAllowed(decision)


Handler = Callable[..., Awaitable[Message]]
Renderer = Callable[[Desk, str, Mapping[str, Any]], Awaitable[Message]]
Wording = Callable[[Call, Any], Awaitable[Refusal]]


@dataclass(frozen=True)
class Command:
    """A command as it was declared.

    `right` None means: the entry's own `may_run`. `decides` marks what an operator at the
    machine may not do outside the sandbox (RULES.md, Identity).
    """

    patterns: tuple[Pattern, ...]
    right: Right | None
    effect: Effect
    help: str
    decides: bool
    handler: Handler

    @property
    def name(self) -> str:
        """The handler's name, one word: ``deploy``."""
        return self.handler.__name__


def command(
    *patterns: str,
    right: Right | None,
    effect: Effect,
    help: str,
    decides: bool = False,
) -> Callable[[Handler], Handler]:
    """Declare a command: its patterns (core/pattern.py), who may, what it does, its help.

    Raises `TypeError` at loading when the slots and the handler's parameters differ.
    """
    parsed = tuple(pattern(text) for text in patterns)

    def declare(handler: Handler) -> Handler:
        _compare(handler, parsed)
        _mark(handler, Command(parsed, right, effect, help, decides, handler))
        return handler

    return declare


Function = TypeVar("Function", bound=Callable[..., Awaitable[Any]])


@dataclass(frozen=True)
class _Card:
    name: str
    renderer: Renderer


@dataclass(frozen=True)
class _Refused:
    outcome: type
    wording: Wording


def card(name: str) -> Callable[[Renderer], Renderer]:
    """Declare the renderer of a card: desk, subject and data in, the message out."""

    def declare(renderer: Renderer) -> Renderer:
        _mark(renderer, _Card(name, renderer))
        return renderer

    return declare


def refusal(outcome: type) -> Callable[[Wording], Wording]:
    """Declare the words for one outcome of parsing or policy that ends a command."""

    def declare(wording: Wording) -> Wording:
        _mark(wording, _Refused(outcome, wording))
        return wording

    return declare


@dataclass(frozen=True)
class Handlers:
    """Everything that was found in the handlers' folders."""

    commands: tuple[Command, ...]
    cards: Mapping[str, Renderer]
    refusals: Mapping[type, Wording]


def load(modules: Iterable[ModuleType]) -> Handlers:
    """Collect what the modules declare. Raises `TypeError` when a name is declared twice."""
    commands: dict[str, Command] = {}
    cards: dict[str, Renderer] = {}
    refusals: dict[type, Wording] = {}
    for module in modules:
        for thing in vars(module).values():
            if getattr(thing, "__module__", None) != module.__name__:
                continue
            match getattr(thing, "declared", None):
                case Command() as found:
                    _once(commands, found.name, found)
                case _Card(name, renderer):
                    _once(cards, name, renderer)
                case _Refused(outcome, wording):
                    _once(refusals, outcome, wording)
    return Handlers(tuple(commands.values()), cards, refusals)


def _mark(function: Any, declared: object) -> None:
    function.declared = declared


def _once(found: dict[Any, Any], key: Any, value: Any) -> None:
    if key in found:
        raise TypeError(f"{key} is declared twice")
    found[key] = value


def _compare(handler: Handler, patterns: tuple[Pattern, ...]) -> None:
    """Check that each slot has its parameter, with a default wherever a pattern lacks it."""
    parameters = list(inspect.signature(handler).parameters.values())[1:]
    names = {parameter.name for parameter in parameters}
    slots = {slot.name for pattern in patterns for slot in pattern.slots}
    if names != slots:
        raise TypeError(f"{handler.__name__}: slots {sorted(slots)}, parameters {sorted(names)}")
    for parameter in parameters:
        given = all(
            parameter.name in {slot.name for slot in pattern.required} for pattern in patterns
        )
        if not given and parameter.default is inspect.Parameter.empty:
            raise TypeError(f"{handler.__name__}: {parameter.name} may be missing: give a default")
