"""A word before a wait ends, once: whoever looks, however often, and after a restart."""

from dataclasses import replace
from datetime import timedelta

from aaroc_bot.core.ports import Verdict
from aaroc_bot.runs.reminding import remind, warn_of_locks
from tests.runs.test_wishes import waiting
from tests.runs.world import EXPERT, UJ_ADMIN, World

BEFORE = timedelta(minutes=30)


def restarted(world: World) -> World:
    """Give the world to another process, which remembers nothing."""
    again = World(world.database, world.folder)
    again.clock.at = world.clock.at
    return again


async def told(world: World, card: str) -> list[str]:
    return [subject for kind, subject in await world.notices() if kind == card]


async def test_experts_are_reminded_of_each_request_once(world: World) -> None:
    number = await waiting(world)
    world.clock.forward(hours=3, minutes=29)
    decided = await waiting(world, parameters=(("port", 1),))
    assert await remind(world.database, world.moves, BEFORE) == 0
    world.clock.forward(minutes=1)
    assert await remind(world.database, world.moves, BEFORE) == 1
    assert await remind(world.database, world.moves, BEFORE) == 0
    again = restarted(world)
    assert await remind(again.database, again.moves, BEFORE) == 0
    assert await told(world, "run-reminder") == [str(number)]
    assert await world.book.approve(decided, world.folk[EXPERT]) is Verdict.YES
    world.clock.forward(hours=3, minutes=20)
    assert await remind(world.database, world.moves, BEFORE) == 0


async def test_nobody_is_reminded_of_what_waits_for_a_short_time_or_is_over(world: World) -> None:
    await waiting(world)
    world.clock.forward(hours=3, minutes=50)
    short = replace(world.moves, approval_time=timedelta(minutes=59))
    assert await remind(world.database, short, BEFORE) == 0
    world.clock.forward(minutes=10)
    assert await remind(world.database, world.moves, BEFORE) == 0
    assert await told(world, "run-reminder") == []


async def test_a_locks_owner_is_told_once_and_again_if_they_take_it_again(world: World) -> None:
    by = world.folk[UJ_ADMIN]
    await world.locks.lock("ZA-UJ", by, "switch", world.clock() + timedelta(hours=2))
    await world.locks.lock("ZA-UFS", by, "short", world.clock() + timedelta(minutes=20))
    assert await warn_of_locks(world.database, world.moves) == 0  # told of a short one: no use
    world.clock.forward(hours=1, minutes=45)
    assert await warn_of_locks(world.database, world.moves) == 1
    assert await warn_of_locks(world.database, world.moves) == 0
    again = restarted(world)
    assert await warn_of_locks(again.database, again.moves) == 0
    await world.locks.lock("ZA-UJ", by, "longer", world.clock() + timedelta(hours=1))
    assert await warn_of_locks(world.database, world.moves) == 0
    world.clock.forward(minutes=50)
    assert await warn_of_locks(world.database, world.moves) == 1
    world.clock.forward(minutes=10)
    assert await warn_of_locks(world.database, world.moves) == 0
    assert await told(world, "lock-ends") == [
        "ZA-UJ 2026-06-08T16:00:00+00:00",
        "ZA-UJ 2026-06-08T16:45:00+00:00",
    ]
