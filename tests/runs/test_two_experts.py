"""An entry that needs two experts: two people's yes to one plan, both still theirs at the start."""

from dataclasses import replace

from aaroc_bot.core.ports import Verdict
from aaroc_bot.core.run import State
from aaroc_bot.runs.freezing import end_all_of
from tests.runs.test_wishes import waiting
from tests.runs.world import ENTRY, EXPERT, KENET_ADMIN, READS, SECOND, World

TWO = replace(ENTRY, approvals=2)


async def asked(world: World) -> int:
    """Ask for something that takes two, and have the plan made."""
    world.depot.offered = [TWO, READS]
    return await waiting(world, entry=TWO)


async def test_two_experts_and_the_same_one_counts_once(world: World) -> None:
    number, approve = await asked(world), world.book.approve
    assert await approve(number, world.folk[EXPERT]) is Verdict.MORE_NEEDED
    assert await approve(number, world.folk[EXPERT]) is Verdict.ALREADY
    run = await world.run(number)
    assert run.state is State.WAITING and [given.by for given in run.approvals] == [EXPERT]
    async with world.running():
        assert await approve(number, world.folk[SECOND]) is Verdict.YES
        run = await world.reaches(number, State.SUCCEEDED)
    assert [given.by for given in run.approvals] == [EXPERT, SECOND]
    assert (await world.outcomes(number))[1:4] == ["waiting", "approved", "queued"]


async def test_one_yes_of_two_in_time_is_told_so(world: World) -> None:
    number = await asked(world)
    await world.book.approve(number, world.folk[EXPERT])
    world.clock.forward(hours=4)
    assert await world.book.approve(number, world.folk[SECOND]) is Verdict.ENDED
    run = await world.run(number)
    assert (run.state, run.reason) == (State.EXPIRED, "1 of 2 experts approved it in time")


async def test_the_yes_of_one_who_was_frozen_meanwhile_does_not_count(world: World) -> None:
    world.folk.change(KENET_ADMIN, expert=True)
    number, approve = await asked(world), world.book.approve
    assert await approve(number, world.folk[EXPERT]) is Verdict.MORE_NEEDED
    async with world.database.write() as connection:
        await end_all_of(world.moves, connection, EXPERT, world.folk[SECOND])
    assert await approve(number, world.folk[SECOND]) is Verdict.MORE_NEEDED
    async with world.running():
        assert await approve(number, world.folk[KENET_ADMIN]) is Verdict.YES
        run = await world.reaches(number, State.SUCCEEDED)
    assert [given.by for given in run.approvals] == [SECOND, KENET_ADMIN]


async def test_one_of_two_who_lost_the_right_in_the_queue_ends_it_by_name(world: World) -> None:
    """It waits behind another run meanwhile; its turn never becomes a claim."""
    number = await asked(world)
    world.stage.keep_runs = True
    async with world.running():
        await world.plays(ahead := await world.ask(entry=READS))
        assert await world.book.approve(number, world.folk[EXPERT]) is Verdict.MORE_NEEDED
        assert await world.book.approve(number, world.folk[SECOND]) is Verdict.YES
        await world.waits_because(number, f"waits for run {ahead} at ZA-UJ")
        world.folk.change(EXPERT, expert=False)
        world.stage.finish(ahead)
        run = await world.reaches(number, State.EXPIRED)
    assert run.reason == "roc-expert may not approve any more"
    assert await world.outcomes(number) == [
        "planning",
        "waiting",
        "approved",
        "queued",
        f"expired: {run.reason}",
    ]
    assert [job.run for job in world.stage.jobs if not job.check] == [ahead]
