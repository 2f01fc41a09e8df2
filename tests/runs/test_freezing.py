"""What ends of runs when somebody is frozen, in one transaction, and what does not."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from aaroc_bot.core.ports import Verdict
from aaroc_bot.core.rights import AccountLink, Person, Standing
from aaroc_bot.core.run import State
from aaroc_bot.runs.executing import Executor
from aaroc_bot.runs.flight import Flight
from aaroc_bot.runs.freezing import Ended, end_all_of
from aaroc_bot.store import frozen, ties
from tests.runs.test_wishes import waiting
from tests.runs.world import ENTRY, EXPERT, SECOND, UJ_ADMIN, World, account

TWO = replace(ENTRY, approvals=2)


async def freeze(world: World, person: Person, by: Standing | None = None) -> Ended:
    async with world.database.write() as connection:
        return await end_all_of(world.moves, connection, person, by or world.folk[SECOND])


async def test_their_requests_end_wherever_they_wait(world: World) -> None:
    queued = await waiting(world)
    asked = await waiting(world, parameters=(("port", 1),))
    await world.book.approve(queued, world.folk[EXPERT])
    planning = await world.ask(parameters=(("port", 2),))
    others = await world.ask(by=EXPERT)
    assert await freeze(world, UJ_ADMIN) == Ended((queued, asked, planning), ())
    for number in (queued, asked, planning):
        run = await world.run(number)
        assert run.state is State.CANCELLED and run.reason == "uj-admin is frozen"
        assert run.decided is not None and run.decided.by == SECOND
    assert (await world.run(others)).state is State.PLANNING
    assert await freeze(world, UJ_ADMIN) == Ended((), ())


async def test_their_approvals_are_taken_back(world: World) -> None:
    alone = await waiting(world)
    both = await waiting(world, entry=TWO, parameters=(("port", 1),))
    half = await waiting(world, entry=TWO, parameters=(("port", 2),))
    for number in (alone, both, half):
        await world.book.approve(number, world.folk[EXPERT])
    await world.book.approve(both, world.folk[SECOND])
    assert await freeze(world, EXPERT) == Ended((), (alone, both, half))
    for number in (alone, both):
        run = await world.run(number)
        assert run.state is State.EXPIRED
        assert run.reason == "roc-expert, who approved it, is frozen"
    run = await world.run(half)
    assert run.state is State.WAITING and run.approvals == ()
    assert await world.book.approve(half, world.folk[SECOND]) is Verdict.MORE_NEEDED
    taken_back = "approval taken back: roc-expert, who approved it, is frozen"
    assert taken_back in await world.outcomes(half)


async def test_what_runs_goes_on(world: World) -> None:
    async with world.running():
        world.stage.keep_runs = True
        number = await world.ask()
        await world.reaches(number, State.WAITING)
        await world.book.approve(number, world.folk[EXPERT])
        await world.plays(number)
        await world.reaches(number, State.RUNNING)
        assert await freeze(world, UJ_ADMIN) == Ended((), ())
        assert await freeze(world, EXPERT) == Ended((), ())
        world.stage.finish(number)
        await world.reaches(number, State.SUCCEEDED)


async def test_the_operators_freeze_is_on_record_as_theirs(world: World) -> None:
    number = await waiting(world)
    operator = Standing(account(UJ_ADMIN), operator="root")
    assert await freeze(world, UJ_ADMIN, operator) == Ended((number,), ())
    run = await world.run(number)
    assert run.state is State.CANCELLED and run.decided is None


async def test_a_plan_under_way_ends_with_its_request(world: World) -> None:
    async with world.running():
        world.stage.keep_plans = True
        number = await world.ask()
        await world.plays(number)
        assert await freeze(world, UJ_ADMIN) == Ended((number,), ())
        for engine in world.alive:
            engine.wake()
        await world.lands()
        assert (await world.run(number)).state is State.CANCELLED


async def test_a_freeze_and_a_yes_at_once_do_not_block_each_other(world: World) -> None:
    numbers = [await waiting(world, parameters=(("port", n),)) for n in range(4)]
    freezing = asyncio.create_task(freeze(world, UJ_ADMIN))
    wishes = (world.book.approve(number, world.folk[SECOND]) for number in reversed(numbers))
    verdicts = await asyncio.gather(*wishes)
    assert set((await freezing).requests) == set(numbers)
    assert {State.CANCELLED} == {(await world.run(number)).state for number in numbers}
    assert set(verdicts) <= {Verdict.YES, Verdict.ENDED}


async def test_who_is_frozen_starts_nothing_that_was_approved(world: World) -> None:
    number = await waiting(world)
    await world.book.approve(number, world.folk[EXPERT])
    world.folk.change(EXPERT, frozen=True, expert=False)
    async with world.running():
        run = await world.reaches(number, State.EXPIRED)
    assert "may not approve any more" in run.reason


async def test_who_asked_and_is_frozen_runs_nothing(world: World) -> None:
    number = await waiting(world)
    await world.book.approve(number, world.folk[EXPERT])
    world.folk.change(UJ_ADMIN, frozen=True)
    async with world.running():
        run = await world.reaches(number, State.EXPIRED)
    assert "may not run this any more" in run.reason


async def test_an_experts_new_account_approves_nothing(world: World) -> None:
    number = await waiting(world)
    new = replace(world.folk[EXPERT], decides_from=world.clock() + timedelta(hours=1))
    assert await world.book.approve(number, new) is Verdict.NEW_ACCOUNT
    assert await world.book.deny(number, new, "no") is Verdict.NEW_ACCOUNT
    assert (await world.run(number)).state is State.WAITING
    assert await world.book.approve(number, world.folk[EXPERT]) is Verdict.YES


async def freeze_elsewhere(world: World, person: Person) -> None:
    """Freeze as another process does just then: what was read of people here stays as it was."""
    async with world.database.write() as connection:
        await frozen.freeze(connection, person, "root", world.clock())


async def test_a_freeze_by_another_process_counts_within_the_transaction(world: World) -> None:
    number = await waiting(world)
    await freeze_elsewhere(world, EXPERT)
    assert await world.book.approve(number, world.folk[EXPERT]) is Verdict.NOT_AN_EXPERT
    await freeze_elsewhere(world, UJ_ADMIN)
    assert await world.book.approve(number, world.folk[SECOND]) is Verdict.CHANGED
    run = await world.run(number)
    assert run.state is State.WAITING and run.approvals == ()


async def test_an_account_whose_link_ended_a_moment_ago_approves_nothing(world: World) -> None:
    number, now = await waiting(world), world.clock()
    async with world.database.write() as connection:
        await ties.put(connection, ties.Tie(account(EXPERT), EXPERT, now, by_operator=True))
    link = AccountLink(account(EXPERT), EXPERT, now, now + timedelta(days=90), now)
    by = replace(world.folk[EXPERT], link=link)
    for other in (
        replace(link, since=now - timedelta(days=1)),
        replace(link, until=now),
        replace(link, account=account(SECOND)),
    ):
        standing = replace(by, link=other)
        assert await world.book.approve(number, standing) is Verdict.NOT_AN_EXPERT
    async with world.database.write() as connection:
        await ties.end(connection, account(EXPERT))
    assert await world.book.approve(number, by) is Verdict.NOT_AN_EXPERT
    async with world.database.write() as connection:
        await ties.put(connection, ties.Tie(account(EXPERT), EXPERT, now, by_operator=True))
    assert await world.book.approve(number, by) is Verdict.YES


def flight(number: int) -> Flight:
    return Flight(number, State.QUEUED, asyncio.Event())


@pytest.mark.parametrize("who", [EXPERT, UJ_ADMIN])
async def test_what_a_frozen_person_asked_for_or_approved_is_not_claimed(
    world: World, who: Person
) -> None:
    number = await waiting(world)
    await world.book.approve(number, world.folk[EXPERT])
    await freeze_elsewhere(world, who)
    await world.cleared(number)
    executor = Executor(world.needs())
    assert await executor.execute(flight(number)) is None
    assert (await world.run(number)).state is State.QUEUED and await world.held() == {}
    async with world.database.write() as connection:
        await frozen.lift(connection, who.id)
    assert await executor.execute(flight(number)) is None
    assert (await world.run(number)).state is State.SUCCEEDED
