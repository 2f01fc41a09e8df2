"""What waits ends when what it was bound to changes, says what that was, and else waits on."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aaroc_bot.core.entries import Entry
from aaroc_bot.core.ports import Unavailable, Verdict
from aaroc_bot.core.run import State
from aaroc_bot.core.sites import Revision
from aaroc_bot.repo.export import CannotExport
from aaroc_bot.runs.voiding import Voiding
from tests.runs.test_wishes import waiting
from tests.runs.world import ENTRY, EXPERT, World


def merged(world: World, letter: str) -> None:
    """Move the default branch on."""
    at = datetime(2026, 6, 8, tzinfo=UTC)
    world.depot.revision = Revision(letter * 40, "merge", "somebody", at)


def looks(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the revisions of which the inputs are compared."""
    looked, inputs = list[str](), world.depot.inputs

    async def noted(sha: str, site: str, entry: Entry) -> str:
        looked.append(sha[0])
        return await inputs(sha, site, entry)

    monkeypatch.setattr(world.depot, "inputs", noted)
    return looked


async def test_a_changed_file_is_named_whether_it_waits_or_was_approved(world: World) -> None:
    waits, queued = await waiting(world), await waiting(world, parameters=(("port", 1),))
    assert await world.book.approve(queued, world.folk[EXPERT]) is Verdict.YES
    plans = await world.ask(parameters=(("port", 2),))
    world.depot.inventory += "# changed\n"
    merged(world, "b")
    await Voiding(world.judge()).step()
    for number in (waits, queued):
        run = await world.run(number)
        assert (run.state, run.reason) == (State.EXPIRED, "inventory has changed")
    assert (await world.run(waits)).decided is None and (await world.run(queued)).decided is None
    assert (await world.run(plans)).state is State.PLANNING  # it is planned of what is there then
    assert await world.book.approve(waits, world.folk[EXPERT]) is Verdict.ENDED
    assert (await world.outcomes(waits))[-1] == "expired: inventory has changed"


async def test_another_sites_change_ends_nothing_and_each_state_is_looked_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, voiding = await waiting(world), Voiding(world.judge())
    looked = looks(world, monkeypatch)
    for _ in range(3):
        await voiding.step()
    assert looked == ["a"]
    second = await waiting(world, parameters=(("port", 1),))
    looked.clear()
    await voiding.step()
    assert looked == ["a"]  # the new one alone
    merged(world, "b")
    for _ in range(3):
        await voiding.step()
    assert looked == ["a", "b", "b"]
    assert {(await world.run(number)).state for number in (first, second)} == {State.WAITING}


@pytest.mark.parametrize(
    ("offered", "reason"),
    [
        ([replace(ENTRY, approvals=2)], "its entry of the catalogue has changed"),
        ([], "its entry is not in the catalogue any more"),
        ([replace(ENTRY, line=9)], ""),
    ],
)
async def test_the_catalogue_counts_without_a_new_revision(
    world: World, offered: list[Entry], reason: str
) -> None:
    number, voiding = await waiting(world), Voiding(world.judge())
    await voiding.step()
    world.depot.offered = offered
    await voiding.step()
    run = await world.run(number)
    assert (run.state, run.reason) == (State.EXPIRED if reason else State.WAITING, reason)


async def test_a_revision_that_was_taken_off_the_branch_ends_what_waits(world: World) -> None:
    number = await waiting(world)
    world.depot.on_branch = False
    merged(world, "b")
    await Voiding(world.judge()).step()
    run = await world.run(number)
    assert run.state is State.EXPIRED
    assert run.reason == "aaaaaaa is not on the default branch any more"


async def test_what_cannot_be_compared_waits_and_what_is_away_is_looked_at_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, voiding = await waiting(world), Voiding(world.judge())
    world.depot.playbook += "# changed\n"
    faults: list[Exception] = [Unavailable("the DevOps repository"), CannotExport("a loop")]
    inputs = world.depot.inputs

    async def faulty(sha: str, site: str, entry: Entry) -> str:
        if faults:
            raise faults.pop(0)
        return await inputs(sha, site, entry)

    monkeypatch.setattr(world.depot, "inputs", faulty)
    with pytest.raises(Unavailable):
        await voiding.step()
    await voiding.step()
    await voiding.step()
    assert not faults and (await world.run(number)).state is State.WAITING
    merged(world, "b")
    await voiding.step()
    assert (await world.run(number)).reason == "play.yml has changed"
