"""What others do while a pull request is being opened: freeze, close, push, open it themselves."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aaroc_bot.core.changes import Change, ChangeState, NotOpened, WhyNot
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.pulls import PullRequest, PullState
from aaroc_bot.core.rights import Person
from aaroc_bot.github.faults import Refused
from aaroc_bot.store.audit import AuditWriter
from aaroc_bot.store.database import Database
from tests.changes.bench import KENET, SECOND, UJ, Bench, bench
from tests.changes.conftest import Devops
from tests.changes.hub import Hub


@pytest.fixture
async def b(devops: Devops, tmp_path: Path, sqlite_database: Database) -> AsyncIterator[Bench]:
    async with bench(devops, tmp_path / "state", sqlite_database) as b:
        yield b


class Passing:
    """Passes everything on to a hub, and lets something happen around one call."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hub, name)


class Gated(Passing):
    """Opens only once it may."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self.reached, self.may = asyncio.Event(), asyncio.Event()

    async def propose(self, *words: Any, **more: Any) -> PullRequest:
        self.reached.set()
        await self.may.wait()
        return await self._hub.propose(*words, **more)


class Unheard(Passing):
    """Opens, and its answer is lost."""

    async def propose(self, *words: Any, **more: Any) -> PullRequest:
        await self._hub.propose(*words, **more)
        raise Unavailable("GitHub")


class Misled(Passing):
    """Opens, and something in between answers in GitHub's place."""

    async def propose(self, *words: Any, **more: Any) -> PullRequest:
        await self._hub.propose(*words, **more)
        self._hub.refuses["of_branch"] = Refused(404, "Not Found")
        raise Refused(404, "Not Found")


async def kept(b: Bench, id: int = 1) -> Change:
    change = await b.book().get(id)
    assert change is not None
    return change


def push(b: Bench, branch: str, who: Person = SECOND) -> str:
    """Let a colleague put a commit on a branch."""
    given = {f"GIT_{one}_{what}": value for one in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "k"), ("EMAIL", f"{who.id}+k@x"))}  # fmt: skip
    tree = f"{branch}^{{tree}}"
    tip = b.hub.git("commit-tree", tree, "-p", branch, "-m", "more", env=given)
    b.hub.git("update-ref", f"refs/heads/{branch}", tip)
    return tip


@pytest.mark.parametrize("processes", [1, 2])
async def test_who_leaves_while_it_is_opened_leaves_nothing_open(b: Bench, processes: int) -> None:
    gated = Gated(b.hub)
    book = b.book(gated)
    opening = asyncio.create_task(b.proposed({"option_3": "30"}, book=book))
    await gated.reached.wait()
    other = book if processes == 1 else b.book()
    closing = asyncio.create_task(other.close_all_of(UJ, "uj-admin left"))
    if processes == 2:
        await closing
    gated.may.set()
    await asyncio.gather(opening, closing)
    change = await kept(b)
    assert (change.state, change.number) == (ChangeState.CLOSED, 51)
    assert b.hub.opened[51].state is PullState.CLOSED
    assert await b.book().close_all_of(UJ, "uj-admin left") == []


async def test_what_was_opened_of_who_is_frozen_since_is_closed(b: Bench) -> None:
    waiting = await b.proposed({"option_3": "30"}, pulls=Unheard(b.hub))
    assert waiting.state is ChangeState.OPENING and len(await b.hub.open()) == 1
    await b.freeze(UJ)
    b.hub.refuses["close"] = Refused(403, "not now")
    await b.book().resume()
    assert (await kept(b)).state is ChangeState.OPENING  # it is tried again
    del b.hub.refuses["close"]
    await b.book().resume()
    change = await kept(b)
    assert (change.state, change.number) == (ChangeState.FAILED, 51)
    assert change.why == "uj-admin is frozen"
    assert await b.hub.open() == []


async def test_an_answer_that_was_not_githubs_ends_nothing(b: Bench) -> None:
    change = await b.proposed({"option_3": "30"}, pulls=Misled(b.hub))
    assert change.state is ChangeState.OPENING
    assert change.why == "GitHub: Not Found; it is tried again"
    b.hub.refuses.clear()
    await b.book().resume()
    change = await kept(b)
    assert (change.state, change.number) == (ChangeState.OPEN, 51)
    assert len(b.hub.opened) == 1


async def test_what_was_asked_for_at_the_machine_stays_so_if_others_push(b: Bench) -> None:
    change = await b.proposed({"option_3": "30"}, pulls=Unheard(b.hub), bounded=True)
    push(b, change.branch)
    await b.book().resume()
    change = await kept(b)
    assert (change.state, change.number, change.bounded) == (ChangeState.OPEN, 51, True)
    assert await b.book().numbered(51) == change


async def test_the_commit_is_on_record_before_the_branch_is_made(b: Bench) -> None:
    b.hub.refuses["begin"] = Refused(403, "no")
    assert isinstance(await b.proposed({"option_3": "30"}), NotOpened)
    b.hub.refuses.clear()
    made = (await kept(b)).made
    assert b.hub.git("cat-file", "-t", made) == "commit"
    change = await b.opened({"option_4": "40"})
    assert change.made == b.hub.git("rev-parse", change.branch)


@pytest.mark.parametrize("into", ["main", "other"])
async def test_what_somebody_else_opened_from_its_branch_is_not_taken_over(
    b: Bench, into: str
) -> None:
    class Overtaken(Passing):
        async def begin(self, name: str, sha: str) -> None:
            await self._hub.begin(name, sha)
            who = KENET if into == "main" else None
            opened = self._hub.pull("approved by the ROC", name, who or UJ)
            self._hub.opened[opened.number] = replace(opened, base=into)

    no = await b.proposed({"option_3": "30"}, pulls=Overtaken(b.hub))
    assert isinstance(no, NotOpened) and no.why is WhyNot.GITHUB
    by = "kenet-admin" if into == "main" else "uj-admin"
    assert no.detail == f"#51 from its branch into {into} was opened by {by}"
    change = await kept(b)
    assert (change.state, change.number) == (ChangeState.FAILED, None)
    assert await b.book().numbered(51) is None


async def test_one_opened_again_on_github_is_closed_again(b: Bench) -> None:
    await b.opened({"option_3": "30"})
    assert await b.book().close_all_of(UJ, "uj-admin left") == [51]
    b.hub.opened[51] = replace(b.hub.opened[51], state=PullState.OPEN)
    async with b.database.write() as connection:
        assert await b.moves.move(connection, await kept(b), ChangeState.OPEN)
    assert await b.book().close_all_of(UJ, "uj-admin left") == [51]
    assert b.hub.opened[51].state is PullState.CLOSED


async def test_the_record_names_nobody_for_what_the_bot_closes(b: Bench) -> None:
    await b.opened({"option_3": "30"})
    await b.book().close_all_of(UJ, "uj-admin left")
    assert [(login, outcome) for login, _, outcome in (await b.told())[-2:]] == [
        ("", "closing of #51 begins: uj-admin left"),
        ("", "#51 closed: uj-admin left"),
    ]
    history = await AuditWriter(b.database).history("ZA-UJ")
    outcomes = [one.event.outcome for one in history.rows]
    assert outcomes == ["#51 closed: uj-admin left", "#51 open"]
