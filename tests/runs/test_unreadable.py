"""A row that this version cannot read (another wrote it) keeps no other run."""

from datetime import timedelta

from sqlalchemy import insert, update

from aaroc_bot.core.run import State
from aaroc_bot.engine.sweep import Sweep
from aaroc_bot.runs.machine import this_machine
from aaroc_bot.runs.recovery import recover
from aaroc_bot.store.tables import attempts, holds, runs
from tests.runs.world import KENET_ADMIN, World


async def spoilt(world: World, **values: str) -> int:
    number = await world.ask()
    async with world.database.write() as connection:
        await connection.execute(update(runs).where(runs.c.number == number).values(**values))
    return number


async def test_the_rounds_go_on_without_it(world: World) -> None:
    await spoilt(world, entry="{}")
    await spoilt(world, holds="x", deadline=world.clock() - timedelta(hours=1))  # type: ignore[arg-type]
    other = await world.ask(site="KE-NAIROBI", by=KENET_ADMIN)
    async with world.running():
        await world.reaches(other, State.WAITING)


async def test_a_process_begins_although_it_left_one(world: World) -> None:
    number = await spoilt(world, entry="{}")
    now = world.clock()
    row = {"run": number, "attempt": 1, "plan": True, "engine": "test", "mark": "0" * 32}
    row |= {"machine": this_machine(), "started_at": now, "seen_at": now}
    async with world.database.write() as connection:
        await connection.execute(insert(attempts).values(row))
    await recover(world.needs())
    assert await world.open_attempts() == 0


async def test_what_nobody_holds_is_free(world: World) -> None:
    """A hold without an attempt, as a restored database may have it."""
    async with world.database.write() as connection:
        row = {"site": "ZA-UJ", "run": 99, "attempt": 1, "since": world.clock()}
        await connection.execute(insert(holds).values(row))
    silence = timedelta(seconds=30)
    await Sweep(world.needs(), lost=silence, free=4 * silence).step()
    assert await world.held() == {}
