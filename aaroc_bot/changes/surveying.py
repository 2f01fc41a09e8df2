"""Reading a pull request: what it changes, who wrote and reviewed it, and what counts of that."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aaroc_bot.changes.owning import Owning
from aaroc_bot.core.changes import Change
from aaroc_bot.core.merge import MergeFacts, who_wrote
from aaroc_bot.core.ports import People, Unavailable
from aaroc_bot.core.pulls import (
    PullRequest,
    PullState,
    Review,
    ReviewState,
    Written,
    last_words,
)
from aaroc_bot.core.rights import Person, Standing
from aaroc_bot.github.api import Refused
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.github.repository import Protection
from aaroc_bot.repo.drafting import Drafter, RemoteTree
from aaroc_bot.repo.mirror import CommitTree
from aaroc_bot.repo.repository import Repository
from aaroc_bot.repo.tree import Kind, Node
from aaroc_bot.store import changes
from aaroc_bot.store.database import Database

COUNTING = {ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED}


@dataclass(frozen=True, slots=True)
class Trees:
    """What a pull request changes: from the commit `base`, where it left, to its head."""

    base: str
    after: RemoteTree
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """A pull request as it was read at one moment.

    `trees` is None where they could not be read, for the reason `unread`. `commits` None:
    GitHub did not tell them.
    """

    pull: PullRequest
    change: Change | None
    reviews: tuple[Review, ...]
    commits: tuple[Written, ...] | None
    trees: Trees | None
    unread: str = ""

    @property
    def asked(self) -> Person | None:
        """Who asked for it: of people's own pull requests, who opened it."""
        return self.change.asked.by if self.change else self.pull.author

    @property
    def wrote(self) -> tuple[tuple[Person | None, ...] | None, bool]:
        """Who wrote its commits (None: not told), and whether that is certain."""
        if self.commits is None:
            return None, False
        return who_wrote(self.commits, self.pull.head, self.change)


class _Unread(Exception):
    """A tree that cannot be read; the text is why, for people."""


@dataclass(frozen=True, slots=True)
class Surveyor:
    """Reads pull requests. Raises `Unavailable` where GitHub does not answer at all."""

    database: Database
    pulls: Pulls
    drafter: Drafter
    repository: Repository
    owning: Owning
    people: People

    async def survey(self, number: int) -> Survey | None:
        """Read a pull request now; None if there is none of this number."""
        pull = await self.pulls.read(number)
        if pull is None:
            return None
        async with self.database.read() as connection:
            change = await changes.of_number(connection, number)
        reviews, commits = await asyncio.gather(self.pulls.reviews(number), self._commits(number))
        try:
            return Survey(pull, change, reviews, commits, await self._trees(pull))
        except _Unread as problem:
            return Survey(pull, change, reviews, commits, None, str(problem))

    async def facts(self, survey: Survey, *, now: bool) -> MergeFacts:
        """Put together what counts; `now` asks GitHub anew about everybody concerned."""
        pull, trees = survey.pull, survey.trees
        branch = await self.pulls.default_branch()
        paths = trees.paths if trees else None
        protection = await self._protection(branch)
        authors, vouched = survey.wrote
        return MergeFacts(
            pull=pull,
            default_branch=branch,
            protected=protection.protected,
            last_push=protection.last_push,
            asked=survey.asked,
            bounded=survey.change is not None and survey.change.bounded,
            authors=authors,
            vouched=vouched,
            paths=paths,
            shared=await self._shared(paths or ()),
            owners=await self.owning.of(paths or (), now=now),
            reviews=survey.reviews,
            standings=await self._standings(survey.reviews, now),
            reviewers=tuple(await self.people.experts() or ()),
            unread=survey.unread,
        )

    async def _commits(self, number: int) -> tuple[Written, ...] | None:
        try:
            return await self.pulls.written(number)
        except Refused:
            return None

    async def _protection(self, branch: str) -> Protection:
        try:
            return await self.pulls.protection(branch)
        except Refused:
            return Protection(None, None)

    async def _standings(self, reviews: tuple[Review, ...], now: bool) -> Mapping[int, Standing]:
        people = [word.by for word in last_words(reviews) if word.state in COUNTING]
        told = await asyncio.gather(*(self.people.of_person(one, now=now) for one in people))
        return {person.id: standing for person, standing in zip(people, told, strict=True)}

    async def _shared(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        """Give those of the paths that are not one and the same site's own files."""
        own = await self.drafter.own((await self.repository.newest()).sha)
        sites = {own[path] for path in paths if path in own}
        return tuple(path for path in paths if path not in own or len(sites) > 1)

    async def _trees(self, pull: PullRequest) -> Trees:
        """Compare where a pull request left its base with its head. Raises `_Unread`.

        An ended one is compared with what its base was then.
        """
        onto = pull.base if pull.state is PullState.OPEN else pull.base_sha
        try:
            base = await self.pulls.merge_base(onto, pull.head)
            before = await self._before(base)
            files = await self.pulls.tree(pull.head)
            nodes = {path: Node(Kind(mode), id, size) for path, mode, id, size in files}
        except Refused as problem:
            raise _Unread(f"GitHub does not show it: {problem.message}") from problem
        except ValueError as problem:
            raise _Unread("its tree has a file of a kind that there is not") from problem
        after = RemoteTree(nodes, self.repository.mirror.git, self.pulls.blob)
        paths = before.nodes.keys() | nodes.keys()
        changed = (path for path in paths if _id(before, path) != _id(after, path))
        return Trees(base, after, tuple(sorted(changed)))

    async def _before(self, sha: str) -> CommitTree:
        mirror = self.repository.mirror
        try:
            return await mirror.tree(sha)
        except Unavailable:
            await mirror.refresh()
        try:
            return await mirror.tree(sha)
        except Unavailable as problem:
            raise _Unread(f"{sha[:7]}, where it begins, is not in the mirror") from problem


def _id(tree: CommitTree | RemoteTree, path: str) -> tuple[Kind, str] | None:
    node = tree.nodes.get(path)
    return (node.kind, node.id) if node else None
