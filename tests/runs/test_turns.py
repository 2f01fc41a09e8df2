"""A site's turn: order, holds, locks, deadlines, what is checked again, cancelling."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from aaroc_bot.core.plan import HostCount, Progress, Recap
from aaroc_bot.core.ports import Verdict
from aaroc_bot.core.rights import Membership
from aaroc_bot.core.run import State
from aaroc_bot.core.sites import Revision
from aaroc_bot.execution import How
from aaroc_bot.runs.flight import Flight
from aaroc_bot.store.tables import holds
from tests.runs.world import (
    ENTRY,
    EXPERT,
    KENET_ADMIN,
    PLAN,
    READS,
    SECOND,
    UJ_ADMIN,
    World,
    ending,
    until,
)

PORT = ("port", 1)


async def waiting(world: World, *numbers: int) -> None:
    """Have the plans made."""
    async with world.running():
        for number in numbers:
            await world.reaches(number, State.WAITING)


async def approved(world: World, *numbers: int) -> None:
    """Have the plans made, then the runs approved; none has started."""
    await waiting(world, *numbers)
    for number in numbers:
        assert await world.book.approve(number, world.folk[EXPERT]) is Verdict.YES


async def test_one_run_at_a_site_oldest_first_others_beside_it(world: World) -> None:
    first, second = await world.ask(), await world.ask(parameters=(PORT,))
    other = await world.ask(site="KE-NAIROBI", by=KENET_ADMIN)
    await approved(world, first, second, other)
    world.stage.keep_runs = True
    async with world.running():
        await world.plays(first)
        await world.plays(other)
        await world.waits_because(second, f"waits for run {first} at ZA-UJ")
        assert await world.held() == {"ZA-UJ": first, "KE-NAIROBI": other}
        world.stage.finish(first)
        await world.plays(second)
        world.stage.finish(second)
        world.stage.finish(other)
        await world.reaches(second, State.SUCCEEDED)
        await world.reaches(other, State.SUCCEEDED)
    assert await world.held() == {}


async def test_it_says_behind_what_it_waits_and_until_about_when(world: World) -> None:
    """About: by the median of the same at the site before."""
    world.stage.keep_runs = True
    async with world.running():
        for minutes in (10, 60, 20):
            await world.plays(number := await world.ask(entry=READS))
            world.clock.forward(minutes=minutes)
            world.stage.finish(number)
            await world.reaches(number, State.SUCCEEDED)
    async with world.running():
        first = await world.ask(entry=READS)
        await world.plays(first)
        began = world.clock()
        second = await world.ask(entry=READS, by=EXPERT)
        run = await world.waits_because(second, f"waits for run {first} at ZA-UJ")
        assert run.state is State.QUEUED and run.turn_at == began + timedelta(minutes=20)
        third = await world.ask(entry=READS, by=SECOND)
        run = await world.waits_because(third, f"waits for run {second} at ZA-UJ")
        assert run.turn_at == began + timedelta(minutes=40)
        world.stage.finish(first)
        await world.plays(second)
        assert (await world.run(second)).turn_at is None
        await world.waits_because(third, f"waits for run {second} at ZA-UJ")


async def test_a_shared_host_holds_both_sites(world: World) -> None:
    both = await world.ask(shared={"bdii1": "KE-NAIROBI"})
    other = await world.ask(site="KE-NAIROBI", by=KENET_ADMIN)
    await approved(world, both, other)
    world.stage.keep_runs = True
    async with world.running():
        await world.plays(both)
        await world.waits_because(other, f"waits for run {both} at KE-NAIROBI")
        assert await world.held() == {"ZA-UJ": both, "KE-NAIROBI": both}
        world.stage.finish(both)
        await world.plays(other)


async def test_a_hold_makes_a_second_run_impossible(world: World) -> None:
    """Even for a loop that does not look: the claim itself fails, and leaves nothing."""
    number = await world.ask(shared={"bdii1": "AA-FIRST"})
    await approved(world, number)
    engine = world.engine()
    async with world.database.write() as connection:
        row = {"site": "ZA-UJ", "run": 99, "attempt": 1, "since": world.clock()}
        await connection.execute(insert(holds).values(row))
    flight = Flight(number, State.QUEUED, asyncio.Event())
    assert await engine.performer._executor.execute(flight) is None
    assert (await world.run(number)).state is State.QUEUED
    assert await world.held() == {"ZA-UJ": 99} and await world.open_attempts() == 0


async def test_no_more_runs_at_once_than_allowed(world: World) -> None:
    world.parallel = 1
    first, other = await world.ask(), await world.ask(site="KE-NAIROBI", by=KENET_ADMIN)
    await approved(world, first, other)
    world.stage.keep_runs = True
    async with world.running():
        await world.plays(first)
        await world.waits_because(other, "waits: 1 runs are under way")
        world.stage.finish(first)
        await world.plays(other)


async def test_a_lock_lets_its_owners_runs_pass(world: World) -> None:
    end = world.clock() + timedelta(hours=2)
    assert await world.locks.lock("ZA-UJ", world.folk[UJ_ADMIN], "switch", end) is None
    stands = await world.locks.lock("ZA-UJ", world.folk[EXPERT], "mine", end)
    assert stands is not None and stands.by == UJ_ADMIN and stands.reason == "switch"
    others = await world.ask(by=EXPERT, entry=READS)
    own = await world.ask(entry=READS)
    async with world.running():
        await world.reaches(own, State.SUCCEEDED)
        await world.waits_because(others, "ZA-UJ is locked by uj-admin until 16:00 UTC")
        lifted = await world.locks.unlock("ZA-UJ", world.folk[EXPERT])
        assert lifted is not None and lifted.by == UJ_ADMIN
        await world.reaches(others, State.SUCCEEDED)
    assert "lock-lifted" in [card for card, _ in await world.notices()]
    assert await world.locks.unlock("ZA-UJ", world.folk[EXPERT]) is None


async def test_a_lock_ends_by_itself_and_on_record(world: World) -> None:
    now = world.clock()
    with pytest.raises(ValueError, match="24 hours"):
        await world.locks.lock("ZA-UJ", world.folk[UJ_ADMIN], "", now + timedelta(hours=25))
    with pytest.raises(ValueError, match="24 hours"):
        await world.locks.lock("ZA-UJ", world.folk[UJ_ADMIN], "", now)
    await world.locks.lock("ZA-UJ", world.folk[UJ_ADMIN], "a", now + timedelta(hours=1))
    await world.locks.lock("ZA-UJ", world.folk[UJ_ADMIN], "b", now + timedelta(hours=2))
    assert {s: k.reason for s, k in (await world.locks.current()).items()} == {"ZA-UJ": "b"}
    others = await world.ask(by=EXPERT, entry=READS)
    async with world.running():
        await world.waits_because(others, "is locked")
        world.clock.forward(hours=2)
        await world.reaches(others, State.SUCCEEDED)
    assert await world.locks.current() == {}
    assert "the lock ended" in await world.outcomes()
    assert await world.locks.unlock("ZA-UJ", world.folk[UJ_ADMIN]) is None


async def test_waits_end_by_themselves(world: World) -> None:
    await waiting(world, number := await world.ask())
    world.clock.forward(hours=4)
    assert await world.book.approve(number, world.folk[EXPERT]) is Verdict.ENDED
    run = await world.run(number)
    assert (run.state, run.reason) == (State.EXPIRED, "nobody approved it in time")
    await waiting(world, number := await world.ask())
    async with world.running():
        world.clock.forward(hours=4)
        await world.reaches(number, State.EXPIRED)


async def test_a_patient_request_whose_site_never_answers_ends_in_time(world: World) -> None:
    away = replace(PLAN, unreachable=("bdii1",), items=())
    world.stage.plan = lambda job: ending(job, plan=away)
    async with world.running():
        number = await world.ask(patient=True)
        await world.waits_because(number, "ZA-UJ does not answer")
        world.clock.forward(hours=4)
        run = await world.reaches(number, State.EXPIRED)
    assert run.reason.startswith("its plan could not be made in time: ZA-UJ does not answer")


async def test_a_run_that_is_queued_again_keeps_its_first_deadline(world: World) -> None:
    number = await world.ask(patient=True)
    await approved(world, number)
    deadline = (await world.run(number)).deadline
    nobody = Recap(counts=(HostCount("bdii1", unreachable=1),))
    world.stage.run = lambda job: ending(job, status=4, recap=nobody)
    async with world.running():
        await world.waits_because(number, "tried again at 14:02 UTC")
        world.clock.forward(hours=3)
        run = await world.waits_because(number, "tried again at 17:02 UTC")
        assert run.state is State.QUEUED and run.deadline == deadline
        assert deadline == world.clock() + timedelta(hours=1)
        world.clock.forward(hours=1)
        run = await world.reaches(number, State.EXPIRED)
    assert (
        run.reason == "it could not start in time: ZA-UJ does not answer, tried again at 17:02 UTC"
    )
    assert await world.held() == {}


async def test_a_silent_github_keeps_it_queued_until_its_time_is_over(world: World) -> None:
    await approved(world, number := await world.ask())
    world.folk.silence()
    async with world.running():
        run = await world.waits_because(number, "GitHub does not tell who uj-admin is")
        assert run.state is State.QUEUED
        world.clock.forward(hours=4)
        run = await world.reaches(number, State.EXPIRED)
    assert run.reason == "it could not start in time: GitHub does not tell who uj-admin is"
    assert not [job for job in world.stage.jobs if not job.check]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("inputs", "play.yml has changed"),
        ("branch", "aaaaaaa is not on the default branch any more"),
        ("entry", "its entry of the catalogue has changed"),
        ("gone", "its entry is not in the catalogue any more"),
        ("unfit", "variables that execute"),
        ("asker", "uj-admin may not run this any more"),
        ("approver", "roc-expert may not approve any more"),
    ],
)
async def test_what_changes_voids_it(world: World, what: str, reason: str) -> None:
    await approved(world, number := await world.ask())
    match what:
        case "inputs":
            world.depot.playbook += "# changed\n"
        case "branch":
            world.depot.on_branch = False
        case "entry":
            world.depot.offered = [replace(ENTRY, approvals=2)]
        case "gone":
            world.depot.offered = []
        case "unfit":
            world.unfit["ZA-UJ"] = "variables that execute"
        case "asker":
            world.folk.change(UJ_ADMIN, sites=frozenset())
        case "approver":
            world.folk.change(EXPERT, membership=Membership.OUTSIDER)
    async with world.running():
        run = await world.reaches(number, State.EXPIRED)
    assert run.reason == reason
    assert not [job for job in world.stage.jobs if not job.check]


async def test_anothers_merge_and_a_moved_line_change_nothing(world: World) -> None:
    await approved(world, number := await world.ask())
    world.depot.revision = Revision("b" * 40, "other", "x", datetime(2026, 6, 8, tzinfo=UTC))
    world.depot.offered = [replace(ENTRY, line=7)]
    async with world.running():
        await world.reaches(number, State.SUCCEEDED)


async def test_a_running_one_ends_only_by_cancel_now(world: World) -> None:
    await approved(world, number := await world.ask())
    world.stage.keep_runs = True
    cancel = world.book.cancel
    async with world.running():
        playing = await world.plays(number)
        assert await cancel(number, world.folk[UJ_ADMIN], now=False) is Verdict.RUNNING
        assert await cancel(number, world.folk[UJ_ADMIN], now=True) is Verdict.YES
        assert await cancel(number, world.folk[UJ_ADMIN], now=True) is Verdict.ALREADY
        await playing.stop.wait()
        run = await world.reaches(number, State.CANCELLED)
    assert run.decided is not None and run.decided.by == UJ_ADMIN
    assert await world.held() == {}


async def test_a_site_stays_held_until_the_process_is_gone(world: World) -> None:
    await approved(world, number := await world.ask())
    ends = asyncio.Event()

    async def stubborn(job, *, started, stop, **_):  # type: ignore[no-untyped-def]
        await started(1, 1)
        await stop.wait()
        await ends.wait()
        return ending(job, How.CANCELLED, plan=None)

    async with world.running(stubborn):
        await world.reaches(number, State.RUNNING)
        await world.book.cancel(number, world.folk[EXPERT], now=True)
        second = await world.ask(entry=READS)
        await world.waits_because(second, f"waits for run {number}")
        assert await world.held() == {"ZA-UJ": number}
        ends.set()
        await world.reaches(number, State.CANCELLED)


async def test_progress_is_on_the_row(world: World) -> None:
    await approved(world, number := await world.ask())
    world.stage.keep_runs = True
    async with world.running():
        playing = await world.plays(number)
        playing.progress(Progress(1, 2, "first", 1))
        playing.progress(Progress(2, 2, "second", 1))
        world.clock.forward(seconds=1)

        async def shown() -> Progress | None:
            return (await world.run(number)).progress

        assert (await until(shown)).name == "second"


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"status": 2, "recap": Recap()}, State.FAILED),
        ({"recap": Recap()}, State.FAILED),
        ({"how": How.LOST, "reason": "the disk is full"}, State.FAILED),
        ({"how": How.TIMED_OUT, "reason": "its time limit was over"}, State.FAILED),
    ],
)
async def test_what_did_not_succeed_is_told_so(
    world: World, changes: dict[str, object], state: State
) -> None:
    await approved(world, number := await world.ask())
    world.stage.run = lambda job: replace(ending(job), **changes)  # type: ignore[arg-type]
    async with world.running():
        run = await world.reaches(number, state)
    assert run.reason == changes.get("reason", "")


async def test_the_engine_stops_and_leaves_a_truthful_end(world: World) -> None:
    await approved(world, number := await world.ask())
    planned = await world.ask(site="KE-NAIROBI", by=KENET_ADMIN)
    world.stage.keep_runs = world.stage.keep_plans = True
    async with world.running():
        playing = await world.plays(number)
        await world.plays(planned)
        playing.progress(Progress(7, 11, "configure port", 1))
    run = await world.run(number)
    assert run.state is State.INTERRUPTED
    assert run.reason == "its process was stopped at task 7 of 11 (configure port)"
    assert (await world.run(planned)).state is State.PLANNING
    assert await world.held() == {} and await world.open_attempts() == 0
