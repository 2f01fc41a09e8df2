"""Sites as the DevOps repository describes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a description: file (relative to the repository), line if known, what."""

    path: str
    line: int | None
    level: Level
    what: str


@dataclass(frozen=True, slots=True)
class Executing:
    """A line of variables that executes on the controller when it is used (RULES.md).

    `digest` is over file, variable and value: accepting it accepts exactly these.
    `shown` is the value redacted and cut, to be read by the expert who accepts.
    """

    path: str
    line: int | None
    variable: str
    shown: str
    digest: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit of the default branch."""

    sha: str
    subject: str
    author: str
    at: datetime

    @property
    def short(self) -> str:
        """Seven characters, as shown."""
        return self.sha[:7]


@dataclass(frozen=True, slots=True)
class Site:
    """One site, as read at one revision. What could not be read stands in `findings`.

    `services` maps inventory groups to host names, only those with a host. `foreign` are
    hosts in its inventory that bear another site's name or none, with that name; `shared`
    are hosts that another site describes too, with that site (the first, if several do);
    `sharing` are all those sites: a run that touches a shared host holds them. `partial`
    says that a file was left out (a vault without a password), `broken` that nothing could be read.
    `claimed_by` names the other description when a name or alias is claimed twice: such
    a site can be read, not changed.
    """

    name: str
    inventory: str
    aliases: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    services: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    team: str | None = None
    zone: str | None = None
    foreign: Mapping[str, str] = field(default_factory=dict)
    shared: Mapping[str, str] = field(default_factory=dict)
    sharing: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    executing: tuple[Executing, ...] = ()
    partial: bool = False
    broken: bool = False
    claimed_by: str | None = None


def service_word(group: str) -> str:
    """Write an inventory group as it is typed and shown: lower case, one final ``s`` less.

    >>> service_word("site-bdiis"), service_word("Top_BDIIs"), service_word("cream-ces")
    ('site-bdii', 'top-bdii', 'cream-ce')
    """
    word = group.lower().replace("_", "-")
    return word[:-1] if word.endswith("s") else word
