"""The sandbox's GitHub served over real HTTP, and the bot's people asking it."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from github import Auth

from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import AccountLink, Person
from aaroc_bot.github.api import Api
from aaroc_bot.github.directory import Directory
from aaroc_bot.github.people import GitHubPeople
from aaroc_bot.github.roster import Roster
from aaroc_bot.sandbox.github.server import serving
from aaroc_bot.sandbox.github.world import World, sample_world
from aaroc_bot.store.database import Database
from aaroc_bot.store.github_answers import GitHubAnswers
from aaroc_bot.store.teams import TeamIds

TOKEN = "sample-token"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 8, 14, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class KnownLinks:
    """Links held in memory: the port's real filling is tested with the store."""

    known: dict[Account, Person] = field(default_factory=dict)
    ice: set[int] = field(default_factory=set)
    since: datetime = datetime(2026, 6, 1, tzinfo=UTC)

    async def of(self, account: Account, *, now: bool = False) -> AccountLink | None:
        person = self.known.get(account)
        if person is None:
            return None
        until, decides = self.since + timedelta(days=90), self.since + timedelta(days=1)
        return AccountLink(account, person, self.since, until, decides)

    async def frozen(self, person: int, *, now: bool = False) -> bool:
        return person in self.ice

    async def users(self, chat: str) -> Sequence[tuple[Person, str]]:
        return [(person, account.user) for account, person in self.known.items()]


@dataclass
class Roc:
    """The bot's people beside the GitHub that they come from."""

    world: World
    people: GitHubPeople
    directory: Directory
    clock: Clock
    answers: GitHubAnswers
    links: KnownLinks
    teams: dict[str, str | None]

    def impatient(self) -> None:
        """Wait for 2 s at most; before the first question."""
        self.directory._api._line.seconds = 2

    def account(self, login: str) -> Account:
        account = Account("web", "demo", login)
        if account not in self.links.known:
            user = self.world.user(login)
            assert user is not None
            self.links.known[account] = Person(user.id, login)
        return account


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  the server has no event for each question
            await asyncio.sleep(0.01)


def git(path: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(path), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def world() -> World:
    return sample_world(TOKEN)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A repository with a commit by a known mail and one by an unknown."""
    path = tmp_path / "devops"
    path.mkdir()
    git(path, "init", "-q", "-b", "main")
    for mail, name in (("amina@roc.example", "one"), ("nobody@nowhere.example", "two")):
        (path / name).write_text(name)
        git(path, "add", ".")
        who = ["-c", f"user.email={mail}", "-c", "user.name=Somebody"]
        git(path, *who, "commit", "-q", "-m", f"Add {name}\n\nBecause.")
    return path / ".git"


@pytest.fixture
async def url(world: World, bare: Path) -> AsyncIterator[str]:
    async with serving(world, bare) as url:
        yield url


@pytest.fixture
def api(url: str) -> Iterator[Api]:
    api = Api(url, Auth.Token(TOKEN), seconds=20)
    yield api
    api.close()


@pytest.fixture
async def roc(api: Api, world: World, sqlite_database: Database) -> AsyncIterator[Roc]:
    roc = a_roc(api, world, sqlite_database, Clock())
    yield roc
    await roc.answers.settle()


def a_roc(api: Api, world: World, database: Database, clock: Clock) -> Roc:
    """Put a bot's people together as one process has them."""
    links = KnownLinks()
    teams: dict[str, str | None] = dict.fromkeys(("ZA-UJ", "KE-NAIROBI", "ZA-MERAKA", "maren"))

    async def site_teams() -> dict[str, str | None]:
        return teams

    answers = GitHubAnswers(database)
    directory = Directory(api, world.org, clock, TeamIds(database), answers)
    roster = Roster(directory, experts_team="experts", sites_team="sites", site_teams=site_teams)
    people = GitHubPeople(directory, roster, links, clock, org=world.org, bounded=True)
    return Roc(world, people, directory, clock, answers, links, teams)
