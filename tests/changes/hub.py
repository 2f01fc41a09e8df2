"""GitHub's side of Changes over a real git repository, in this process: every call can fail.

It fills what `aaroc_bot.github.pulls.Pulls` does; the real one plays against the sandbox's
GitHub in `test_on_github.py`.
"""

import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.pulls import Check, PullRequest, PullState, Review, Written
from aaroc_bot.core.rights import Person
from aaroc_bot.github.faults import Refused
from aaroc_bot.github.objects import Bot
from aaroc_bot.github.repository import Protection

AT = datetime(2026, 6, 8, 14, 0, tzinfo=UTC)
BOT = Bot("aaroc", "1+aaroc@users.noreply.github.com")
NO_REPLY = "users.noreply.github.com"


@dataclass
class Hub:
    """Pull requests in memory, commits and branches in git."""

    path: Path
    refuses: dict[str, Refused] = field(default_factory=dict)
    guarded: bool | None = True
    last_push: bool | None = True
    signed: set[str] = field(default_factory=set)
    """Commits that GitHub verified."""
    given: dict[int, list[Review]] = field(default_factory=dict)
    opened: dict[int, PullRequest] = field(default_factory=dict)
    bodies: dict[int, str] = field(default_factory=dict)
    flat: bool = False
    """Whether the repository merges by rebase alone."""
    unknown: bool = False
    """Whether GitHub does not know who wrote the commits."""

    def git(
        self, *arguments: str, input: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> str:
        return self.raw(*arguments, input=input, env=env).decode().strip()

    def raw(
        self, *arguments: str, input: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> bytes:
        done = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            input=input, capture_output=True, check=True,
            env={"PATH": "/usr/bin:/bin", **(env or {})},
        )  # fmt: skip
        return done.stdout

    def _may(self, call: str) -> None:
        if call in self.refuses:
            raise self.refuses[call]

    async def default_branch(self) -> str:
        return "main"

    async def protection(self, branch: str) -> Protection:
        return Protection(self.guarded, self.last_push)

    async def bot(self) -> Bot:
        return BOT

    async def open(self) -> Sequence[PullRequest]:
        return [self._now(p) for p in self.opened.values() if p.state is PullState.OPEN]

    async def read(self, number: int) -> PullRequest | None:
        return self._now(self.opened[number]) if number in self.opened else None

    async def reviews(self, number: int) -> tuple[Review, ...]:
        return tuple(self.given.get(number, ()))

    async def written(self, number: int) -> tuple[Written, ...]:
        pull = self._now(self.opened[number])
        base = await self.merge_base("main", pull.head)
        told = self.git("log", "--format=%H %ae %ce", f"{base}..{pull.head}").splitlines()
        rows = [line.split() for line in told]
        return tuple(Written(sha, self._people(mails), sha in self.signed) for sha, *mails in rows)

    def _people(self, mails: list[str]) -> tuple[Person | None, ...]:
        found = {_person(mail) for mail in mails if mail != BOT.mail}
        return (*found, None) if self.unknown else tuple(found)

    async def checks(self, sha: str) -> tuple[Check, ...] | None:
        return ()

    async def merge_base(self, base: str, head: str) -> str:
        try:
            return self.git("merge-base", base, head)
        except subprocess.CalledProcessError as nothing:
            raise Refused(404, "Not Found") from nothing

    async def tree(self, sha: str) -> Sequence[tuple[str, str, str, int]]:
        self._may("tree")
        found = []
        for line in filter(None, self.git("ls-tree", "-rzl", sha).split("\0")):
            about, _, path = line.partition("\t")
            mode, _, id, size = about.split()
            found.append((path, mode, id, int(size)))
        return found

    async def blob(self, id: str) -> bytes:
        self._may("blob")
        return self.raw("cat-file", "blob", id)

    async def commit(  # noqa: PLR0917 - as the real one
        self,
        base: str,
        contents: Mapping[str, bytes | None],
        message: str,
        author: Person,
        at: datetime,
        by: Bot,
        *,
        onto: str | None = None,
    ) -> str:
        self._may("commit")
        index = {"GIT_INDEX_FILE": str(self.path / ".git" / f"index.{id(contents)}")}
        self.git("read-tree", base, env=index)
        for path, content in contents.items():
            if content is None:
                self.git("update-index", "--force-remove", path, env=index)
            else:
                blob = self.git("hash-object", "-w", "--stdin", input=content)
                self.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=index)
        tree = self.git("write-tree", env=index)
        date = at.isoformat(timespec="seconds")
        who = {
            "GIT_AUTHOR_NAME": author.login,
            "GIT_AUTHOR_EMAIL": f"{author.id}+{author.login}@{NO_REPLY}",
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": by.name,
            "GIT_COMMITTER_EMAIL": by.mail,
            "GIT_COMMITTER_DATE": date,
        }
        parents = [word for one in (onto, base) if one for word in ("-p", one)]
        return self.git("commit-tree", tree, *parents, input=message.encode(), env=who)

    async def branch(self, name: str) -> str | None:
        found = self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{name}")
        return found or None

    async def begin(self, name: str, sha: str) -> None:
        self._may("begin")
        if await self.branch(name) is not None:
            raise Refused(422, "Reference already exists")
        self.git("update-ref", f"refs/heads/{name}", sha)

    async def move(self, name: str, sha: str, *, force: bool = True) -> None:
        self._may("move")
        if not force and self.git("merge-base", name, sha) != self.git("rev-parse", name):
            raise Refused(422, "Update is not a fast forward")
        self.git("update-ref", f"refs/heads/{name}", sha)

    async def rebases(self) -> bool:
        return self.flat

    async def propose(
        self, title: str, body: str, branch: str, base: str, *, draft: bool = False
    ) -> PullRequest:
        self._may("propose draft" if draft else "propose")
        if await self.of_branch(branch) is not None:
            raise Refused(422, "Validation Failed", ("A pull request already exists",))
        return self.pull(title, branch, Person(1, "aaroc"), draft=draft, body=body)

    def pull(
        self, title: str, branch: str, author: Person, *, draft: bool = False, body: str = ""
    ) -> PullRequest:
        """Open one as anybody."""
        number = 50 + len(self.opened) + 1
        head, base = self.git("rev-parse", branch), self.git("rev-parse", "main")
        self.opened[number] = PullRequest(
            number, title, f"https://x/{number}", PullState.OPEN, draft, author, head, branch,
            "main", base, AT,
        )  # fmt: skip
        self.bodies[number] = body
        return self.opened[number]

    async def of_branch(self, branch: str) -> PullRequest | None:
        self._may("of_branch")
        found = [p for p in self.opened.values() if p.branch == branch]
        return self._now(found[-1]) if found else None

    async def merge(self, number: int, head: str, title: str) -> str:
        self._may("merge")
        pull = self._now(self.opened[number])
        if pull.head != head:
            raise Refused(409, "Head branch was modified. Review and try the merge again.")
        if pull.state is not PullState.OPEN or not pull.mergeable:
            raise Refused(405, "Pull Request is not mergeable")
        tree = self.git("merge-tree", "--write-tree", "main", head)
        who = {f"GIT_{one}_{what}": "aaroc@x" for one in ("AUTHOR", "COMMITTER")
               for what in ("NAME", "EMAIL")}  # fmt: skip
        parents = ["-p", self.git("rev-parse", "main"), "-p", head]
        commit = self.git("commit-tree", tree, *parents, input=title.encode(), env=who)
        self.git("update-ref", "refs/heads/main", commit)
        self.end(number, PullState.MERGED, commit)
        return commit

    async def close(self, number: int) -> None:
        self._may("close")
        self.end(number, PullState.CLOSED)

    def end(self, number: int, state: PullState, commit: str | None = None) -> None:
        pull = self._now(self.opened[number])
        self.opened[number] = replace(pull, state=state, merge_commit=commit)

    def _now(self, pull: PullRequest) -> PullRequest:
        if pull.state is not PullState.OPEN:
            return pull
        head = self.git("rev-parse", pull.branch)
        tried = ["git", "-C", str(self.path), "merge-tree", "--write-tree", "main", head]
        clean = subprocess.run(tried, capture_output=True, check=False).returncode == 0
        return replace(pull, head=head, mergeable=clean)


@dataclass
class Flaky:
    """Passes calls on to a hub, but for one that falls: before it is done, or after."""

    hub: Hub
    falls_at: int
    after: bool
    fault: Callable[[], BaseException] = lambda: Unavailable("GitHub")
    calls: int = 0

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        real = getattr(self.hub, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls != self.falls_at:
                return await real(*arguments, **named)
            if self.after:
                await real(*arguments, **named)
            raise self.fault()

        return call

    @property
    def fell(self) -> bool:
        return self.calls >= self.falls_at


def _person(mail: str) -> Person | None:
    id, plus, rest = mail.partition("+")
    return Person(int(id), rest.partition("@")[0]) if plus else None
