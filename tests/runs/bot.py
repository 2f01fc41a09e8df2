"""A bot's engine in a process of its own, to be killed: it runs a playbook that sleeps."""

import asyncio
import sys
from pathlib import Path

from aaroc_bot.execution import play
from aaroc_bot.store.database import Database
from tests.runs.world import READS, World

SLEEPS = """\
- hosts: all
  gather_facts: false
  tasks:
    - name: sleep
      ansible.builtin.shell: "touch {begun}; exec sleep 600"
"""


async def main(url: str, folder: Path) -> None:
    world = World(Database(url), folder)
    world.depot.playbook = SLEEPS.format(begun=folder / "begun")
    async with world.running(play):
        await world.ask(entry=READS)
        await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
