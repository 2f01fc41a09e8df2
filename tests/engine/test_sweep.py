"""Who falls silent is noticed, its runs are told to be interrupted, its sites kept for a while."""

import asyncio
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select, update

from aaroc_bot.core.plan import Progress
from aaroc_bot.core.run import State
from aaroc_bot.engine.performing import Performer
from aaroc_bot.engine.sweep import Sweep
from aaroc_bot.process import marked
from aaroc_bot.runs.machine import this_machine
from aaroc_bot.runs.recovery import recover
from aaroc_bot.runs.rows import PROGRESS, text
from aaroc_bot.store.database import Database
from aaroc_bot.store.moment import database_now
from aaroc_bot.store.tables import attempts, holds, outbox, runs
from tests.engine.performer import needs
from tests.runs.bot import SLEEPS
from tests.runs.world import READS, World, until

LOST, FREE = timedelta(seconds=30), timedelta(seconds=130)


async def left_behind(world: World, number: int, *, plan: bool = False) -> None:
    """Leave rows as a process does that falls silent while it plays."""
    progress = text(PROGRESS, Progress(7, 11, "site-bdii : configure port", 1))
    state = State.PLANNING if plan else State.RUNNING
    async with world.database.write() as connection:
        seen = await database_now(connection, world.clock)
        before = await connection.scalar(select(runs.c.attempt).where(runs.c.number == number))
        attempt = (before or 0) + 1
        values = {"state": state.value, "attempt": attempt, "progress": progress}
        await connection.execute(update(runs).where(runs.c.number == number).values(values))
        row = {"run": number, "attempt": attempt, "plan": plan, "engine": "far", "mark": "0" * 32}
        row |= {"machine": this_machine(), "started_at": seen, "seen_at": seen}
        await connection.execute(insert(attempts).values(row))
        if not plan:
            hold = {"site": "ZA-UJ", "run": number, "attempt": attempt, "since": seen}
            await connection.execute(insert(holds).values(hold))


async def silent(world: World, span: timedelta) -> None:
    """Have the last sign of every open attempt be so long ago."""
    async with world.database.write() as connection:
        seen = await database_now(connection, world.clock) - span
        still = attempts.c.ended_at.is_(None)
        await connection.execute(update(attempts).where(still).values(seen_at=seen))


async def fallen(world: World) -> list[dict[str, object]]:
    async with world.database.read() as connection:
        rows = await connection.scalars(select(outbox.c.data).where(outbox.c.card == "fallen"))
        return [json.loads(row) for row in rows]


def sweep(world: World) -> Sweep:
    return Sweep(needs(world), lost=LOST, free=FREE)


async def test_lost_it_is_interrupted_and_its_site_is_free_later(world: World) -> None:
    number = await world.ask()
    await left_behind(world, number)
    await silent(world, timedelta(seconds=25))
    await sweep(world).step()
    assert (await world.run(number)).state is State.RUNNING
    await silent(world, timedelta(seconds=35))
    await sweep(world).step()
    run = await world.run(number)
    assert run.state is State.INTERRUPTED
    assert run.reason == "cut off at task 7 of 11 (site-bdii : configure port)"
    assert await world.held() == {"ZA-UJ": number}
    [told] = await fallen(world)
    assert told["process"] == "far" and told["interrupted"] == [number] and told["free"]
    await silent(world, timedelta(seconds=125))
    await sweep(world).step()
    assert await world.held() == {"ZA-UJ": number}
    await silent(world, timedelta(seconds=135))
    await sweep(world).step()
    assert await world.held() == {} and await world.open_attempts() == 0
    assert len(await fallen(world)) == 1


async def test_two_runs_of_one_process_are_told_together(world: World) -> None:
    first, second = await world.ask(), await world.ask(site="KE-NAIROBI")
    await left_behind(world, first)
    await left_behind(world, second, plan=True)
    await left_behind(world, second, plan=True)
    await silent(world, timedelta(seconds=35))
    await sweep(world).step()
    [told] = await fallen(world)
    assert told["interrupted"] == [first, second]
    assert (await world.run(second)).reason == "its plan was cut off twice"


async def test_a_plan_is_made_again_once(world: World) -> None:
    number = await world.ask()
    await left_behind(world, number, plan=True)
    await Performer(needs(world)).perform(number, asyncio.Event())
    assert world.stage.jobs == []  # the other may live
    await silent(world, timedelta(seconds=35))
    await sweep(world).step()
    assert (await world.run(number)).state is State.PLANNING and await fallen(world) == []
    await Performer(needs(world)).perform(number, asyncio.Event())
    assert (await world.run(number)).state is State.WAITING


async def test_whoever_was_given_up_writes_nothing_and_frees_its_site(world: World) -> None:
    world.stage.keep_runs = world.stage.keep_plans = True
    number = await world.ask()
    going = asyncio.create_task(Performer(needs(world)).perform(number, asyncio.Event()))
    playing = await world.plays(number)
    async with world.database.write() as connection:
        await connection.execute(update(attempts).values(cut=True))
    await asyncio.wait_for(playing.stop.wait(), 60)  # by its next sign of life
    await asyncio.wait_for(going, 60)
    run = await world.run(number)
    assert run.state is State.PLANNING and run.plan is None
    assert await world.open_attempts() == 0


async def test_started_again_under_its_name_it_frees_its_site_and_only_its_own(
    world: World, postgres_database: Database
) -> None:
    world = World(postgres_database, world.folder)
    number = await world.ask()
    await left_behind(world, number)
    assert await recover(needs(world, name="near")) == ()
    assert await world.held() == {"ZA-UJ": number}
    await silent(world, timedelta(seconds=35))
    await sweep(world).step()
    assert await recover(needs(world, name="far")) == ()  # it was told already
    assert await world.held() == {} and [c for c, _ in await world.notices()].count("away") == 0


async def test_who_begins_waits_before_it_judges(world: World) -> None:
    """It cannot tell whether the others could reach the database before."""
    number = await world.ask()
    await left_behind(world, number)
    await silent(world, timedelta(minutes=5))
    every = timedelta(seconds=0.01)
    began = asyncio.get_running_loop().time()
    one = Sweep(needs(world), lost=timedelta(seconds=1), free=timedelta(seconds=3), every=every)
    sweeping = asyncio.create_task(one.run())
    await world.reaches(number, State.INTERRUPTED)
    assert asyncio.get_running_loop().time() - began >= 1
    sweeping.cancel()


async def test_a_clock_that_is_set_ends_nothing(sqlite_database: Database, tmp_path: Path) -> None:
    """What it shows all at once nobody was silent for."""
    world = World(sqlite_database, tmp_path)
    number = await world.ask()
    await left_behind(world, number)
    looked = asyncio.Event()

    def well_since() -> float:
        looked.set()
        return 0.0

    one = Sweep(
        needs(world), lost=LOST, free=FREE, every=timedelta(seconds=0.01), well_since=well_since
    )
    sweeping = asyncio.create_task(one.run())
    for _ in range(2):
        looked.clear()
        await looked.wait()
    world.clock.forward(minutes=10)
    for _ in range(5):
        looked.clear()
        await looked.wait()
    sweeping.cancel()
    assert (await world.run(number)).state is State.RUNNING


async def test_a_frozen_process_is_given_up_and_changes_nothing_when_it_thaws(
    postgres_database: Database, postgres_url: str, tmp_path: Path
) -> None:
    world = World(postgres_database, tmp_path)
    world.depot.playbook = SLEEPS.format(begun=tmp_path / "begun")
    number = await world.ask(entry=READS)
    await Performer(needs(world)).perform(number, asyncio.Event())
    async with world.database.write() as connection:
        at = await database_now(connection, world.clock)
        await connection.execute(update(runs).values(cleared_at=at))
    arguments = ("tests.engine.performer", postgres_url, str(tmp_path), str(number))
    other = await asyncio.create_subprocess_exec(sys.executable, "-m", *arguments)
    try:

        async def begun() -> bool | None:
            return (tmp_path / "begun").exists() or None

        await until(begun, 60)
        os.kill(other.pid, signal.SIGSTOP)
        one = Sweep(needs(world), lost=timedelta(seconds=1), free=timedelta(seconds=600))

        async def interrupted() -> bool | None:
            await one.step()
            return (await world.run(number)).state is State.INTERRUPTED or None

        await until(interrupted, 60)
        assert await world.held() == {"ZA-UJ": number}
        async with world.database.read() as connection:
            mark = str(await connection.scalar(select(attempts.c.mark).where(~attempts.c.plan)))
        outcomes = await world.outcomes(number)
        os.kill(other.pid, signal.SIGCONT)
        assert await asyncio.wait_for(other.wait(), 60) == 0
    finally:
        if other.returncode is None:
            other.kill()
            await other.wait()
    assert not marked(mark) and await world.held() == {}
    assert await world.outcomes(number) == outcomes
