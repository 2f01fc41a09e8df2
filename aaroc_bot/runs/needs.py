"""What the engine is given: the repository, the people, the player, the keys, the limits."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from aaroc_bot.core.entries import Entry
from aaroc_bot.core.plan import Progress
from aaroc_bot.core.ports import Catalogue, People
from aaroc_bot.core.sites import Revision
from aaroc_bot.execution import Ending, Job, play
from aaroc_bot.execution import version as ansible_version
from aaroc_bot.runs.keys import Keys
from aaroc_bot.runs.locks import SiteLocks
from aaroc_bot.runs.moves import Moves
from aaroc_bot.store.database import Database

Fit = Callable[[str], Awaitable[str | None]]
"""A site in; why it can be neither planned nor run (for people), or None, out."""


class Exported(Protocol):
    """One revision's tree in a folder, ready to be played. See `repo.export`."""

    @property
    def project(self) -> Path:
        """The tree's root."""
        ...

    @property
    def inventory(self) -> Path:
        """The site's inventory in it."""
        ...

    @property
    def playbook(self) -> Path:
        """The entry's playbook."""
        ...

    @property
    def inputs(self) -> str:
        """The digest of everything that the run reads."""
        ...

    @property
    def missing(self) -> tuple[str, ...]:
        """Roles that could not be had."""
        ...


class Repository(Protocol):
    """What a run needs of the DevOps repository. Its methods raise `Unavailable`."""

    @property
    def silent_since(self) -> datetime | None:
        """Since when the repository has not answered; None while it does."""
        ...

    async def refresh(self) -> bool:
        """Fetch; whether the newest commit moved."""
        ...

    async def newest(self) -> Revision:
        """Give the newest known revision."""
        ...

    async def contains(self, sha: str) -> bool:
        """Whether a commit is on the default branch."""
        ...

    async def export(self, revision: str, site: str, entry: Entry, folder: Path) -> Exported:
        """Write the commit's tree to a folder."""
        ...

    async def inputs(self, revision: str, site: str, entry: Entry) -> str:
        """Give the digest of what a run would read, without writing."""
        ...


class Player(Protocol):
    """Plays a job to its end; see `execution.play`."""

    async def __call__(
        self,
        job: Job,
        *,
        started: Callable[[int, int], Awaitable[None]],
        progress: Callable[[Progress], None],
        stop: asyncio.Event,
        redact: Callable[[str], str],
    ) -> Ending:
        """Play it."""
        ...


@dataclass(frozen=True, slots=True)
class Needs:
    """Everything that the engine works with.

    `folder` is a private one for exports and plays. `name` is this process's in the
    attempts. `parallel` is how many plans, and how many runs, are played at once.
    """

    database: Database
    moves: Moves
    locks: SiteLocks
    people: People
    catalogue: Catalogue
    repository: Repository
    fit: Fit
    keys: Keys
    folder: Path
    name: str
    parallel: int = 4
    play: Player = play
    ansible: str = ansible_version()
