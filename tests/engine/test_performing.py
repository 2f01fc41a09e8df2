"""Performing a run: the row decides, whoever brings it and however often."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from aaroc_bot.core.plan import HostCount, Recap
from aaroc_bot.core.ports import Unavailable, Verdict
from aaroc_bot.core.run import State
from aaroc_bot.engine.performing import Performer
from aaroc_bot.execution import Job
from aaroc_bot.store.tables import runs
from tests.engine.performer import needs
from tests.runs.world import EXPERT, PLAN, READS, World, ending

AWAY = replace(PLAN, unreachable=("bdii1",), items=())
NOBODY = Recap(counts=(HostCount("bdii1", unreachable=1),))


async def perform(world: World, number: int) -> None:
    await Performer(needs(world)).perform(number, asyncio.Event())


async def approved(world: World, **more: object) -> int:
    number = await world.ask(**more)
    await perform(world, number)
    assert (await world.run(number)).state is State.WAITING
    assert await world.book.approve(number, world.folk[EXPERT]) is Verdict.YES
    return number


async def again_in(world: World, number: int) -> timedelta:
    async with world.database.read() as connection:
        query = select(runs.c.again_at).where(runs.c.number == number)
        at: datetime | None = await connection.scalar(query)
    assert at is not None
    return at - world.clock()


async def test_planned_approved_cleared_and_run(world: World) -> None:
    number = await approved(world)
    await world.cleared(number)
    await perform(world, number)
    run = await world.run(number)
    assert run.state is State.SUCCEEDED and await world.held() == {}
    await perform(world, number)
    await perform(world, number + 1)
    assert [job.check for job in world.stage.jobs] == [True, False]


async def test_only_a_run_that_was_cleared_within_the_last_minute_is_claimed(
    world: World,
) -> None:
    number = await approved(world)
    await perform(world, number)
    await world.cleared(number, ago=timedelta(seconds=61))
    await perform(world, number)
    run = await world.run(number)
    assert run.state is State.QUEUED and await world.held() == {}
    assert await world.open_attempts() == 0 and len(world.stage.jobs) == 1
    await world.cleared(number, ago=timedelta(seconds=30))
    await perform(world, number)
    assert (await world.run(number)).state is State.SUCCEEDED


async def test_brought_many_times_at_once_it_is_planned_once_and_run_once(world: World) -> None:
    world.stage.keep_plans = True
    number = await world.ask()
    plans = [asyncio.create_task(perform(world, number)) for _ in range(3)]
    await world.plays(number)
    await asyncio.wait(plans, timeout=60, return_when=asyncio.FIRST_COMPLETED)
    world.stage.finish(number)
    await asyncio.gather(*plans)
    await world.book.approve(number, world.folk[EXPERT])
    await world.cleared(number)
    await asyncio.gather(*(perform(world, number) for _ in range(4)))
    assert (await world.run(number)).state is State.SUCCEEDED
    assert [job.check for job in world.stage.jobs] == [True, False]


async def test_what_is_away_is_said_and_tried_again(world: World) -> None:
    world.depot.away = True
    number = await world.ask()
    await perform(world, number)
    run = await world.run(number)
    assert (run.state, run.reason) == (State.PLANNING, "the DevOps repository does not answer")
    assert await again_in(world, number) == timedelta(seconds=5)
    world.depot.away = False
    await perform(world, number)
    run = await world.run(number)
    assert (run.state, run.reason) == (State.WAITING, "")


async def test_a_revision_that_this_process_has_not_got_is_fetched(world: World) -> None:
    world.depot.on_branch = False
    fetched = []

    async def refresh() -> bool:
        fetched.append(True)
        raise Unavailable("the DevOps repository")

    world.depot.refresh = refresh  # type: ignore[method-assign]
    number = await world.ask()
    await perform(world, number)
    assert fetched and (await world.run(number)).reason == "the DevOps repository does not answer"


async def test_a_patient_run_waits_for_its_site_with_one_approval(world: World) -> None:
    world.stage.plan = lambda job: ending(job, plan=AWAY)
    number = await world.ask(patient=True)
    await perform(world, number)
    run = await world.run(number)
    said = "ZA-UJ does not answer, tried again at 14:02 UTC"
    assert (run.state, run.reason) == (State.PLANNING, said)
    assert await again_in(world, number) == timedelta(minutes=2)
    world.stage.plan = ending
    await perform(world, number)
    assert await world.book.approve(number, world.folk[EXPERT]) is Verdict.YES
    deadline = (await world.run(number)).deadline

    def away(job: Job) -> object:
        return ending(job, status=4, recap=NOBODY)

    world.stage.run = away  # type: ignore[assignment]
    world.clock.forward(minutes=10)
    await world.cleared(number)
    await perform(world, number)
    run = await world.run(number)
    assert (run.state, run.deadline) == (State.QUEUED, deadline)
    assert run.reason == "ZA-UJ does not answer, tried again at 14:12 UTC"
    assert await world.held() == {} and await world.open_attempts() == 0
    world.stage.run = ending
    await world.cleared(number)
    await perform(world, number)
    run = await world.run(number)
    assert run.state is State.SUCCEEDED and len(run.approvals) == 1


async def test_one_that_is_not_patient_ends_unreachable(world: World) -> None:
    world.stage.run = lambda job: ending(job, status=4, recap=NOBODY)
    number = await approved(world)
    await world.cleared(number)
    await perform(world, number)
    assert (await world.run(number)).state is State.UNREACHABLE


async def test_stopped_it_ends_what_it_plays(world: World) -> None:
    world.stage.keep_runs = True
    number = await world.ask(entry=READS)
    await perform(world, number)
    await world.cleared(number)
    stop = asyncio.Event()
    going = asyncio.create_task(Performer(needs(world)).perform(number, stop))
    await world.plays(number)
    stop.set()
    await asyncio.wait_for(going, 60)
    assert (await world.run(number)).state is State.INTERRUPTED


async def test_signs_of_life_are_passed_on_once_they_are_written(world: World) -> None:
    brought = []

    async def play(
        job: Job, *, signs: asyncio.Queue[float], started: object, **_: object
    ) -> object:
        await started(1, 1)  # type: ignore[operator]
        brought.extend([await signs.get() for _ in range(3)])
        return ending(job)

    number = await world.ask()
    await Performer(needs(world, play)).perform(number, asyncio.Event())  # type: ignore[arg-type]
    assert len(brought) == 3 and brought == sorted(brought)
    assert (await world.run(number)).state is State.WAITING
