"""Plans: what follows them, when they wait, when they are made again."""

import asyncio
from dataclasses import replace

from aaroc_bot.core.plan import Plan, Progress, Recap
from aaroc_bot.core.ports import Verdict
from aaroc_bot.core.run import State
from aaroc_bot.execution import How
from tests.runs.world import (
    DONE,
    ENTRY,
    NOTHING,
    PLAN,
    READS,
    UJ_ADMIN,
    UNSEEN,
    World,
    ending,
)


async def test_nothing_to_change_asks_nobody(world: World) -> None:
    world.stage.plan = lambda job: ending(job, plan=NOTHING)
    async with world.running():
        run = await world.reaches(await world.ask(), State.SUCCEEDED)
    assert run.checked_only and run.started_at is None
    assert [job.check for job in world.stage.jobs] == [True]
    last = await world.book.last("ZA-UJ")
    assert last is not None and last.number == run.number


async def test_one_unseen_task_asks_an_expert(world: World) -> None:
    world.stage.plan = lambda job: ending(job, plan=UNSEEN)
    async with world.running():
        assert (await world.reaches(await world.ask(), State.WAITING)).plan == UNSEEN


async def test_an_entry_without_check_mode_is_not_played_before(world: World) -> None:
    async with world.running():
        run = await world.reaches(await world.ask(entry=READS), State.SUCCEEDED)
    assert run.plan == Plan(played=False)
    assert [job.check for job in world.stage.jobs] == [False]


async def test_a_plan_that_cannot_be_made_fails_and_asks_nobody(world: World) -> None:
    world.stage.plan = lambda job: ending(
        job, How.TIMED_OUT, plan=None, status=None, reason="its time limit was over"
    )
    async with world.running():
        run = await world.reaches(await world.ask(), State.FAILED)
        assert run.reason == "its time limit was over"
        assert await world.book.log(run.number) == "the log\n"
        world.depot.missing = ("common",)
        run = await world.reaches(await world.ask(), State.FAILED)
        assert run.reason == "missing role: common"
        world.unfit["ZA-UJ"] = "lines that execute are not accepted"
        run = await world.reaches(await world.ask(), State.FAILED)
        assert run.reason == "lines that execute are not accepted"
    assert [card for card, _ in await world.notices()] == ["run-ended"] * 3


async def test_every_host_unreachable(world: World) -> None:
    away = replace(PLAN, unreachable=("bdii1",), items=())
    world.stage.plan = lambda job: ending(job, plan=away)
    async with world.running():
        await world.reaches(await world.ask(plan_only=True), State.UNREACHABLE)


async def test_an_unexpected_fault_gets_a_reference(world: World) -> None:
    def fault(job: object) -> None:
        raise RuntimeError("hunter2")

    world.stage.plan = fault  # type: ignore[assignment]
    async with world.running():
        run = await world.reaches(await world.ask(), State.FAILED)
    assert run.reason.startswith("an unexpected fault, reference ") and "hunter2" not in run.reason


async def test_a_plan_waits_for_the_run_at_its_site(world: World) -> None:
    world.stage.keep_runs = True
    async with world.running():
        first = await world.ask(entry=READS)
        await world.reaches(first, State.RUNNING)
        second = await world.ask()
        await world.waits_because(second, f"waits for run {first} at ZA-UJ")
        world.stage.finish(first)
        run = await world.reaches(second, State.WAITING)
    assert run.reason == ""


async def test_a_plan_during_which_a_run_started_is_made_again(world: World) -> None:
    world.stage.keep_plans = world.stage.keep_runs = True
    async with world.running():
        planned = await world.ask()
        await world.plays(planned)
        runs = await world.ask(entry=READS)
        await world.reaches(runs, State.RUNNING)
        await world.plays(runs)
        world.stage.finish(planned)
        await world.waits_because(planned, f"waits for run {runs}")
        world.stage.finish(runs)
        await world.reaches(runs, State.SUCCEEDED)
        await world.plays(planned)
        world.stage.finish(planned)
        await world.reaches(planned, State.WAITING)
    assert [job.run for job in world.stage.jobs if job.check] == [planned, planned]


async def test_no_more_plans_at_once_than_allowed(world: World) -> None:
    world.parallel = 1
    world.stage.keep_plans = True
    async with world.running():
        first = await world.ask(site="ZA-UJ")
        await world.plays(first)
        second = await world.ask(site="KE-NAIROBI")
        await world.waits_because(second, "waits: 1 plans")
        world.stage.finish(first)
        await world.plays(second)


async def test_cancelled_while_it_is_planned(world: World) -> None:
    world.stage.keep_plans = True
    async with world.running():
        number = await world.ask()
        playing = await world.plays(number)
        playing.progress(Progress(1, 2, "configure", 1))
        assert await world.book.cancel(number, world.folk[UJ_ADMIN], now=False) is Verdict.YES
        await asyncio.wait_for(playing.stop.wait(), 5)
        await world.lands()
    assert (await world.run(number)).state is State.CANCELLED
    assert await world.outcomes(number) == ["planning", "cancelled"]


async def test_the_repository_is_away_meanwhile(world: World) -> None:
    world.depot.away = True
    async with world.running():
        number = await world.ask()
        run = await world.waits_because(number, "the DevOps repository does not answer")
    assert run.state is State.PLANNING


async def test_what_a_host_says_cannot_upset_the_row(world: World) -> None:
    odd = replace(PLAN, items=(replace(PLAN.items[0], diff="\ud800\0"),))
    world.stage.plan = lambda job: ending(job, plan=odd)
    world.stage.run = lambda job: ending(job, log="\ud800\0", recap=Recap(DONE.counts, odd.items))
    async with world.running():
        number = await world.ask(entry=replace(ENTRY, approvals=0))
        world.depot.offered = [replace(ENTRY, approvals=0)]
        run = await world.reaches(number, State.SUCCEEDED)
    assert run.plan is not None and run.recap is not None
