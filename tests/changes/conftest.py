"""A small DevOps repository in git, the sandbox's GitHub over it, and the bot's rules."""

import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from github import Auth
from sqlalchemy import select

from aaroc_bot.changes.rules import AcceptedRules
from aaroc_bot.core.rights import Person
from aaroc_bot.github.api import Api
from aaroc_bot.github.commits import Commits
from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.repository import Repository
from aaroc_bot.sandbox.github.server import serving
from aaroc_bot.sandbox.github.world import World, sample_world
from aaroc_bot.sandbox.persons import PERSONS
from aaroc_bot.store.acceptances import Acceptances
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import audit

TOKEN = "sample-token"
VARIABLES = "Ansible/group_vars/za-uj.yml"
FIRST = {
    "Ansible/inventories/inventory.za-uj": "[za-uj]\nbdii1.uj.example ansible_connection=local\n",
    VARIABLES: "site_name: ZA-UJ\nbdii_port: 2170\n",
    ".aaroc.yml": "sites:\n  ZA-UJ: {team: za-uj}\n",
}


def person(login: str) -> Person:
    return next(Person(p.id, p.login) for p in PERSONS if p.login == login)


@dataclass
class Devops:
    """The repository as its people work in it."""

    path: Path

    def git(self, *arguments: str, login: str = "roc-expert") -> str:
        who = next((p for p in PERSONS if p.login == login), None)
        mail, name = (who.mail, who.name) if who else (f"{login}@nowhere.example", login)
        configured = ["-c", f"user.email={mail}", "-c", f"user.name={name}"]
        done = subprocess.run(
            ["git", "-C", str(self.path), *configured, *arguments],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, login: str, files: dict[str, str]) -> str:
        for name, content in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(content)
        self.git("add", ".")
        self.git("commit", "-q", "-m", f"Change {', '.join(files)}", login=login)
        return self.git("rev-parse", "HEAD")

    def rules(self, login: str, text: str) -> str:
        return self.commit(login, {".aaroc.yml": f"sites:\n  ZA-UJ: {{team: {text}}}\n"})


@dataclass
class Desk:
    """The rules with everything that they stand on."""

    devops: Devops
    world: World
    repository: Repository
    acceptances: Acceptances
    rules: AcceptedRules
    database: Database

    async def refresh(self) -> None:
        await self.repository.refresh()

    async def told(self) -> list[tuple[str, str, str]]:
        async with self.database.read() as connection:
            rows = await connection.execute(
                select(audit.c.login, audit.c.site, audit.c.outcome).order_by(audit.c.id)
            )
            return [(row.login, row.site, row.outcome) for row in rows]


@pytest.fixture
def devops(tmp_path: Path) -> Devops:
    path = tmp_path / "devops"
    path.mkdir()
    devops = Devops(path)
    devops.git("init", "-q", "-b", "main")
    devops.commit("roc-expert", FIRST)
    return devops


class Clock:
    """A clock that moves on by more than a minute whenever it is read."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 8, 14, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=61)
        return self.now


@pytest.fixture
async def desk(devops: Devops, tmp_path: Path, sqlite_database: Database) -> AsyncIterator[Desk]:
    world = sample_world(TOKEN)
    clock = Clock()
    state = tmp_path / "state"
    state.mkdir()
    acceptances = Acceptances(sqlite_database)
    async with serving(world, devops.path / ".git") as url:
        api = Api(url, Auth.Token(TOKEN), seconds=20)
        commits = Commits(api, "AAROC/DevOps", clock)
        mirror = Mirror(str(devops.path), state)
        repository = Repository(mirror, Reader(state, lambda _: None), acceptances.sha)
        rules = AcceptedRules(repository, acceptances, commits.author_of, clock)
        yield Desk(devops, world, repository, acceptances, rules, sqlite_database)
        api.close()
