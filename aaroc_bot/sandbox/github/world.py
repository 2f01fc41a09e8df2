"""What the sandbox's GitHub knows: users, one organisation, its teams, and how it misbehaves.

It is plain state that a test changes while the server answers from it.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from aaroc_bot.sandbox.github.granting import Granting
from aaroc_bot.sandbox.persons import EXPERTS_TEAM, ORG, PERSONS, SITE_TEAMS, SITES_TEAM


@dataclass(slots=True)
class User:
    """A GitHub user."""

    id: int
    login: str
    name: str
    mail: str


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
class Misbehaviour:
    """How it answers amiss, for paths that begin with `path`.

    `silent`: not at all until `end` is set. `status`: with this error. `limited`: as when
    the rate limit is used up, primary (403) or secondary.
    """

    path: str = "/"
    status: int | None = None
    silent: bool = False
    limited: str | None = None
    end: asyncio.Event = field(default_factory=asyncio.Event)


class World:
    """One organisation with its people; `token` is the bot's, `granting` gives people theirs."""

    def __init__(self, token: str, org: str = ORG) -> None:
        """Begin empty, with the organisation alone."""
        self.token = token
        self.org = org
        self.org_id = 90100000
        self.users: dict[int, User] = {}
        self.members: dict[int, str] = {}
        self.teams: dict[str, Team] = {}
        self.misbehaviour: Misbehaviour | None = None
        self.asked: list[str] = []
        self.granting = Granting()
        self.bot = User(90100199, "aaroc-bot", "aaroc-bot", "")
        self._next_team = 90200001

    def add_user(self, id: int, login: str, name: str = "", mail: str = "") -> User:
        """Register a user."""
        user = self.users[id] = User(id, login, name or login, mail)
        return user

    def add_team(self, slug: str, parent: str | None = None, name: str | None = None) -> Team:
        """Create a team, with an id that no other had."""
        team = self.teams[slug] = Team(self._next_team, slug, name or slug, parent)
        self._next_team += 1
        return team

    def user(self, login: str) -> User | None:
        """Find a user by login, in any letter case."""
        wanted = login.casefold()
        return next((u for u in self.users.values() if u.login.casefold() == wanted), None)

    def written_by(self, mail: str) -> User | None:
        """Find the user whose commits carry a mail address."""
        return next((u for u in self.users.values() if mail and u.mail == mail), None)

    def children(self, slug: str) -> Iterator[Team]:
        """Give the teams directly below a team."""
        return (team for team in self.teams.values() if team.parent == slug)

    def people_of(self, team: Team) -> set[int]:
        """Give who is in a team or in a team below it."""
        below = (self.people_of(child) for child in self.children(team.slug))
        return team.people.union(*below)

    def rename(self, login: str, to: str) -> None:
        """Let a user bear another login; the old one is free then."""
        user = self.user(login)
        assert user is not None
        user.login = to

    def remove_member(self, login: str) -> None:
        """Take somebody out of the organisation, and so out of its teams."""
        user = self.user(login)
        assert user is not None
        self.members.pop(user.id, None)
        for team in self.teams.values():
            team.people.discard(user.id)

    def misbehave(self, how: Misbehaviour) -> None:
        """Answer amiss from now on."""
        self.misbehaviour = how

    def behave(self) -> None:
        """Answer well again; who waits is let go."""
        if self.misbehaviour:
            self.misbehaviour.end.set()
        self.misbehaviour = None


def sample_world(token: str) -> World:
    """Make the sample ROC's organisation."""
    world = World(token)
    world.add_team(EXPERTS_TEAM)
    world.add_team(SITES_TEAM)
    for slug in SITE_TEAMS:
        world.add_team(slug, SITES_TEAM, slug.upper() if slug != "maren" else slug)
    for person in PERSONS:
        world.add_user(person.id, person.login, person.name, person.mail)
        if person.member:
            world.members[person.id] = "active"
        for slug in person.teams:
            world.teams[slug].people.add(person.id)
    return world
