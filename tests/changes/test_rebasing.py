"""What is written anew onto the default branch: nothing that others push is thrown away."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from aaroc_bot.core.changes import Change
from aaroc_bot.core.ports import Merged, NotMerged, Obstacle, Unavailable
from aaroc_bot.github.faults import Refused
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.sandbox.github.shapes.repository import Allowed
from aaroc_bot.store.database import Database
from tests.changes.bench import EXPERT, FILE, KENET, SECOND, Bench, bench
from tests.changes.conftest import Devops
from tests.changes.test_ending_early import Passing, kept, push


@pytest.fixture
async def b(devops: Devops, tmp_path: Path, sqlite_database: Database) -> AsyncIterator[Bench]:
    async with bench(devops, tmp_path / "state", sqlite_database) as b:
        yield b


class Racing(Passing):
    """Lets somebody push just before the branch is moved."""

    tip = ""
    bench: Bench

    async def move(self, name: str, sha: str, *, force: bool = True) -> None:
        self.tip = push(self.bench, name)
        await self._hub.move(name, sha, force=force)


class Stopped(Passing):
    """Does not move a branch: it is silent, or refuses."""

    def __init__(self, b: Bench, fault: BaseException, *, after: bool = False) -> None:
        super().__init__(b.hub)
        self._fault, self._after = fault, after

    async def move(self, *words: Any, **more: Any) -> None:
        if self._after:
            await self._hub.move(*words, **more)
        raise self._fault


async def in_conflict(b: Bench) -> Change:
    change = await b.opened({"option_3": "30"})
    b.devops.commit("roc-expert", {FILE: b.content().replace("option_4: 4", "option_4: 40")})
    return change


async def anew(b: Bench, pulls: object | None = None, number: int = 51) -> object:
    outcome = await b.book(pulls).merge(number, await b.by(SECOND))
    return outcome.obstacle if isinstance(outcome, NotMerged) else outcome


async def test_a_push_while_it_is_written_anew_is_kept(b: Bench) -> None:
    change = await in_conflict(b)
    racing = Racing(b.hub)
    racing.bench = b
    assert await anew(b, racing) is Obstacle.MOVED
    assert b.hub.git("rev-parse", change.branch) == racing.tip
    assert (await kept(b)).made == change.made
    assert (await kept(b)).base == change.base


async def test_it_differs_from_the_default_branch_by_its_wish_alone(b: Bench) -> None:
    change = await in_conflict(b)
    assert await anew(b) is Obstacle.REBASED
    now, head = await kept(b), b.hub.git("rev-parse", change.branch)
    assert now.made == head
    assert b.hub.git("rev-list", "--parents", "-1", head).split()[1:] == [change.made, now.base]
    changed = b.hub.git("diff", "--numstat", f"main...{change.branch}")
    assert changed.split() == ["1", "1", FILE]
    b.devops.commit("roc-expert", {FILE: b.content().replace("option_2: 2", "option_2: 20")})
    assert await anew(b) is Obstacle.REBASED  # and once more
    b.review(51, EXPERT)
    assert isinstance(await anew(b), Merged)
    assert "option_2: 20\noption_3: 30\noption_4: 40\n" in b.content()


async def test_where_merging_is_by_rebase_it_is_one_commit(b: Bench) -> None:
    change = await in_conflict(b)
    b.hub.flat = True
    assert await anew(b) is Obstacle.REBASED
    assert b.hub.git("rev-list", "--count", f"main..{change.branch}") == "1"
    assert (await kept(b)).made == b.hub.git("rev-parse", change.branch)


@pytest.mark.parametrize("fault", [Unavailable("GitHub"), Refused(403, "not today")])
async def test_what_could_not_be_moved_is_the_bots_still(b: Bench, fault: Exception) -> None:
    change = await in_conflict(b)
    try:
        assert await anew(b, Stopped(b, fault)) is Obstacle.CONFLICT
    except Unavailable:
        assert isinstance(fault, Unavailable)
    assert (await kept(b)).made == change.made
    assert await anew(b) is Obstacle.REBASED


async def test_a_move_whose_answer_was_lost_is_found(b: Bench) -> None:
    change = await in_conflict(b)
    lost = Stopped(b, Unavailable("GitHub"), after=True)
    assert await anew(b, lost) is Obstacle.REBASED
    assert (await kept(b)).made == b.hub.git("rev-parse", change.branch) != change.made


class Fell(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("after", [False, True])
async def test_after_a_fall_it_is_written_anew_all_the_same(b: Bench, after: bool) -> None:
    change = await in_conflict(b)
    with pytest.raises(Fell):
        await anew(b, Stopped(b, Fell(), after=after))
    if after:
        assert (await kept(b)).made == b.hub.git("rev-parse", change.branch)
    b.devops.commit("roc-expert", {FILE: b.content().replace("option_2: 2", "option_2: 20")})
    assert await anew(b) is Obstacle.REBASED
    assert (await kept(b)).made == b.hub.git("rev-parse", change.branch)


@pytest.mark.parametrize("way", ["merge", "squash", "rebase"])
async def test_on_github_it_lands_with_every_edit_whichever_way_it_is_merged(
    b: Bench, way: str
) -> None:
    b.world.allowed = Allowed(**{one: one == way for one in ("merge", "squash", "rebase")})
    pulls = Pulls(b.api, "AAROC/DevOps")
    change = await b.proposed({"option_3": "30"}, pulls=pulls)
    b.devops.commit("roc-expert", {FILE: b.content().replace("option_4: 4", "option_4: 40")})
    assert await anew(b, pulls, change.number) is Obstacle.REBASED
    assert await pulls.branch(change.branch) == (await kept(b)).made
    reviewer = b.world.user(EXPERT.login)
    assert reviewer is not None
    await b.world.review(change.number, reviewer, "APPROVE")
    assert isinstance(await anew(b, pulls, change.number), Merged)
    assert "option_3: 30\noption_4: 40\n" in b.content()


async def test_the_merge_of_what_others_committed_to_bears_no_title_of_the_bots(b: Bench) -> None:
    change = await b.opened({"option_3": "30"})
    push(b, change.branch, KENET)
    b.review(51, EXPERT)
    assert isinstance(await anew(b), Merged)
    told = b.hub.git("log", "-1", "--format=%s", "main")
    assert told == "With commits of others (#51), merged for roc-second"
