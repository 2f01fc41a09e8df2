"""A process that performs one run, to be frozen: it plays a playbook that sleeps."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from aaroc_bot.engine.performing import Performer
from aaroc_bot.execution import play
from aaroc_bot.runs.keys import Keys
from aaroc_bot.runs.needs import Needs, Player
from aaroc_bot.store.database import Database
from tests.runs.bot import SLEEPS
from tests.runs.world import World


def needs(world: World, play: Player | None = None, name: str = "test") -> Needs:
    async def fit(site: str) -> str | None:
        return world.unfit.get(site)

    return Needs(
        database=world.database,
        moves=world.moves,
        repository=world.depot,
        exports=world.depot,
        fit=fit,
        keys=Keys(local_hosts=("bdii1",)),
        folder=world.folder / "runs" / name,
        name=name,
        heartbeat=timedelta(seconds=0.3),
        limit=timedelta(seconds=20),
        play=play or world.stage,
    )


async def main(url: str, folder: Path, number: int) -> None:
    world = World(Database(url), folder)
    world.depot.playbook = SLEEPS.format(begun=folder / "begun")
    await Performer(needs(world, play, "frozen")).perform(number, asyncio.Event())
    await world.database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
