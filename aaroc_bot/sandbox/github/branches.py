"""The branches of the sandbox's repository, and what follows when one moves.

git does what it says in the bare repository, one writer at a time. What was pushed past
this server is noticed when it is asked next (`settle`).
"""

import asyncio
from collections.abc import Callable

from aaroc_bot.sandbox.github.bare import Bare
from aaroc_bot.sandbox.github.landing import commits_between
from aaroc_bot.sandbox.github.membership import Organisation
from aaroc_bot.sandbox.github.people import User
from aaroc_bot.sandbox.github.problem import Problem
from aaroc_bot.sandbox.github.pull import CheckRun, Protection, Pull, Status
from aaroc_bot.sandbox.github.shapes.pulls import full_pull
from aaroc_bot.sandbox.github.shapes.pushes import NOTHING, Push, push_body
from aaroc_bot.sandbox.github.shapes.repository import Allowed, repository_body
from aaroc_bot.sandbox.persons import ORG

LINT = "lint"
"""The sample's own check, which every head of a pull request passes."""
PUSHED: dict[str, object] = {
    "pushed_at": 1780000000, "created_at": 1393664400, "stargazers": 0, "master_branch": "main",
}  # fmt: skip
"""What a push tells of the repository otherwise than everything else: times are numbers."""


class Branches(Organisation):
    """Branches with what hangs on commits: pull requests by number, statuses by sha.

    `bare` is the repository once it is served; `heads` are its branches as last seen.
    `protected` are branches by GitHub's older protection (of what it asks beside reviews a
    ruleset tells, see `rule_of`), `ruled` by a ruleset alone; a listing of a tree is cut short
    after `most_entries`. `pushers` are who pushed a commit as the end of a branch, by sha: of
    what git alone brought nobody is known. `verified` are commits whose signature counts.
    Methods that git works for are called with `writing` held, unless they say that they
    take it themselves.
    """

    def __init__(self, org: str = ORG) -> None:
        """Begin with no pull request, and with the sample's protected branch."""
        super().__init__(org)
        self.pulls: dict[int, Pull] = {}
        self.next_pull = 1
        self.statuses: dict[str, list[Status]] = {}
        self.check_runs: dict[str, list[CheckRun]] = {}
        self.protected: dict[str, Protection] = {"main": Protection()}
        self.ruled: dict[str, Protection] = {}
        self.pushers: dict[str, int] = {}
        self.verified: set[str] = set()
        self.allowed = Allowed()
        self.most_entries: int | None = None
        self.heads: dict[str, str] | None = None
        self.default = "main"
        self.writing = asyncio.Lock()
        self._bare: Bare | None = None

    @property
    def bare(self) -> Bare:
        """The repository; it is there once the world is served."""
        assert self._bare is not None, "not served"
        return self._bare

    def serve_from(self, bare: Bare) -> None:
        """Take the repository to work on."""
        self._bare = bare

    def guard(self, branch: str) -> Protection | None:
        """Give what protects a branch; None if nothing does."""
        return self.protected.get(branch) or self.ruled.get(branch)

    def rule_of(self, branch: str) -> Protection | None:
        """Give what a ruleset asks of a branch."""
        older = self.protected.get(branch)
        return self.ruled.get(branch) or (older if older and older.last_push else None)

    def repository(self) -> dict[str, object]:
        """Shape the repository as a part of other things."""
        return repository_body(self.where, self.default, len(self.open_pulls()))

    def open_pulls(self) -> list[Pull]:
        """Give the pull requests that are open."""
        return [pull for pull in self.pulls.values() if pull.state == "open"]

    async def settle(self) -> None:
        """Take notice of every branch that moved since they were last looked at."""
        self.default = await self.bare.default_branch()
        now, before = await self.bare.branches(), self.heads
        self.heads = now
        if before is None:
            self.changed()
            return
        for branch in sorted(now.keys() | before.keys()):
            old, new = before.get(branch), now.get(branch)
            if old != new:
                await self._moved(branch, old, new, None)

    async def push(self, by: User, branch: str, new: str | None, *, force: bool = True) -> None:
        """Move a branch, make it, or with None delete it. Raises `Problem` as GitHub refuses."""
        await self.settle()
        old = (self.heads or {}).get(branch)
        if self.guard(branch) and old is not None:
            if new is None:
                raise Problem(422, "Cannot delete a protected branch")
            raise Problem(422, "Changes must be made through a pull request.")
        if old and new and not force and not await self.bare.is_ancestor(old, new):
            raise Problem(422, "Update is not a fast forward")
        if old != new:
            await self.move(by, branch, old, new)

    async def move(
        self,
        by: User,
        branch: str,
        old: str | None,
        new: str | None,
        *,
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        """Move a branch whatever protects it; `moved` is called, then follows what follows."""
        ref = f"refs/heads/{branch}"
        done = (
            await self.bare.git("update-ref", ref, new, old or NOTHING)
            if new
            else await self.bare.git("update-ref", "-d", ref, old or "")
        )
        if done is None:
            raise Problem(422, "Reference cannot be updated")
        heads = self.heads = dict(self.heads or {})
        heads.pop(branch, None)
        if new:
            heads[branch] = new
            self.pushers[new] = by.id
        moved()
        await self._moved(branch, old, new, by)

    def status(
        self,
        by: User,
        sha: str,
        context: str,
        state: str,
        *,
        description: str | None = None,
        target_url: str | None = None,
    ) -> Status:
        """Set a commit's status."""
        made = Status(self.new_id(), context, state, description, target_url, by.id, self.now())
        self.statuses.setdefault(sha, []).append(made)
        self.changed()
        return made

    async def take_stock(self, pull: Pull, base: str) -> None:
        """Note what a pull request brings to its base branch, and keep its head from being lost."""
        await self.bare.must("update-ref", f"refs/pull/{pull.number}/head", pull.head)
        pull.base_sha = base
        pull.commits = len(await commits_between(self.bare, base, pull.head))
        text = await self.bare.git("diff", "--numstat", f"{base}...{pull.head}", "--") or ""
        rows = [line.split("\t") for line in text.splitlines()]
        pull.changed_files = len(rows)
        pull.additions = sum(int(row[0]) for row in rows if row[0].isdecimal())
        pull.deletions = sum(int(row[1]) for row in rows if row[1].isdecimal())
        if not any(one.context == LINT for one in self.statuses.get(pull.head, ())):
            self.status(self.bot, pull.head, LINT, "success", description="No findings")

    def tell_of_pull(self, action: str, pull: Pull, by: User | None, **more: object) -> None:
        """Tell who listens that something became of a pull request."""
        repository = self.repository()
        body = full_pull(self.where, pull, self.who, repository, "unknown")
        payload = {"action": action, "number": pull.number, "pull_request": body}
        self.tell("pull_request", by, {**payload, "repository": repository, **more})

    async def _moved(self, branch: str, old: str | None, new: str | None, by: User | None) -> None:
        await self._tell_of_push(branch, old, new, by)
        for pull in self.open_pulls():
            if pull.branch == branch:
                await self._follow(pull, new, by)
            elif pull.base == branch and new and await self.bare.is_ancestor(pull.head, new):
                self.mark_merged(pull, new, [new], by or self.bot)

    async def _follow(self, pull: Pull, new: str | None, by: User | None) -> None:
        pull.updated = self.now()
        if new is None:
            pull.state, pull.closed = "closed", self.now()
            self.tell_of_pull("closed", pull, by)
            return
        before, pull.head = pull.head, new
        await self.take_stock(pull, (self.heads or {}).get(pull.base, pull.base_sha))
        self.tell_of_pull("synchronize", pull, by, before=before, after=new)

    def mark_merged(self, pull: Pull, commit: str, landed: list[str], by: User) -> None:
        """Note that a pull request is on its base branch."""
        now = self.now()
        pull.state, pull.closed, pull.updated, pull.merged = "closed", now, now, now
        pull.merged_by, pull.merge_commit, pull.landed = by.id, commit, landed
        self.tell_of_pull("closed", pull, by)

    async def _tell_of_push(
        self, branch: str, old: str | None, new: str | None, by: User | None
    ) -> None:
        if not self.listeners:
            self.changed()
            return
        brought = await commits_between(self.bare, old, new) if old and new else []
        head = await self.bare.commit(new) if new else None
        forced = bool(old and new and not await self.bare.is_ancestor(old, new))
        body = push_body(
            self.where,
            Push(f"refs/heads/{branch}", old, new, brought, head, forced),
            by or self.bot,
        )
        self.tell("push", by, {**body, "repository": {**self.repository(), **PUSHED}})
