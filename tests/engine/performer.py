"""A process that performs one run, to be frozen: it plays a playbook that sleeps."""

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from aaroc_bot.engine.performing import Performer
from aaroc_bot.execution import play
from aaroc_bot.runs.needs import Needs, Player
from aaroc_bot.store.database import Database
from tests.runs.bot import SLEEPS
from tests.runs.world import World


def needs(world: World, play: Player | None = None, name: str = "test") -> Needs:
    """Give a process of this name what it performs with; its signs of life are many."""
    return replace(
        world.needs(play),
        name=name,
        folder=world.folder / "runs" / name,
        heartbeat=timedelta(seconds=0.3),
        limit=timedelta(seconds=20),
    )


async def main(url: str, folder: Path, number: int) -> None:
    world = World(Database(url), folder)
    world.depot.playbook = SLEEPS.format(begun=folder / "begun")
    await Performer(needs(world, play, "frozen")).perform(number, asyncio.Event())
    await world.database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
