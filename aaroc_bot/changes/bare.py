"""Commits that came to the default branch without a pull request are told in the channel.

How far that was looked at is a mark. It moves in the transaction that tells, so that each
move of the branch is told once, whoever falls in between.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aaroc_bot.changes.telling import Notices
from aaroc_bot.changes.touched import Comparing, first_parent, touched
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.sites import Revision
from aaroc_bot.repo.repository import Repository
from aaroc_bot.store import marks
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.database import Database

MARK = "branch"
MOST = 20
"""Commits that GitHub is asked about after one move of the branch, the newest ones."""


class Origins(Protocol):
    """What is needed of GitHub's pull requests."""

    async def pulls_of(self, sha: str) -> Sequence[int]:
        """Give the pull requests that brought a commit."""
        ...


@dataclass(frozen=True, slots=True)
class _Move:
    """How the branch moved. `forced`: what was there before is there no more.

    `bare` came without a pull request, oldest first; `unseen` commits were too many to ask.
    """

    old: str
    new: Revision
    sites: tuple[str, ...]
    forced: bool = False
    bare: tuple[Revision, ...] = ()
    unseen: int = 0


class BareCommits:
    """Looks at what the default branch moved by."""

    def __init__(
        self,
        *,
        database: Database,
        pulls: Origins,
        repository: Repository,
        drafter: Comparing,
        box: Notices,
        redact: Callable[[str], str],
        clock: Callable[[], datetime],
    ) -> None:
        """Tell by `box`, in words that went through `redact`."""
        self._database = database
        self._pulls = pulls
        self._repository = repository
        self._drafter = drafter
        self._box = box
        self._redact = redact
        self._clock = clock

    async def look(self, brought: Container[str] = ()) -> None:
        """Tell how the branch moved since the last look. Raises `Unavailable`.

        `brought` are commits that are known to be merges of pull requests: GitHub may know
        a moment later by which one a commit came.
        """
        new = await self._repository.newest()
        async with self._database.read() as connection:
            old = await marks.read(connection, MARK)
        if old == new.sha:
            return
        move = None if old is None else await self._moved(old, new, brought)
        async with self._database.write() as connection:
            if not await marks.move(connection, MARK, old, new.sha, self._clock()):
                return
            if move is None or not (move.forced or move.bare or move.unseen):
                return
            await self._box.notice(
                connection, "branch-moved", f"{move.old} {new.sha}", self._data(move)
            )
            await append_in(connection, *self._events(move))
        self._box.wake()

    async def _moved(self, old: str, new: Revision, brought: Container[str]) -> _Move:
        mirror = self._repository.mirror
        if not await mirror.contains(old):
            known = await mirror.revision(old) is not None
            sites = await self._touched(old, new.sha) if known else frozenset[str]()
            return _Move(old, new, forced=True, sites=tuple(sorted(sites)))
        listed = await mirror.git("rev-list", "--first-parent", "--reverse", f"{old}..{new.sha}")
        shas = listed.decode().split()
        bare: list[Revision] = []
        found: set[str] = set()
        for sha in shas[-MOST:]:
            revision = await mirror.revision(sha)
            if revision is None or sha in brought or await self._pulls.pulls_of(sha):
                continue
            bare.append(revision)
            before = await first_parent(mirror, sha)
            found |= await self._touched(before, sha) if before else set()
        unseen = max(0, len(shas) - MOST)
        return _Move(old, new, bare=tuple(bare), sites=tuple(sorted(found)), unseen=unseen)

    async def _touched(self, before: str, after: str) -> frozenset[str]:
        compared = await touched(self._repository.mirror, self._drafter, before, after)
        return frozenset(compared.sites)

    def _data(self, move: _Move) -> dict[str, object]:
        last = move.bare[-1] if move.bare else move.new
        return {
            "old": move.old,
            "new": move.new.sha,
            "commit": last.sha,
            "subject": self._redact(last.subject),
            "author": self._redact(last.author),
            "sites": list(move.sites),
            "forced": move.forced,
            "commits": len(move.bare),
            "unseen": move.unseen,
        }

    def _events(self, move: _Move) -> list[Event]:
        """Make an event for each site, for its history; one without a site where none is."""
        last = move.bare[-1] if move.bare else move.new
        if move.forced:
            outcome = f"forced push: {move.old[:7]} was replaced by {move.new.short}"
        else:
            count = len(move.bare) + move.unseen
            more = "" if count == 1 else f" and {count - 1} more"
            outcome = f"{last.short}{more} without a pull request, by {last.author}: {last.subject}"
        return [
            Event(
                What.CHANGE,
                self._clock(),
                site=site,
                revision=move.new.sha,
                outcome=self._redact(outcome),
            )
            for site in move.sites or ("",)
        ]
