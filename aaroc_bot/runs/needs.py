"""What runs are performed with, and what is asked before one may start."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from aaroc_bot.core.entries import Entry
from aaroc_bot.core.plan import Progress
from aaroc_bot.core.ports import Catalogue, People
from aaroc_bot.core.sites import Revision
from aaroc_bot.execution import Ending, Job, play
from aaroc_bot.execution import version as ansible_version
from aaroc_bot.repo.export import Export
from aaroc_bot.runs.keys import Keys
from aaroc_bot.runs.moves import Moves
from aaroc_bot.store.database import Database

Fit = Callable[[str], Awaitable[str | None]]
"""A site in; why it can be neither planned nor run (for people), or None, out."""


class Branch(Protocol):
    """The default branch, as it was mirrored."""

    @property
    def silent_since(self) -> datetime | None:
        """Since when the repository has not answered; None while it does."""
        ...

    async def contains(self, sha: str) -> bool:
        """Whether a commit is on it."""
        ...


class Repository(Protocol):
    """The DevOps repository; see `repo.repository`. Its methods raise `Unavailable`."""

    @property
    def mirror(self) -> Branch:
        """The mirror that it reads."""
        ...

    async def refresh(self) -> bool:
        """Fetch; whether the newest commit moved."""
        ...

    async def newest(self) -> Revision:
        """Give the newest known revision."""
        ...


class Exports(Protocol):
    """Writes out what runs need; see `repo.export`. Its methods raise `CannotExport`."""

    async def export(self, sha: str, site: str, entry: Entry, folder: Path) -> Export:
        """Write the files below `folder`, which must not exist yet."""
        ...

    async def inputs(self, sha: str, site: str, entry: Entry) -> str:
        """Give the digest of everything that such a run reads."""
        ...

    async def parts(self, sha: str, site: str, entry: Entry) -> Mapping[str, str]:
        """Give the digests of what `inputs` covers, by the name of the part."""
        ...

    async def executing_tasks(self, sha: str, site: str, entry: Entry) -> bool:
        """Whether a plan of this really runs something (tasks with `check_mode: false`)."""
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
        signs: asyncio.Queue[float],
        redact: Callable[[str], str],
    ) -> Ending:
        """Play it."""
        ...


@dataclass(frozen=True, slots=True)
class Needs:
    """Everything that performing runs works with, wherever it is done.

    `folder` is a private one of this process's for exports and plays. `name` is this
    process's in the attempts. `heartbeat` is between two signs of life; what plays ends by
    itself when there was none for `limit`. `parallel` is how many plans, and how many runs,
    are played here at once.
    """

    database: Database
    moves: Moves
    repository: Repository
    exports: Exports
    fit: Fit
    keys: Keys
    folder: Path
    name: str
    heartbeat: timedelta = timedelta(seconds=5)
    limit: timedelta = timedelta(seconds=90)
    parallel: int = 4
    play: Player = play
    ansible: str = ansible_version()


@dataclass(frozen=True, slots=True)
class Judge:
    """What is asked before a run may start. Only a bot can: it alone may ask GitHub."""

    database: Database
    moves: Moves
    people: People
    catalogue: Catalogue
    repository: Repository
    exports: Exports
    fit: Fit
