"""Entries of the catalogue: the automations that may be run, and their parameters."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from aaroc_bot.core.rights import Right
from aaroc_bot.core.sites import service_word

Value = str | int | bool
"""A parameter's value after it was checked against its type."""


class CheckMode(StrEnum):
    """How far check mode predicts an entry (INTERFACES.md); ordered none, partial, full."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


class Origin(StrEnum):
    """Whose catalogue an entry stands in."""

    BOT = "bot"
    REPOSITORY = "repository"


class ParameterType(StrEnum):
    """Types of parameters."""

    INTEGER = "integer"
    STRING = "string"
    CHOICE = "choice"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter that may be given as ``name=value``. Never a secret (RULES.md)."""

    name: str
    type: ParameterType
    required: bool = False
    default: Value | None = None
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An approved automation.

    `subject` is the inventory group (``deploy``) or the name (``run``) as written in the
    catalogue. `path` and `line` say where it stands. `playbook` is relative to the
    repository, or to the bot's own ``playbooks/``, by `origin`.
    """

    verb: str
    subject: str
    playbook: str
    origin: Origin
    path: str
    line: int
    engine: str = "ansible"
    may_run: Right = Right.SITE_ADMIN
    approvals: int = 1
    changes: bool = True
    check_mode: CheckMode = CheckMode.PARTIAL
    time_limit: timedelta = timedelta(minutes=30)
    parameters: tuple[Parameter, ...] = field(default=())

    @property
    def word(self) -> str:
        """The subject as typed and shown: ``site-bdii`` for a service, else the name."""
        return service_word(self.subject) if self.verb == "deploy" else self.subject

    @property
    def typed(self) -> str:
        """How it is asked for, without the site: ``deploy site-bdii``."""
        return f"{self.verb} {self.word}"


def entry_of(entries: Iterable[Entry], verb: str | None, word: str) -> Entry | None:
    """Give the entry that is typed so; None as verb is any, a deployment before a run.

    Both the right that is asked for and what is run then come from here: they must be the
    same entry's.
    """
    same = [entry for entry in entries if entry.word == word and verb in (None, entry.verb)]
    return min(same, key=lambda entry: entry.verb, default=None)
