"""The private folder of one attempt: its export, and where it is played."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workplace:
    """`tree` is made by the export, `play` made and removed by the player."""

    tree: Path
    play: Path


@asynccontextmanager
async def workplace(folder: Path, number: int, attempt: int) -> AsyncIterator[Workplace]:
    """Make the folder (for the bot alone) and remove it afterwards with all that is in it."""
    place = folder / f"{number}-{attempt}"
    await asyncio.to_thread(_make, place)
    try:
        yield Workplace(place / "tree", place / "play")
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, place, ignore_errors=True))


def _make(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)  # a fall may have left one
    place.mkdir(mode=0o700, parents=True)


def clear(folder: Path) -> None:
    """Remove what falls left behind: exports, parameters, rendered files. Nothing plays now."""
    for place in folder.glob("*"):
        shutil.rmtree(place, ignore_errors=True)
