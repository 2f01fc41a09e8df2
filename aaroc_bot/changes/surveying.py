"""Reading a pull request: what it changes, who wrote and reviewed it, and what counts of that."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aaroc_bot.changes.owning import Owning
from aaroc_bot.changes.together import together
from aaroc_bot.core.changes import Change, ChangeState, Draft
from aaroc_bot.core.merge import MergeFacts, beyond, who_wrote
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

BRANCHES = "aaroc/"
"""What the names of the bot's own branches begin with."""

COUNTING = {ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED}


@dataclass(frozen=True, slots=True)
class Trees:
    """What a pull request changes: from the commit `base`, where it left, to its head.

    `onto` is the default branch now, `merged` that with the pull request in it: what it does
    is the difference of these. Of one that ended or conflicts they are `base` and the head.
    """

    base: str
    paths: tuple[str, ...]
    onto: str
    merged: RemoteTree


@dataclass(frozen=True, slots=True)
class Survey:
    """A pull request as it was read at one moment.

    `leftover`: the bot made it, or its branch, and it is no Change that is open. `trees` is None where they could not be read, for the reason `unread`. `commits` None:
    GitHub did not tell them.
    """

    pull: PullRequest
    change: Change | None
    reviews: tuple[Review, ...]
    commits: tuple[Written, ...] | None
    trees: Trees | None
    unread: str = ""
    leftover: bool = False

    @property
    def ours(self) -> bool:
        """Whether its head is a commit that the bot made for the Change that it is."""
        return self.change is not None and self.change.made == self.pull.head

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
        leftover = await self._leftover(pull, change)
        try:
            trees, unread = await self._trees(pull), ""
        except _Unread as problem:
            trees, unread = None, str(problem)
        return Survey(pull, change, reviews, commits, trees, unread, leftover)

    async def draft(self, survey: Survey) -> tuple[Draft | None, str]:
        """Say what it does to the default branch as that is now, or why it cannot be told."""
        trees = survey.trees
        if trees is None:
            return None, survey.unread
        try:
            return await self.drafter.compare(trees.onto, trees.merged), ""
        except Refused as no:
            return None, f"GitHub does not show a file of it: {no.message}"
        except Unavailable as problem:
            return None, f"{problem.what} does not answer"

    async def facts(self, survey: Survey, draft: Draft | None, *, now: bool) -> MergeFacts:
        """Put together what counts; `now` asks GitHub anew about everybody concerned.

        `draft` is what it does; of what is the bot's own alone that was judged before.
        """
        pull, trees = survey.pull, survey.trees
        branch = await self.pulls.default_branch()
        paths = trees.paths if trees else None
        protection = await self._protection(branch)
        authors, vouched = survey.wrote
        shared, sites = await self._shared(paths or ())
        change = survey.change
        return MergeFacts(
            pull=pull,
            default_branch=branch,
            protected=protection.protected,
            last_push=protection.last_push,
            asked=survey.asked,
            bounded=change is not None and change.bounded,
            authors=authors,
            vouched=vouched,
            paths=paths,
            shared=shared,
            owners=await self.owning.of(paths or (), now=now),
            reviews=survey.reviews,
            standings=await self._standings(survey.reviews, now),
            reviewers=tuple(await self.people.experts() or ()),
            unread=survey.unread,
            asker=await self.people.of_person(change.asked.by, now=now) if change else None,
            leftover=survey.leftover,
            beyond="" if survey.ours else beyond(draft, sites),
            secrets=draft.secrets if draft and not survey.ours else (),
        )

    async def _leftover(self, pull: PullRequest, change: Change | None) -> bool:
        if change is not None and change.state is ChangeState.OPEN:
            return False
        bot = (await self.pulls.bot()).name.casefold()
        opened = pull.author is not None and pull.author.login.casefold() == bot
        return opened or change is not None or pull.branch.startswith(BRANCHES)

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

    async def _shared(self, paths: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
        """Give those of the paths that are not one and the same site's own, and whose they are."""
        own = await self.drafter.own((await self.repository.newest()).sha)
        sites = {own[path] for path in paths if path in own}
        shared = tuple(path for path in paths if path not in own or len(sites) > 1)
        return shared, frozenset(sites)

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
        changed = tuple(sorted(path for path in paths if _id(before, path) != _id(after, path)))
        newest = await self._newest(pull)
        if newest is None or newest == base:
            return Trees(base, changed, base, after)
        mirror = self.repository.mirror
        try:
            now = await mirror.tree(newest)
            merged = await together(before, now, after, mirror.git, self.pulls.blob)
        except Refused as problem:
            raise _Unread(f"GitHub does not show it: {problem.message}") from problem
        if merged is None:
            return Trees(base, changed, base, after)
        return Trees(base, changed, newest, merged)

    async def _newest(self, pull: PullRequest) -> str | None:
        """Give the commit that it would be merged into; None where that is not the mirror's."""
        if pull.state is not PullState.OPEN or pull.base != await self.pulls.default_branch():
            return None
        return (await self.repository.newest()).sha

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
