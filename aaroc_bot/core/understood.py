"""What a parse can come to: a command with its slots filled, or what was not understood.

No wording here: the dispatcher's refusals find the words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from aaroc_bot.core.pattern import Kind, Literal, Optional, Part, Pattern, Slot
from aaroc_bot.core.run import written

Given = str | int | bool | tuple[tuple[str, str], ...] | None
"""What a slot was given; None, False or () for one that was left out."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A command: which pattern it fits, and what each of its slots was given."""

    pattern: Pattern
    values: Mapping[str, Given]

    @property
    def typed(self) -> str:
        """It written out in full with resolved names; that parses to the same again."""
        return " ".join(filter(None, (_written(part, self.values) for part in self.pattern.parts)))


class Wants(Enum):
    """What a slot takes."""

    RUN = "the number of a run"
    CHANGE = "the number of a pull request"
    PAGE = "the number of a page"
    REVISION = "7 to 40 hex digits"
    TIME = "a time"
    PAIR = "name=value"
    CLOSED_QUOTE = "the quote closed"
    ONCE = "each name once"


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """The first word is no command; `near` are the first words of commands near to it."""

    typed: str
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownSite:
    """No site has this name or alias; `near` are names, best first."""

    typed: str
    near: tuple[str, ...]
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class AmbiguousSite:
    """An alias that several sites claim."""

    typed: str
    sites: tuple[str, ...]
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class UnknownService:
    """No site runs such a service and no entry deploys it; `known` are all."""

    typed: str
    near: tuple[str, ...]
    known: tuple[str, ...]
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class UnknownEntry:
    """The catalogue has no such entry of this verb (None: of any); `known` are all of it."""

    typed: str
    near: tuple[str, ...]
    known: tuple[str, ...]
    verb: str | None
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Missing:
    """The message ended before this slot (or literal); `given` is what the slots had by then."""

    slot: str
    pattern: Pattern
    given: Mapping[str, Given] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Malformed:
    """What was typed in this slot is not what it takes; `given`: see `Missing`."""

    slot: str
    typed: str
    wants: Wants
    pattern: Pattern
    given: Mapping[str, Given] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Unexpected:
    """The command has no place for these words."""

    typed: str
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest right command, to be typed as it stands in `command.typed`.

    `site_guessed`: a site in it was not typed but guessed; no button may offer it then if
    the command alters something (RULES.md).
    """

    command: Parsed
    site_guessed: bool

    @property
    def pattern(self) -> Pattern:
        """The nearest command's pattern, to ask who may know of it."""
        return self.command.pattern


@dataclass(frozen=True, slots=True)
class TooLong:
    """More characters than a command may have; nothing of it was read."""

    length: int
    limit: int


NotUnderstood = (
    UnknownCommand
    | UnknownSite
    | AmbiguousSite
    | UnknownService
    | UnknownEntry
    | Missing
    | Malformed
    | Unexpected
    | Nearest
    | TooLong
)


def _written(part: Part, values: Mapping[str, Given]) -> str:
    match part:
        case Literal(word):
            return word
        case Slot(name, kind):
            return _given(name, kind, values.get(name))
        case Optional(parts):
            slots = [p.name for p in parts if isinstance(p, Slot)]
            if not any(values.get(name) for name in slots):
                return ""
            return " ".join(filter(None, (_written(p, values) for p in parts)))


def _given(name: str, kind: Kind, value: Given) -> str:
    if isinstance(value, tuple):
        return " ".join(f"{parameter}={written(text)}" for parameter, text in value)
    if kind is Kind.FLAG:
        return name if value else ""
    if kind is Kind.WORD and isinstance(value, str):
        return written(value)
    return "" if value is None else str(value)
