"""The bare repository behind the sandbox's GitHub: git's plumbing, off the event loop."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aaroc_bot.process import environment, run

FIELDS = ("%H", "%T", "%P", "%an", "%ae", "%ad", "%cn", "%ce", "%cd", "%B")
FORMAT = "".join(f"{field}%x00" for field in FIELDS)
"""NUL is the one character that neither a name nor a message can hold."""
DATES = "--date=format-local:%Y-%m-%dT%H:%M:%SZ"
LIMIT = timedelta(seconds=20)
LIMIT_BYTES = 64 * 1024 * 1024
QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "TZ": "UTC",
}


@dataclass(frozen=True, slots=True)
class Signature:
    """Who wrote or made a commit, and when (aware)."""

    name: str
    mail: str
    at: datetime

    def line(self) -> str:
        """Write it as a commit holds it; what would break the line is left out."""
        name, mail = (
            "".join(c for c in text if c not in "<>\n\r\0").strip()
            for text in (self.name, self.mail)
        )
        return f"{name} <{mail}> {int(self.at.timestamp())} +0000"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, as git tells it; a signature is name, mail and the time in UTC."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: tuple[str, str, str]
    committer: tuple[str, str, str]
    message: str


@dataclass(frozen=True, slots=True)
class Bare:
    """A bare repository, and the name under which it is served."""

    name: str
    path: Path

    async def ask(
        self, *arguments: str, input: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> bytes | None:
        """Run git and give its output; None if git says no."""
        done = await run(
            ["git", "--no-pager", f"--git-dir={self.path}", *arguments],
            env=environment(self.path, {**QUIET, **(env or {})}),
            cwd=self.path,
            time_limit=LIMIT,
            limit_bytes=LIMIT_BYTES,
            input=input,
        )
        return done.output if done.ok else None

    async def git(self, *arguments: str) -> str | None:
        """Run git and give its output as text; None if git says no."""
        output = await self.ask(*arguments)
        return None if output is None else output.decode(errors="replace")

    async def line(self, *arguments: str) -> str | None:
        """Run git and give the one line that it says."""
        text = await self.git(*arguments)
        return text.strip() if text else None

    async def empty_tree(self) -> str:
        """Give the tree without anything."""
        return await self.must("hash-object", "-t", "tree", "-w", "--stdin", input=b"")

    async def must(self, *arguments: str, input: bytes | None = None) -> str:
        """Run git where only a fault of this machine could make it fail. Raises OSError then."""
        output = await self.ask(*arguments, input=input)
        if output is None:
            raise OSError(f"git {arguments[0]} failed in {self.path}")
        return output.decode(errors="replace").strip()

    async def object(self, name: str, kind: str) -> str | None:
        """Give the sha of an object by its sha, a part of it, or a ref's name, if of this kind."""
        found = await self.line(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{{kind}}}"
        )
        return found if name and not name.startswith("-") else None

    async def branches(self) -> dict[str, str]:
        """Give the branches and where they are."""
        text = await self.must("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads")
        told = (line.partition(" ") for line in text.splitlines())
        return {ref.removeprefix("refs/heads/"): sha for sha, _, ref in told}

    async def default_branch(self) -> str:
        """Give the default branch's name."""
        return await self.line("symbolic-ref", "--short", "HEAD") or "main"

    async def commits(self, *arguments: str) -> list[Commit] | None:
        """Give the commits that ``git log`` lists; None if it says no."""
        text = await self.git("log", f"--format={FORMAT}", DATES, *arguments)
        return None if text is None else read_commits(text)

    async def commit(self, ref: str) -> Commit | None:
        """Give one commit, by its sha, a part of it, or a branch."""
        found = await self.commits("-1", "--end-of-options", f"{ref}^{{commit}}", "--")
        return found[0] if found else None

    async def is_ancestor(self, old: str, new: str) -> bool:
        """Say whether `new` has `old` in its past, or is it."""
        return await self.ask("merge-base", "--is-ancestor", old, new) is not None

    async def merge_base(self, one: str, other: str) -> str | None:
        """Give where two commits part; None if they have nothing in common."""
        return await self.line("merge-base", one, other)

    async def write_commit(
        self,
        tree: str,
        parents: tuple[str, ...],
        author: Signature,
        committer: Signature,
        message: str,
    ) -> str:
        """Write a commit and give its sha; no ref moves."""
        lines = [
            f"tree {tree}",
            *(f"parent {parent}" for parent in parents),
            f"author {author.line()}",
            f"committer {committer.line()}",
        ]
        text = "\n".join(lines) + "\n\n" + message.replace("\0", "")
        return await self.must("hash-object", "-t", "commit", "-w", "--stdin", input=text.encode())


def read_commits(text: str) -> list[Commit]:
    """Read what ``git log`` wrote in `FORMAT`."""
    parts = text.split("\0")[:-1]
    found = []
    for begin in range(0, len(parts), len(FIELDS)):
        sha, tree, parents, an, ae, ad, cn, ce, cd, message = parts[begin : begin + len(FIELDS)]
        author, committer, past = (an, ae, ad), (cn, ce, cd), tuple(parents.split())
        found.append(Commit(sha.strip(), tree, past, author, committer, message.rstrip("\n")))
    return found


def stamp(at: datetime) -> str:
    """Write a time as GitHub does."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
