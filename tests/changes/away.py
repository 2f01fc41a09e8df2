"""The bot's parts that alter something on GitHub, over one connection, while GitHub fails."""

import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from aaroc_bot.changes.book import ChangeBook
from aaroc_bot.changes.watching import Watcher
from aaroc_bot.core.changes import Change
from aaroc_bot.core.message import Incoming, Place
from aaroc_bot.core.pulls import PullRequest
from aaroc_bot.github.invitations import Invitations
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.github.roster import Roster
from aaroc_bot.joining.asking import OrganisationJoining
from aaroc_bot.joining.following import Following
from aaroc_bot.joining.sending import Sending
from aaroc_bot.joining.steps import Steps
from aaroc_bot.outbox import Outbox
from aaroc_bot.sandbox.github.tokens import Right, Token
from aaroc_bot.sandbox.github.world import World
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import pulls
from tests.changes.bench import SECOND, Bench, bench
from tests.changes.conftest import TOKEN, Devops


def now() -> datetime:
    return datetime.now(UTC)


class CountedPulls(Pulls):
    """Counts looks: `looked`."""

    looked = 0

    async def newest(self, limit: int = 50) -> Sequence[PullRequest]:
        self.looked += 1
        return await super().newest(limit)


@dataclass
class Desk:
    """Everything together."""

    b: Bench
    pulls: CountedPulls
    box: Outbox

    @property
    def world(self) -> World:
        return self.b.world

    @property
    def book(self) -> ChangeBook:
        return self.b.book(self.pulls)

    @property
    def looked(self) -> int:
        """How often the watcher looked for pull requests, whatever came of it."""
        return self.pulls.looked

    def hurry(self) -> None:
        """Wait for each of GitHub's answers for a second only."""
        self.b.api._line.seconds = 1
        self.b.api._line._own = threading.local()

    def may_only(self, *rights: Right) -> None:
        """Let the bot's own token be worth nothing but these rights."""
        self.world.token = "another"
        self.world.tokens[TOKEN] = Token(self.world.bot.id, frozenset(rights))

    def recovers(self) -> None:
        """Let GitHub be well again, and the window of its rate limit be over."""
        self.world.behave()
        self.b.api.again()
        self.b.api._line._limited_until = 0.0

    async def reviewed(self) -> int:
        """Open a pull request for uj-admin, and have an expert review it."""
        change = await self.b.proposed({"bdii_port": "2171"}, pulls=self.pulls)
        assert isinstance(change, Change) and change.number is not None
        reviewer = self.world.user(SECOND.login)
        assert reviewer is not None
        await self.world.review(change.number, reviewer, "APPROVE")
        return change.number

    def joining(self) -> tuple[OrganisationJoining, Following]:
        database, people = self.b.database, self.b.people

        async def teams() -> Mapping[str, str | None]:
            return {}

        roster = Roster(
            self.b.directory, experts_team="experts", sites_team="sites", site_teams=teams
        )
        invitations = Invitations(self.b.api, "AAROC")
        steps = Steps(self.box, now)
        sending = Sending(
            database, people=people, teams=roster, invitations=invitations, steps=steps
        )
        following = Following(
            database,
            people=people,
            sending=sending,
            invitations=invitations,
            steps=steps,
            clock=now,
            every=timedelta(seconds=60),
        )
        asking = OrganisationJoining(database, people=people, sending=sending, steps=steps)
        return asking, following

    def watcher(self) -> Watcher:
        async def hear(said: Incoming) -> None:
            raise AssertionError(said)

        return Watcher(
            database=self.b.database,
            pulls=self.pulls,
            repository=self.b.repository,
            drafter=self.b.drafter,
            moves=self.b.moves,
            box=self.box,
            hear=hear,
            people=self.b.people,
            redact=str,
            clock=now,
            every=timedelta(milliseconds=10),
        )

    async def noticed(self) -> int:
        """Count the pull requests that the watcher knows."""
        async with self.b.database.read() as connection:
            return await connection.scalar(select(func.count()).select_from(pulls)) or 0


@asynccontextmanager
async def a_desk(devops: Devops, folder: Path, database: Database) -> AsyncIterator[Desk]:
    """Put it together, with a GitHub that is well."""
    async with bench(devops, folder / "state", database) as b:
        yield Desk(b, CountedPulls(b.api, "AAROC/DevOps"), Outbox([Place("web", "roc")], now))
        b.world.behave()
