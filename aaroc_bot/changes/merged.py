"""What is to be told of a merge: who did it, and what it touched."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import select

from aaroc_bot.changes.telling import Merge
from aaroc_bot.changes.touched import Comparing, Touched, first_parent, touched
from aaroc_bot.core.audit import What
from aaroc_bot.core.pulls import PullRequest
from aaroc_bot.core.rights import Person
from aaroc_bot.repo.repository import Repository
from aaroc_bot.store import changes
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import audit

COMMITS = 50
"""Commits that one pull request is followed back for where it was rebased onto the branch."""


class Named(Protocol):
    """The bot on GitHub."""

    @property
    def name(self) -> str:
        """Give its login."""
        ...


class Merging(Protocol):
    """What is needed of GitHub's pull requests."""

    async def default_branch(self) -> str:
        """Give the default branch's name."""
        ...

    async def pulls_of(self, sha: str) -> Sequence[int]:
        """Give the pull requests that brought a commit."""
        ...

    async def bot(self) -> Named:
        """Say who the bot is."""
        ...


class Merges:
    """Finds out about merges, from GitHub, the mirror and the record."""

    def __init__(
        self, database: Database, pulls: Merging, repository: Repository, drafter: Comparing
    ) -> None:
        """Ask these."""
        self._database = database
        self._pulls = pulls
        self._repository = repository
        self._drafter = drafter

    async def of(self, pull: PullRequest, since: datetime) -> Merge | None:
        """Say what is to be told of a merged pull request; None if it is not merged.

        `since` is GitHub's moment of the first look: what was merged before is no news. A merge
        that the mirror cannot be brought to have yet comes without what it touched. Raises
        `Unavailable`.
        """
        if pull.merge_commit is None or pull.merged_at is None:
            return None
        if pull.merged_at < since or pull.base != await self._pulls.default_branch():
            return Merge(pull.merge_commit, pull.merged_by, None, quiet=True)
        what = await self._touched(pull.number, pull.merge_commit)
        sites = what.sites if what else ()
        return Merge(pull.merge_commit, await self._by(pull, sites), what)

    async def _touched(self, number: int, commit: str) -> Touched | None:
        mirror = self._repository.mirror
        if not await mirror.contains(commit):
            await self._repository.refresh()
            if not await mirror.contains(commit):
                return None
        before = await first_parent(mirror, commit)
        for _ in range(COMMITS):
            if before is None or number not in await self._pulls.pulls_of(before):
                break
            before = await first_parent(mirror, before)
        if before is None:
            return Touched()
        return await touched(mirror, self._drafter, before, commit)

    async def _by(self, pull: PullRequest, sites: Collection[str]) -> Person | None:
        """Name who merged: where GitHub says it was the bot, the person on whose word it did."""
        by = pull.merged_by
        if by is not None and by.login.lower() != (await self._pulls.bot()).name.lower():
            return by
        return await who_asked(self._database, pull, sites) or by


async def who_asked(database: Database, pull: PullRequest, sites: Collection[str]) -> Person | None:
    """Find on record at whose word the bot began to merge this very head."""
    async with database.read() as connection:
        change = await changes.of_number(connection, pull.number)
        where = {"", *sites} | ({change.site} if change else set())
        began = f"merge of #{pull.number} at {pull.head} begins"
        query = (
            select(audit.c.person, audit.c.login)
            .where(audit.c.site.in_(where), audit.c.what == What.CHANGE.value)  # as its index
            .where(audit.c.outcome == began, audit.c.person.is_not(None))
            .order_by(audit.c.id.desc())
            .limit(1)
        )
        row = (await connection.execute(query)).first()
    return None if row is None else Person(row.person, row.login)
