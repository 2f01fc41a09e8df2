"""The mirror: the DevOps repository's commits, read from a bare clone in the state folder.

There is no working tree, and `git archive` is not used (it obeys the tree's attributes).
While the repository does not answer, the last mirror goes on being served.
"""

import asyncio
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.sites import Revision
from aaroc_bot.repo.credential import Credential
from aaroc_bot.repo.git import Git, GitFault
from aaroc_bot.repo.tree import Kind, Node, readable

log = logging.getLogger(__name__)

NEWEST = "refs/aaroc/newest"
TREES = 4
"""Listings of commits that are kept in memory."""
SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
FORMAT = "--format=%H%x00%s%x00%an%x00%ct%x00"


@dataclass(frozen=True, slots=True)
class CommitTree:
    """The tree of one commit."""

    git: Git
    sha: str
    nodes: Mapping[str, Node]

    @classmethod
    async def listed(cls, git: Git, sha: str) -> "CommitTree":
        """List the tree of a commit that `git` has. Raises `GitFault`."""
        output = await git("ls-tree", "-r", "-z", "-l", "--full-tree", sha)
        return cls(git, sha, _nodes(output))

    async def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Read files through ``cat-file --batch``."""
        wanted = {path: self.nodes[path] for path in paths if readable(self.nodes.get(path))}
        return await self.contents(wanted)

    async def contents(self, wanted: Mapping[str, Node]) -> Mapping[str, bytes]:
        """Read these nodes, whatever their size. Raises `GitFault`."""
        if not wanted:
            return {}
        asked = "".join(f"{node.id}\n" for node in wanted.values()).encode()
        output = await self.git("cat-file", "--batch", input=asked)
        found: dict[str, bytes] = {}
        at = 0
        for path in wanted:
            end = output.index(b"\n", at)
            header = output[at:end].split()
            if len(header) != 3:
                raise GitFault(f"{path} is missing from the mirror")
            size = int(header[2])
            found[path] = output[end + 1 : end + 1 + size]
            at = end + 1 + size + 1
        return found


class Mirror:
    """A bare clone of the repository's default branch."""

    def __init__(self, repository: str, state: Path, credential: Credential | None = None) -> None:
        """Mirror `repository` (a path or URL that the operator named) under `state`.

        `credential` is the bot's for a repository that is not public.
        """
        local = "://" not in repository and not re.match(r"[\w.-]+@?[\w.-]+:", repository)
        self._from = str(Path(repository).expanduser().resolve()) if local else repository
        safe = [Path(self._from)] if local else []
        self.git = Git(state / "mirror.git", state / "git-home", safe, credential)
        self._trees: dict[str, CommitTree] = {}
        self._ready = False
        self._turn = asyncio.Lock()
        self.silent_since: datetime | None = None
        """Since when the repository has not answered; None while it does."""

    async def refresh(self) -> bool:
        """Fetch the default branch; True if its newest commit moved.

        A repository that does not answer changes nothing, and is noted in `silent_since`.
        """
        async with self._turn:
            return await self._fetch()

    async def _fetch(self) -> bool:
        await self._ensure()
        before = await self._sha(NEWEST)
        try:
            await self._take_newest()
        except GitFault as fault:
            if await self._sha(NEWEST) != before:  # another process of ours took it just then
                return True
            log.warning("The DevOps repository does not answer: %s", fault)
            self.silent_since = self.silent_since or datetime.now(UTC)
            return False
        self.silent_since = None
        return await self._sha(NEWEST) != before

    async def _take_newest(self) -> None:
        await self.git(
            "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
            "--", self._from, f"+HEAD:{NEWEST}", source=self._from,
        )  # fmt: skip

    async def known(self) -> bool:
        """Whether there is a mirror of anything."""
        await self._ensure()
        return await self._sha(NEWEST) is not None

    async def newest(self) -> Revision:
        """Give the newest commit mirrored. Raises `Unavailable` if there never was one."""
        await self._ensure()
        sha = await self._sha(NEWEST)
        if sha is None:
            raise Unavailable("the DevOps repository", self.silent_since)
        return (await self._log("--max-count=1", sha))[0]

    async def revision(self, sha: str) -> Revision | None:
        """Give a commit by its sha or the beginning of one (seven or more), None if unknown."""
        await self._ensure()
        if not re.fullmatch(r"[0-9a-f]{7,64}", sha):
            return None
        full = await self._sha(sha)
        return (await self._log("--max-count=1", full))[0] if full else None

    async def contains(self, sha: str) -> bool:
        """Whether a commit is on the default branch, as far as the mirror knows."""
        newest = await self._sha(NEWEST)
        if newest is None or await self._sha(sha) is None:
            return False
        return (await self.git("merge-base", "--all", sha, newest)).decode().split() == [sha]

    async def tree(self, sha: str) -> CommitTree:
        """List a commit's tree. Raises `Unavailable` if the mirror does not have it."""
        await self._ensure()
        if sha in self._trees:
            return self._trees[sha]
        if not SHA.fullmatch(sha) or await self._sha(sha) is None:
            raise Unavailable(f"revision {sha[:7]}")
        tree = await CommitTree.listed(self.git, sha)
        while len(self._trees) >= TREES:
            del self._trees[next(iter(self._trees))]
        self._trees[sha] = tree
        return tree

    async def count(self, since: str, until: str, paths: Sequence[str] | None = None) -> int:
        """Count the commits after `since`, those that touch `paths` if given."""
        if paths is not None and not paths:
            return 0
        output = await self.git("rev-list", "--count", f"{since}..{until}", *_only(paths))
        return int(output)

    async def commits_touching(
        self, paths: Sequence[str], since: str | None, until: str
    ) -> tuple[Revision, ...]:
        """Give the commits of `until` that touch `paths`, newest first.

        Those that `since` has are left out; None gives them all. A merge counts if it made
        something that none of its parents has.
        """
        span = [until] if since is None else [until, f"^{since}"]
        every = await self._log("--full-history", *span, *_only(paths))
        merges = await self.git("rev-list", "--merges", "--full-history", *span, *_only(paths))
        clean = set()
        for sha in merges.decode().split():
            made = await self.git(
                "diff-tree", "-r", "-c", "--name-only", "--no-commit-id", sha, *_only(paths)
            )
            if not made.strip():
                clean.add(sha)
        return tuple(one for one in every if one.sha not in clean)

    async def difference(self, paths: Sequence[str], old: str, new: str) -> str:
        """Give the unified difference of `paths` between two commits (text, not redacted)."""
        output = await self.git(
            "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames",
            old, new, *_only(paths),
        )  # fmt: skip
        return output.decode(errors="replace")

    async def _ensure(self) -> None:
        if not self._ready:
            await self.git.ensure()
            self._ready = True

    async def _sha(self, name: str) -> str | None:
        try:
            output = await self.git("rev-parse", "--quiet", "--verify", f"{name}^{{commit}}")
        except GitFault:
            return None
        return output.decode().strip()

    async def _log(self, *arguments: str) -> tuple[Revision, ...]:
        output = (await self.git("log", "--no-show-signature", FORMAT, *arguments)).decode(
            errors="replace"
        )
        parts = output.split("\0")
        rows = [parts[at : at + 4] for at in range(0, len(parts) - 1, 4)]
        return tuple(
            Revision(sha.strip(), subject, author, datetime.fromtimestamp(int(at), UTC))
            for sha, subject, author, at in rows
        )


def _only(paths: Sequence[str] | None) -> list[str]:
    return [] if paths is None else ["--", *paths]


def _nodes(output: bytes) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for line in output.split(b"\0")[:-1]:
        about, _, path = line.partition(b"\t")
        mode, _, id, size = about.decode().split()
        nodes[path.decode(errors="surrogateescape")] = Node(
            Kind(mode), id, int(size) if size != "-" else 0
        )
    return nodes
