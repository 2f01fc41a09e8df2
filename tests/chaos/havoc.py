"""Kills and freezes processes from a seed, at random and at chosen points, and starts them anew."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.chaos.processes import PATIENCE, Member, until

REFUSED = 8
"""How often a process may end by itself: it finds its predecessor's session alive for a moment
after a kill, and says so."""


@dataclass
class Havoc:
    """What befalls the processes.

    `every` gives the least and the most seconds between two blows, `away` how long one that
    fell stays away. `points` are where those that are started next fall by themselves
    (`tests.alive.falling`), of bots or of workers; `freezes` is the share of blows that
    freeze instead.
    """

    random: Random
    members: Sequence[Member]
    every: tuple[float, float]
    away: tuple[float, float] = (0.0, 0.5)
    points: Sequence[str] = ()
    worker_points: Sequence[str] = ()
    freezes: float = 0.0
    frozen: int = 0
    fell_at: list[str] = field(default_factory=list)
    _at: dict[str, str] = field(default_factory=dict)
    _next: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})

    @property
    def fallen(self) -> int:
        """How often any of them was killed."""
        return sum(member.fallen for member in self.members)

    async def rage(self) -> None:
        """Kill and start until cancelled."""
        async with asyncio.TaskGroup() as group:
            for member in self.members:
                group.create_task(self._nurse(member))
            group.create_task(self._strike())

    async def _strike(self) -> None:
        while True:
            await asyncio.sleep(self.random.uniform(*self.every))
            member = self.random.choice(self.members)
            if self.random.random() < self.freezes:
                self.frozen += 1
                member.freeze()
                await asyncio.sleep(self.random.uniform(1.0, 9.0))
                member.thaw()
            else:
                member.kill()

    async def _nurse(self, member: Member) -> None:
        while True:
            if member.buried():
                assert len(member.ends) <= REFUSED, f"{member.name} ends: {member.said[-3000:]}"
                if point := self._at.pop(member.name, ""):
                    self.fell_at.append(point)
                await asyncio.sleep(self.random.uniform(*self.away))
            if not member.alive:
                self._at[member.name] = point = self._point(member)
                member.start(point)
            await asyncio.sleep(0.05)

    def _point(self, member: Member) -> str:
        """Give where it falls next; nowhere once all points had their turn."""
        points, number = self.points, self._next[member.worker]
        if member.worker:
            points = self.worker_points
        self._next[member.worker] += 1
        return points[number] if number < len(points) else ""

    async def calm(self) -> None:
        """Have every process run on, none of which falls by itself."""
        for member in self.members:
            member.thaw()
            if self._at.get(member.name):
                member.kill()
                await until(lambda each=member: not each.alive, PATIENCE)  # type: ignore[misc]
            member.buried()
            if not member.alive:
                member.start()
