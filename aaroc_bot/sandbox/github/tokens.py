"""Who a token speaks for, and what it may."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Right(StrEnum):
    """A permission of GitHub's that the sandbox looks at, under GitHub's own name."""

    CONTENTS = "contents"
    PULLS = "pull_requests"
    STATUSES = "statuses"
    MEMBERS_READ = "members:read"
    MEMBERS = "members"


ALL = frozenset(Right)


class Kind(StrEnum):
    """Whose token it is; the value is how GitHub calls it where it refuses."""

    PERSONAL = "personal access token"
    INSTALLATION = "integration"


@dataclass(frozen=True, slots=True)
class Token:
    """What a token is worth: `user` is an id; with `ends` past it is worth nothing."""

    user: int
    rights: frozenset[Right] = ALL
    kind: Kind = Kind.PERSONAL
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App that is installed in the organisation, with these rights.

    It acts as the user `user`, whose login is ``<slug>[bot]``; `public_key` is in PEM.
    """

    id: int
    slug: str
    installation: int
    user: int
    public_key: str = field(repr=False)
    rights: frozenset[Right] = ALL
