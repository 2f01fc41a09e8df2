"""Changes with everything that they stand on: a repository, GitHub's people, the real drafter."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from github import Auth
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.changes.book import ChangeBook
from aaroc_bot.changes.moves import ChangeMoves
from aaroc_bot.core.changes import Change, SetVariables
from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.pulls import Review, ReviewState
from aaroc_bot.core.redaction import Redactor
from aaroc_bot.core.rights import Person, Standing
from aaroc_bot.core.run import Asked, State
from aaroc_bot.github.api import Api
from aaroc_bot.github.directory import Directory
from aaroc_bot.github.people import GitHubPeople
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.github.roster import Roster
from aaroc_bot.repo.drafting import Drafter
from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.repository import Repository
from aaroc_bot.sandbox.github.server import serving
from aaroc_bot.sandbox.github.world import World, sample_world
from aaroc_bot.store import frozen
from aaroc_bot.store.acceptances import Acceptances
from aaroc_bot.store.database import Database
from aaroc_bot.store.github_answers import GitHubAnswers
from aaroc_bot.store.links import Links
from aaroc_bot.store.tables import audit, runs
from aaroc_bot.store.teams import TeamIds
from tests.changes.conftest import TOKEN, Devops, person
from tests.changes.hub import Hub
from tests.changes.quick import FILE, QuickDrafter, QuickRepository

__all__ = ["FILE"]

UJ, EXPERT, SECOND, KENET = map(person, ("uj-admin", "roc-expert", "roc-second", "kenet-admin"))
AT = datetime(2026, 6, 8, 14, 0, tzinfo=UTC)
KNOWN_SECRET = "hunter2hunter2"
FILES = {
    "Ansible/inventories/inventory.za-uj": "[site-bdiis]\nbdii1.uj.example\n\n"
    "[za-uj:children]\nsite-bdiis\n",
    "Ansible/inventories/inventory.ke-nairobi": "[site-bdiis]\nbdii1.kenet.example\n\n"
    "[ke-nairobi:children]\nsite-bdiis\n",
    FILE: "site_name: ZA-UJ\nbdii_port: 2170\ncontact: ops\n"
    + "".join(f"option_{n}: {n}\n" for n in range(12)),
    "Ansible/group_vars/ke-nairobi.yml": "site_name: KE-NAIROBI\n",
    "Ansible/group_vars/all.yml": "shared: 1\n",
    ".aaroc.yml": "sites:\n  ZA-UJ: {team: za-uj}\n",
    "CODEOWNERS": f"/{FILE} @AAROC/za-uj @kenet-admin\n",
}


class Cards:
    """An outbox that notes what is to be shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []
        self.rung: list[str] = []
        self.woken = 0

    async def bump(self, connection: AsyncConnection, card: str, subject: str) -> None:
        self.shown.append((card, subject))

    async def notice(
        self,
        connection: AsyncConnection,
        card: str,
        subject: str,
        data: Mapping[str, Any],
        *,
        under: tuple[str, str] | None = None,
    ) -> None:
        assert under == ("change", subject)
        self.rung.append(card)

    def wake(self) -> None:
        self.woken += 1


@dataclass
class Bench:
    devops: Devops
    world: World
    hub: Hub
    database: Database
    repository: Repository
    drafter: Drafter
    moves: ChangeMoves
    people: GitHubPeople
    directory: Directory
    api: Api
    cards: Cards
    seen: list[int] = field(default_factory=list)

    def book(self, pulls: object | None = None) -> ChangeBook:
        """A book over this bench; each is as one process after the fall of another."""

        async def seen(number: int) -> None:
            self.seen.append(number)

        return ChangeBook(
            database=self.database,
            drafter=self.drafter,
            pulls=cast(Pulls, pulls or self.hub),
            repository=self.repository,
            people=self.people,
            directory=self.directory,
            moves=self.moves,
            seen=seen,
        )

    async def by(self, who: Person) -> Standing:
        standing = await self.people.of_person(who)
        return replace(standing, account=Account("web", "", who.login))

    async def proposed(  # noqa: PLR0917 - as short in tests as can be
        self, values: Mapping[str, str], who: Person = UJ, reason: str = "", event: str = "",
        pulls: object | None = None, book: ChangeBook | None = None, **more: Any,
    ) -> Any:  # fmt: skip
        wish = SetVariables("ZA-UJ", tuple(values.items()))
        by = replace(await self.by(who), **more)
        return await (book or self.book(pulls)).propose(wish, by, asked(who, event), reason)

    async def opened(self, values: Mapping[str, str], who: Person = UJ) -> Change:
        change = await self.proposed(values, who)
        assert isinstance(change, Change) and change.number is not None
        return change

    def review(
        self, number: int, who: Person = EXPERT, state: ReviewState = ReviewState.APPROVED
    ) -> None:
        given = self.hub.given.setdefault(number, [])
        head = self.hub.git("rev-parse", self.hub.opened[number].branch)
        given.append(Review(who, state, head, AT.replace(second=len(given))))

    async def told(self) -> list[tuple[str, str, str]]:
        """Login, text and outcome of each event, oldest first."""
        async with self.database.read() as connection:
            rows = await connection.execute(select(audit).order_by(audit.c.id))
            return [(row.login, row.text, row.outcome) for row in rows]

    async def deployed(self, revision: str) -> None:
        """Keep a deployment of ZA-UJ that succeeded at a revision."""
        async with self.database.write() as connection:
            await connection.execute(insert(runs).values(**a_deployment(revision)))

    async def freeze(self, who: Person) -> None:
        async with self.database.write() as connection:
            await frozen.freeze(connection, who, "roc-expert", AT)

    def content(self, path: str = FILE, at: str = "main") -> str:
        return self.hub.git("show", f"{at}:{path}") + "\n"


def asked(who: Person, event: str = "") -> Asked:
    return Asked(who, Account("web", "", who.login), Place("web", "roc"), AT, event=event)


@asynccontextmanager
async def bench(
    devops: Devops, state: Path, database: Database, *, real: bool = False
) -> AsyncIterator[Bench]:
    """Put it together; the world's people are asked over HTTP.

    `real` reads the repository, and drafts, as the bot does.
    """
    world = sample_world(TOKEN)
    devops.commit("roc-expert", FILES)
    state.mkdir()
    links, answers = Links(database), GitHubAnswers(database)
    async with serving(world, devops.path / ".git") as url:
        api = Api(url, Auth.Token(TOKEN), seconds=20)
        mirror = Mirror(str(devops.path), state)
        sha = Acceptances(database).sha
        kind = Repository if real else QuickRepository
        repository = kind(mirror, Reader(state, lambda _: None), sha)

        async def teams() -> Mapping[str, str | None]:
            return {site.name: site.team for site in await repository.all()}

        directory = Directory(api, "AAROC", lambda: datetime.now(UTC), TeamIds(database), answers)
        roster = Roster(directory, experts_team="experts", sites_team="sites", site_teams=teams)
        people = GitHubPeople(
            directory, roster, links, lambda: datetime.now(UTC), org="AAROC", bounded=False
        )
        outsiders = Reader(state, lambda _: None)
        drafter = Drafter(repository, outsiders, Redactor([KNOWN_SECRET]).text)
        if not real:
            drafter = cast(Drafter, QuickDrafter(repository))
        cards = Cards()
        yield Bench(
            devops=devops,
            world=world,
            hub=Hub(devops.path),
            database=database,
            repository=repository,
            drafter=drafter,
            moves=ChangeMoves(cards, Redactor([KNOWN_SECRET]).text, lambda: AT),
            people=people,
            directory=directory,
            api=api,
            cards=cards,
        )
        await answers.settle()
        api.close()


def a_deployment(revision: str, **more: object) -> dict[str, object]:
    """The row of a run that succeeded, with the columns that must be there."""
    texts = dict.fromkeys(
        ["word", "subject", "entry", "given", "parameters", "revision_subject", "revision_author",
         "asked_login", "asked_account", "asked_place", "reason"],
        "",
    )  # fmt: skip
    values = {
        "verb": "deploy", "changes": True, "plan_only": False, "site": "ZA-UJ", "holds": "[]",
        "revision": revision, "revision_at": AT, "asked_by": 1, "asked_at": AT, "needed": 1,
        "state": State.SUCCEEDED.value, "changed_at": AT, "attempt": 1,
    }  # fmt: skip
    return texts | values | more
