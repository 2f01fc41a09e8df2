"""Asking, approving, denying, cancelling: rows, verdicts and the record."""

import asyncio
from dataclasses import replace

import pytest

from aaroc_bot.core.ports import Verdict
from aaroc_bot.core.rights import Membership
from aaroc_bot.core.run import IllegalTransition, State
from tests.runs.world import ENTRY, EXPERT, KENET_ADMIN, READS, SECOND, UJ_ADMIN, UNSEEN, World
from tests.runs.world import ending as ended


async def waiting(world: World, **more: object) -> int:
    """Ask, and have the plan made."""
    number = await world.ask(**more)
    async with world.running():
        await world.reaches(number, State.WAITING)
    return number


async def test_a_request_goes_through_its_whole_life(world: World) -> None:
    async with world.running():
        number = await world.ask()
        run = await world.reaches(number, State.WAITING)
        assert run.plan is not None and run.deadline is not None
        assert await world.book.approve(number, world.folk[EXPERT]) is Verdict.YES
        run = await world.reaches(number, State.SUCCEEDED)
    assert run.recap is not None and run.recap.changed == 1
    assert run.decided is not None and run.decided.by == EXPERT
    assert await world.outcomes(number) == ["planning", "waiting", "queued", "running", "succeeded"]
    assert await world.book.log(number) == "the log\n" and run.log
    assert await world.held() == {} and await world.open_attempts() == 0
    assert await world.notices() == [("run-waits", str(number)), ("run-ended", str(number))]
    assert [path.name for path in (world.folder / "runs").iterdir()] == []


async def test_the_same_request_under_way_is_one_run(world: World) -> None:
    first, fresh = await world.book.ask(world.request())
    again, fresh_again = await world.book.ask(world.request())
    assert (fresh, fresh_again, again.number) == (True, False, first.number)
    other, fresh = await world.book.ask(world.request(plan_only=True))
    assert fresh and other.number != first.number
    others, fresh = await world.book.ask(world.request(by=EXPERT))
    assert fresh and others.number != first.number


async def test_a_request_of_before_the_site_was_changed_is_not_the_same(world: World) -> None:
    first, _ = await world.book.ask(world.request())
    world.depot.revision = replace(world.depot.revision, sha="e" * 40)
    again, fresh = await world.book.ask(world.request())
    assert not fresh and again.number == first.number, "another site's merge changes nothing"
    world.depot.outdated.add(first.revision.sha)
    again, fresh = await world.book.ask(world.request())
    assert fresh and again.number != first.number
    assert again.revision.sha == "e" * 40


async def test_asked_at_once_it_is_one_run(world: World) -> None:
    asked = await asyncio.gather(*(world.book.ask(world.request()) for _ in range(8)))
    assert len({run.number for run, _ in asked}) == 1
    assert sum(fresh for _, fresh in asked) == 1


async def test_nobody_approves_their_own(world: World) -> None:
    number = await waiting(world, by=EXPERT)
    assert await world.book.approve(number, world.folk[EXPERT]) is Verdict.OWN_REQUEST
    assert await world.book.approve(number, world.folk[SECOND]) is Verdict.YES


async def test_who_may_not_decide_changes_nothing(world: World) -> None:
    number = await waiting(world)
    before = await world.outcomes()
    assert await world.book.approve(number, world.folk[KENET_ADMIN]) is Verdict.NOT_AN_EXPERT
    assert await world.book.deny(number, world.folk[UJ_ADMIN], "no") is Verdict.NOT_AN_EXPERT
    assert await world.book.cancel(number, world.folk[KENET_ADMIN], now=False) is Verdict.NOT_YOURS
    bounded = replace(world.folk[EXPERT], bounded=True, operator="root")
    assert await world.book.approve(number, bounded) is Verdict.NOT_AN_EXPERT
    assert await world.book.approve(99, world.folk[EXPERT]) is Verdict.NO_SUCH_RUN
    world.folk.silence()
    assert await world.book.approve(number, world.folk[EXPERT]) is Verdict.CANNOT_TELL
    assert (await world.run(number)).state is State.WAITING and await world.outcomes() == before
    assert await world.book.deny(number, world.folk[EXPERT], "not today") is Verdict.YES


async def test_rights_are_asked_again_at_the_moment_of_approval(world: World) -> None:
    number = await waiting(world)
    remembered = world.folk[EXPERT]
    world.folk.change(EXPERT, membership=Membership.OUTSIDER)
    assert await world.book.approve(number, remembered) is Verdict.NOT_AN_EXPERT


async def test_two_experts_where_two_are_needed(world: World) -> None:
    number = await waiting(world, entry=replace(ENTRY, approvals=2))
    assert await world.book.approve(number, world.folk[EXPERT]) is Verdict.MORE_NEEDED
    assert await world.book.approve(number, world.folk[EXPERT]) is Verdict.ALREADY
    assert await world.book.approve(number, world.folk[SECOND]) is Verdict.YES
    run = await world.run(number)
    assert [a.by for a in run.approvals] == [EXPERT, SECOND] and run.state is State.QUEUED


async def test_two_experts_at_once_count_once_each(world: World) -> None:
    number = await waiting(world)
    verdicts = await asyncio.gather(
        world.book.approve(number, world.folk[EXPERT]),
        world.book.approve(number, world.folk[SECOND]),
        world.book.approve(number, world.folk[EXPERT]),
    )
    assert sorted(v.name for v in verdicts).count("YES") == 1
    assert (await world.run(number)).state is State.QUEUED
    assert (await world.outcomes(number)).count("queued") == 1


async def test_cancel_against_approve_has_one_winner(world: World) -> None:
    number = await waiting(world)
    approved, cancelled = await asyncio.gather(
        world.book.approve(number, world.folk[EXPERT]),
        world.book.cancel(number, world.folk[UJ_ADMIN], now=False),
    )
    assert cancelled is Verdict.YES and approved in {Verdict.YES, Verdict.ENDED}
    run = await world.run(number)
    assert run.state is State.CANCELLED and run.decided is not None
    assert ("run-ended", str(number)) not in await world.notices()


async def test_denied_with_a_reason_that_is_redacted(world: World) -> None:
    number = await waiting(world)
    assert await world.book.deny(number, world.folk[EXPERT], "hunter2\0 no") is Verdict.YES
    run = await world.run(number)
    assert run.state is State.DENIED and run.reason.startswith("•••") and "\0" not in run.reason
    assert await world.book.approve(number, world.folk[SECOND]) is Verdict.ENDED
    assert await world.book.cancel(number, world.folk[UJ_ADMIN], now=True) is Verdict.ENDED


async def test_what_an_operator_asks_needs_an_expert(world: World) -> None:
    run, _ = await world.book.ask(world.request(entry=READS, bounded=True))
    assert run.needed == 1


async def test_an_illegal_transition_is_impossible(world: World) -> None:
    run = await world.run(await world.ask())
    async with world.database.write() as connection:
        with pytest.raises(IllegalTransition):
            await world.moves.move(connection, run, State.RUNNING)


async def test_numbers_never_repeat_and_pages_count(world: World) -> None:
    numbers = [await world.ask(parameters=(("port", n),)) for n in range(12)]
    assert numbers == sorted(set(numbers))
    first, second = await world.book.newest(), await world.book.newest(site="ZA-UJ", page=2)
    assert [r.number for r in first.rows] == numbers[:1:-1] and first.left == 2
    assert [r.number for r in second.rows] == numbers[1::-1] and second.left == 0


async def test_a_sites_last_run_and_usual_duration(world: World) -> None:
    world.stage.plan = lambda job: ended(job, plan=UNSEEN)
    async with world.running():
        number = await world.ask()
        await world.reaches(number, State.WAITING)
        await world.book.approve(number, world.folk[EXPERT])
        await world.reaches(number, State.SUCCEEDED)
        only_planned = await world.ask(plan_only=True)
        await world.reaches(only_planned, State.PLANNED)
        reads = await world.ask(entry=READS)
        await world.reaches(reads, State.SUCCEEDED)
    last = await world.book.last("ZA-UJ")
    assert last is not None and last.number == number
    assert {site: r.number for site, r in (await world.book.lasts()).items()} == {"ZA-UJ": number}
    assert {site: r.number for site, r in (await world.book.outcomes()).items()} == {"ZA-UJ": reads}
    assert await world.book.usual("deploy", "site-bdii", "ZA-UJ") is not None
    assert await world.book.usual("deploy", "site-bdii", "KE-NAIROBI") is None
    assert await world.book.active() == []
