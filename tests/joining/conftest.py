"""Joining over the sandbox's GitHub, as real as it gets: HTTP, database, links, outbox."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from aaroc_bot.core.joining import Join, JoinState
from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.ports import JoinOutcome, NotJoined
from aaroc_bot.core.rights import Person, Standing
from aaroc_bot.core.run import Asked
from aaroc_bot.github.api import Api
from aaroc_bot.github.directory import Directory
from aaroc_bot.github.invitations import Invitations
from aaroc_bot.github.people import GitHubPeople
from aaroc_bot.github.roster import Roster
from aaroc_bot.joining.asking import OrganisationJoining
from aaroc_bot.joining.following import Following
from aaroc_bot.joining.sending import Sending
from aaroc_bot.joining.steps import Steps
from aaroc_bot.outbox import Outbox
from aaroc_bot.sandbox.github.world import Invitation, Misbehaviour, Team, User, World
from aaroc_bot.store import frozen, joins, ties
from aaroc_bot.store.database import Database
from aaroc_bot.store.github_answers import GitHubAnswers
from aaroc_bot.store.links import Links
from aaroc_bot.store.tables import audit, outbox
from aaroc_bot.store.tables import joins as joins_table
from aaroc_bot.store.teams import TeamIds
from tests.github.conftest import Clock, api, bare, url, world

__all__ = ["api", "bare", "url", "world"]

CHANNEL = Place("web", "roc")
SITES = ("ZA-UJ", "KE-NAIROBI", "ZA-MERAKA", "ZA-UFS", "maren")

Answer = JoinOutcome | NotJoined


@dataclass
class Hall:
    """One process of the bot, as far as joining goes, and the GitHub that it asks."""

    github: World
    api: Api
    database: Database
    clock: Clock = field(default_factory=Clock)
    teams: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(SITES))

    def __post_init__(self) -> None:
        self.tries = count(self.github)
        self.answers = GitHubAnswers(self.database)
        self.links = Links(self.database, self.clock)
        directory = Directory(
            self.api, self.github.org, self.clock, TeamIds(self.database), self.answers
        )
        roster = Roster(
            directory, experts_team="experts", sites_team="sites", site_teams=self._teams
        )
        self.people = GitHubPeople(
            directory, roster, self.links, self.clock, org=self.github.org, bounded=True
        )
        self.invitations = Invitations(self.api, self.github.org)
        self.steps = Steps(Outbox([CHANNEL], self.clock), self.clock)
        self.sending = Sending(
            self.database,
            people=self.people,
            teams=roster,
            invitations=self.invitations,
            steps=self.steps,
        )
        self.joining = OrganisationJoining(
            self.database, people=self.people, sending=self.sending, steps=self.steps
        )
        self.following = Following(
            self.database,
            people=self.people,
            sending=self.sending,
            invitations=self.invitations,
            steps=self.steps,
            clock=self.clock,
            every=timedelta(milliseconds=10),
        )

    async def _teams(self) -> dict[str, str | None]:
        return self.teams

    # --- people -----------------------------------------------------------------------

    def person(self, login: str) -> Person:
        user = self.github.user(login)
        assert user is not None
        return Person(user.id, user.login)

    async def speaks(self, login: str, *, days: int = 30, user: str = "") -> Account:
        """Link an account to who bears a login, `days` ago."""
        account = Account("web", "demo", user or login)
        since = self.clock() - timedelta(days=days)
        async with self.database.write() as connection:
            await ties.put(connection, ties.Tie(account, self.person(login), since))
        self.links.forget()
        return account

    async def standing(self, login: str, **more: Any) -> Standing:
        account = Account("web", "demo", login)
        if await self.links.of(account) is None:
            await self.speaks(login)
        return replace(await self.people.standing(account), **more)

    async def freeze(self, person: Person) -> None:
        async with self.database.write() as connection:
            await frozen.freeze(connection, person, "roc-second", self.clock())
        self.links.forget()

    # --- what they say ----------------------------------------------------------------

    async def ask(self, by: str | Standing, site: str = "") -> Answer:
        who = await self.standing(by) if isinstance(by, str) else by
        assert who.person is not None
        asked = Asked(who.person, who.account, CHANNEL, self.clock())
        return await self.joining.ask(who, asked, site)

    async def welcome(self, login: str, site: str, by: str | Standing) -> Answer:
        who = await self.standing(by) if isinstance(by, str) else by
        return await self.joining.welcome(login, site, who)

    async def invite(self, login: str, by: str | Standing = "roc-expert") -> Answer:
        who = await self.standing(by) if isinstance(by, str) else by
        return await self.joining.invite(login, who)

    # --- what became of it ------------------------------------------------------------

    async def join(self) -> Join:
        """Give the newest wish."""
        return (await self.all())[-1]

    async def all(self) -> list[Join]:
        query = select(joins_table.c.id).order_by(joins_table.c.id)
        async with self.database.read() as connection:
            found = [await joins.load(connection, id) for id in await connection.scalars(query)]
        return [join for join in found if join is not None]

    async def state(self) -> JoinState:
        return (await self.join()).state

    async def news(self) -> list[tuple[str, str]]:
        """Give what was told to accounts alone: to whom, and the state."""
        query = select(outbox.c.reader, outbox.c.data).where(outbox.c.card == "join-news")
        async with self.database.read() as connection:
            rows = (await connection.execute(query.order_by(outbox.c.id))).all()
        return [(row.reader, json.loads(row.data)["state"]) for row in rows]

    async def cards(self) -> int:
        query = select(outbox.c.id).where(outbox.c.card == "join")
        async with self.database.read() as connection:
            return len(list(await connection.scalars(query)))

    async def outcomes(self) -> list[str]:
        query = select(audit.c.outcome).where(audit.c.what == "joining").order_by(audit.c.id)
        async with self.database.read() as connection:
            return list(await connection.scalars(query))

    # --- GitHub -----------------------------------------------------------------------

    def invitation(self, login: str) -> Invitation | None:
        id = self.person(login).id
        return next((one for one in self.github.invitations.values() if one.user == id), None)

    def accept(self, login: str) -> None:
        found = self.invitation(login)
        assert found is not None
        self.github.accept(found)

    def fails(self, path: str = "/orgs/AAROC/invitations", **how: Any) -> None:
        self.github.misbehave(Misbehaviour(path, **how))


def count(github: World) -> list[tuple[str, int]]:
    """Note each attempt to invite somebody (``invite``), or to put them in a team (``put``)."""
    tries: list[tuple[str, int]] = []
    invite, put = github.invite, github.put_in_team

    def invited(user: User, by: User, teams: tuple[int, ...] = ()) -> Invitation:
        tries.append(("invite", user.id))
        return invite(user, by, teams)

    def placed(team: Team, user: User, by: User) -> str:
        tries.append(("put", user.id))
        return put(team, user, by)

    github.invite = invited  # type: ignore[method-assign]
    github.put_in_team = placed  # type: ignore[method-assign]
    return tries


@pytest.fixture
async def hall(api: Api, world: World, sqlite_database: Database) -> AsyncIterator[Hall]:
    hall = Hall(world, api, sqlite_database)
    yield hall
    await hall.answers.settle()


@pytest.fixture
async def both(api: Api, world: World, database: Database) -> AsyncIterator[Hall]:
    """The same, on each kind of database."""
    hall = Hall(world, api, database)
    yield hall
    await hall.answers.settle()
