"""Changes: what people wish of the repository, what a wish comes to, and how far it is.

A wish and the commit that it starts from say everything: drafted again they come to the
same files, so no content of the repository is kept with a Change.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Literal

from aaroc_bot.core.pulls import Review
from aaroc_bot.core.rights import Person
from aaroc_bot.core.run import Asked
from aaroc_bot.core.sites import Finding


@dataclass(frozen=True, slots=True)
class SetVariables:
    """Give variables of a site these values, as typed."""

    site: str
    values: tuple[tuple[str, str], ...]
    kind: Literal["set"] = "set"


@dataclass(frozen=True, slots=True)
class UnsetVariable:
    """Take a variable out of a site's own files."""

    site: str
    name: str
    kind: Literal["unset"] = "unset"


@dataclass(frozen=True, slots=True)
class EnableService:
    """Put a host in the group of a service (its word: ``top-bdii``)."""

    site: str
    service: str
    host: str
    kind: Literal["enable"] = "enable"


@dataclass(frozen=True, slots=True)
class DisableService:
    """Take a host, or all of them (None), out of the group of a service."""

    site: str
    service: str
    host: str | None = None
    kind: Literal["disable"] = "disable"


@dataclass(frozen=True, slots=True)
class NewSite:
    """Describe a site in the shape of another, with its particulars left blank and marked."""

    name: str
    like: str
    kind: Literal["new site"] = "new site"


@dataclass(frozen=True, slots=True)
class RollBack:
    """Give a site's own files the content that they had at a revision (its whole sha).

    `run` is the run whose state is meant, None where a revision was named. `deploys` is the
    deployment, as typed, that is asked for once this is merged; empty: none.
    """

    site: str
    revision: str
    run: int | None = None
    deploys: str = ""
    kind: Literal["rollback"] = "rollback"


Wish = SetVariables | UnsetVariable | EnableService | DisableService | NewSite | RollBack


class WhyNot(Enum):
    """Why no pull request is opened. The words are the handlers'."""

    NOTHING = "nothing would change"
    SHARED = "a file that other sites read too has the last word"
    NOT_THERE = "the variable, service or host is not there to be taken out"
    NOT_PLAIN = "the value there is a list, a mapping, or spread over lines"
    TEMPLATE = "the value has a template, a YAML tag or a line break"
    EXECUTES = "a variable of this name executes"
    NAME = "is no name for a variable, host or site"
    SECRET = "a plain secret would be added"  # noqa: S105 - no secret
    OTHER_SITES = "another site would be touched"
    NO_PLACE = "no file that this site alone reads could hold it"
    RANGE = "the host stands in a range of hosts"
    KIND = "the file is of a kind that is not edited"
    UNREADABLE = "the site, or the result, cannot be read"
    EXISTS = "there is such a site, file or host already"
    UNKNOWN_REVISION = "the revision is not on the default branch"
    MOVED = "the same lines were changed by others meanwhile"
    GITHUB = "GitHub did not take it"
    FROZEN = "who asks is frozen, or speaks by an account that speaks for them no more"


@dataclass(frozen=True, slots=True)
class NotOpened:
    """No pull request, and why; `name` is the variable, host or key that is meant.

    `path` and `line` say where; `sites` who reads the file too or would be touched;
    `detail` is more for people (what GitHub said), redacted.
    """

    why: WhyNot
    name: str = ""
    path: str = ""
    line: int | None = None
    sites: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that changes: the first line that does (None: the file comes or goes), how many."""

    path: str
    line: int | None
    lines: int
    gone: bool = False
    new: bool = False


@dataclass(frozen=True, slots=True)
class VariableEffect:
    """A variable whose effective value changes, and on which hosts.

    Values are redacted, cut and on one line; None: not set. A `secret` one is only said
    to change.
    """

    variable: str
    before: str | None
    after: str | None
    hosts: tuple[str, ...]
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What a difference of the repository does to one site, read as data.

    `services` are the words of the services whose hosts any of it reaches; `joined` and
    `left` pair a service's word with a host that comes to it or leaves it. `new` and `gone`:
    the site itself. `unread` says that the site could not be read before or after, so
    that more may change than is shown.
    """

    site: str
    variables: tuple[VariableEffect, ...] = ()
    joined: tuple[tuple[str, str], ...] = ()
    left: tuple[tuple[str, str], ...] = ()
    services: tuple[str, ...] = ()
    new: bool = False
    gone: bool = False
    unread: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing changes at the site."""
        told = self.variables or self.joined or self.left
        return not (told or self.new or self.gone or self.unread)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a difference comes to, as people are shown it; nothing in it is secret.

    `title` is one line: ``ZA-UJ bdii_port 2170 → 2171``. `findings` are those of yamllint
    and of reading that the difference adds. `executing` names lines that would execute and
    that nobody accepted. `secrets` names keys (``path: name``) whose plain secret it adds.
    `untouched` are shared files that differ too and that a rollback leaves as they are.
    """

    title: str
    files: tuple[FileChange, ...]
    effects: tuple[Effect, ...]
    findings: tuple[Finding, ...] = ()
    executing: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()


class ChangeState(StrEnum):
    """How far a Change is, in the words of its card."""

    OPENING = "being opened"
    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"
    FAILED = "not opened"

    @property
    def ended(self) -> bool:
        """Whether nothing follows."""
        return self in {ChangeState.MERGED, ChangeState.CLOSED, ChangeState.FAILED}


@dataclass(frozen=True, slots=True)
class Change:
    """A pull request that the bot opened, or is opening, for a person.

    `id` is ours, `number` GitHub's once it is open. `bounded`: asked for at the machine
    outside the sandbox (RULES.md, Identity). `base` is the sha that the branch starts from,
    `made` is the commit that the bot made last for it, `head` what GitHub last said is the
    branch's end: another one has commits of others (`of_others`). `reviews` are those of the head. `why` says why
    it failed or was closed, for people. `by` merged or closed it. `deploy` is the run that
    was asked for after the merge of a rollback.
    """

    id: int
    wish: Wish
    site: str
    draft: Draft
    reason: str
    asked: Asked
    bounded: bool
    base: str
    branch: str
    state: ChangeState
    changed_at: datetime
    number: int | None = None
    made: str = ""
    head: str = ""
    reviews: tuple[Review, ...] = field(default=())
    why: str = ""
    by: Person | None = None
    deploy: int | None = None

    @property
    def of_others(self) -> bool:
        """Whether others committed to its branch: then it does more than its draft says."""
        return bool(self.made and self.head and self.made != self.head)
