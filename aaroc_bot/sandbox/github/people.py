"""Who is on the sandbox's GitHub: users, teams, invitations, and under which names it all is."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class User:
    """A GitHub user; `kind` is ``Bot`` for an App's."""

    id: int
    login: str
    name: str
    mail: str
    kind: str = "User"

    @property
    def address(self) -> str:
        """The mail that commits made on GitHub's pages carry."""
        return self.mail or f"{self.id}+{self.login}@users.noreply.github.com"


@dataclass(slots=True)
class Team:
    """A team; `people` and `invited` are users' ids."""

    id: int
    slug: str
    name: str
    parent: str | None = None
    people: set[int] = field(default_factory=set)
    invited: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Invitation:
    """An invitation into the organisation that waits: `user` and `by` are users' ids."""

    id: int
    user: int
    by: int
    at: datetime
    teams: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """Under which names everything is reached: `root` is the server's, without a slash."""

    root: str
    org: str
    org_id: int
    repository: str

    @property
    def api(self) -> str:
        """The repository's root in the API."""
        return f"{self.root}/repos/{self.org}/{self.repository}"

    @property
    def web(self) -> str:
        """The repository's root on the pages."""
        return f"{self.root}/{self.org}/{self.repository}"
