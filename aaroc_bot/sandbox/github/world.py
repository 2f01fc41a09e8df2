"""What the sandbox's GitHub knows, and how it misbehaves.

It is plain state that a test changes while the server answers from it.
"""

import asyncio
import secrets
from dataclasses import dataclass, field

from aaroc_bot.sandbox.github.granting import Granting
from aaroc_bot.sandbox.github.people import Invitation, Team, User
from aaroc_bot.sandbox.github.proposals import Proposals
from aaroc_bot.sandbox.github.tokens import ALL, App, Right, Token
from aaroc_bot.sandbox.persons import EXPERTS_TEAM, ORG, PERSONS, SITE_TEAMS, SITES_TEAM

__all__ = ["Invitation", "Misbehaviour", "Team", "User", "World", "sample_world"]


@dataclass(slots=True)
class Misbehaviour:
    """How it answers amiss, for paths that begin with `path`, and for `method` alone if named.

    `silent`: not at all until `end` is set. `status`: with this error. `limited`: as when
    the rate limit is used up, primary (403) or secondary. `after`: only once it has done
    what it was asked for. `times`: how often; None is always.
    """

    path: str = "/"
    status: int | None = None
    silent: bool = False
    limited: str | None = None
    end: asyncio.Event = field(default_factory=asyncio.Event)
    method: str | None = None
    after: bool = False
    times: int | None = None

    def strikes(self, method: str, path: str) -> bool:
        """Say whether a question is answered amiss, and count it."""
        if not path.startswith(self.path) or self.method not in {None, method}:
            return False
        if self.times is not None:
            self.times -= 1
        return self.times is None or self.times >= 0


class World(Proposals):
    """One organisation with its people and its repository.

    `token` is the bot's, `tokens` are all the others, `granting` gives people theirs.
    """

    def __init__(self, token: str, org: str = ORG) -> None:
        """Begin empty, with the organisation alone."""
        super().__init__(org)
        self.token = token
        self.tokens: dict[str, Token] = {}
        self.app: App | None = None
        self.misbehaviour: Misbehaviour | None = None
        self.asked: list[str] = []
        self.granting = Granting()

    def worth(self, token: str) -> Token | None:
        """Give what a token is worth now; None if nothing."""
        if secrets.compare_digest(token.encode(), self.token.encode()):
            return Token(self.bot.id)
        found = self.tokens.get(token)
        if found is None or (found.ends is not None and found.ends <= self.now()):
            return None
        return found

    def act_as(self, login: str, rights: frozenset[Right] | None = None) -> str:
        """Give a token of a person's; by itself it may what such a person may."""
        user = self.user(login)
        assert user is not None
        if rights is None:
            member = self.members.get(user.id) == "active"
            rights = ALL - {Right.MEMBERS} if member else frozenset({Right.PULLS})
        token = f"github_pat_{secrets.token_hex(18)}"
        self.tokens[token] = Token(user.id, rights)
        return token

    def install_app(self, public_key: str, slug: str = "aaroc-bot") -> App:
        """Install a GitHub App whose logins are signed with this key's other half (PEM)."""
        user = User(self.new_id(), f"{slug}[bot]", slug, "", "Bot")
        self.bots[user.id] = user
        self.app = App(self.new_id(), slug, self.new_id(), user.id, public_key)
        self.changed()
        return self.app

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
