"""The private folder of one attempt: its export, and where it is played."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aaroc_bot.runs.needs import Needs


@dataclass(frozen=True, slots=True)
class Workplace:
    """`tree` is made by the export, `play` made and removed by the player."""

    tree: Path
    play: Path


@asynccontextmanager
async def workplace(folder: Path, number: int, mark: str) -> AsyncIterator[Workplace]:
    """Make the folder (for this process alone) and remove it afterwards with all in it.

    `mark` is the flight's: a run may be brought twice at once, and one must not tread on
    the other's files.
    """
    place = folder / f"{number}-{mark[:8]}"  # short: sockets lie below it
    await asyncio.to_thread(place.mkdir, mode=0o700, parents=True)
    try:
        yield Workplace(place / "tree", place / "play")
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, place, ignore_errors=True))


async def fetch(needs: Needs, sha: str) -> None:
    """Have a commit in this process's mirror, which may be younger than the one that asked.

    Raises `Unavailable`.
    """
    if not await needs.repository.mirror.contains(sha):
        await needs.repository.refresh()


def clear(folder: Path) -> None:
    """Remove what falls left behind: exports, parameters, rendered files. Nothing plays now."""
    for place in folder.glob("*"):
        shutil.rmtree(place, ignore_errors=True)
