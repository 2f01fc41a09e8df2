"""What the pages show of the bare repository: commits and differences."""

from dataclasses import dataclass
from datetime import datetime

from aaroc_bot.sandbox.github.bare import Bare, Commit
from aaroc_bot.sandbox.github.pages.difference import Difference, read
from aaroc_bot.sandbox.github.world import World

DIFF = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--find-renames")
EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The tree without anything, from which a first commit begins."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A commit as a page shows it; `rest` is its message without the first line."""

    sha: str
    subject: str
    rest: str
    author: str
    committer: str
    at: datetime
    parents: tuple[str, ...]


def shown(world: World, commit: Commit) -> Shown:
    """Write a commit for people, with the logins of those whom their mail tells."""
    subject, _, rest = commit.message.partition("\n")
    return Shown(
        commit.sha,
        subject,
        rest.strip(),
        _person(world, commit.author),
        _person(world, commit.committer),
        datetime.fromisoformat(commit.committer[2]),
        commit.parents,
    )


def _person(world: World, signed: tuple[str, str, str]) -> str:
    user = world.written_by(signed[1])
    return f"{signed[0]} ({user.login})" if user else f"{signed[0]} <{signed[1]}>"


async def difference(bare: Bare, before: str | None, after: str) -> Difference | None:
    """Give the difference from where `before` and `after` parted; None if it is too large.

    With no `before` it is all that `after` holds.
    """
    between = f"{before}...{after}" if before else f"{EMPTY}..{after}"
    raw = await bare.git(*DIFF, "--raw", "-z", between, "--")
    patch = await bare.git(*DIFF, "--patch", between, "--")
    return None if raw is None or patch is None else read(raw, patch)
