"""GitHub answers 403 with its rate limit, 500, nothing, or that the bot has no right.

What is asked for then is refused or waits, nothing is done twice, and it goes on after.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from aaroc_bot.core.changes import Change, ChangeState, NotOpened, SetVariables, WhyNot
from aaroc_bot.core.joining import JoinState
from aaroc_bot.core.ports import (
    JoinOutcome,
    Merged,
    NotJoined,
    NotMerged,
    Obstacle,
    Unavailable,
    WhyNotJoined,
)
from aaroc_bot.sandbox.github.tokens import Right
from aaroc_bot.sandbox.github.world import Misbehaviour
from aaroc_bot.store.database import Database
from tests.changes.away import Desk, a_desk
from tests.changes.bench import EXPERT, UJ, asked
from tests.changes.conftest import Devops, person
from tests.runs.world import until

OUTSIDER = person("outsider")
WISH = SetVariables("ZA-UJ", (("bdii_port", "2171"),))
FAULTS = ("primary", "secondary", "errs", "silent")


@pytest.fixture
async def desk(devops: Devops, tmp_path: Path, sqlite_database: Database) -> AsyncIterator[Desk]:
    async with a_desk(devops, tmp_path, sqlite_database) as desk:
        yield desk


def fail(desk: Desk, fault: str, path: str = "/", method: str | None = None) -> None:
    """Let GitHub fail so; a silent one is waited for no longer than a second each time.

    `lost`: it does what it is asked for, and nobody learns of it.
    """
    how = Misbehaviour(path, method=method)
    match fault:
        case "silent":
            how.silent = True
            desk.hurry()
        case "errs":
            how.status = 500
        case "lost":
            how.status, how.after = 500, True
        case _:
            how.limited = fault
    desk.world.misbehave(how)


@pytest.mark.parametrize("fault", FAULTS)
async def test_set_waits_and_is_opened_once(desk: Desk, fault: str) -> None:
    by = await desk.b.by(UJ)
    fail(desk, fault)
    change = await desk.book.propose(WISH, by, asked(UJ), "")
    assert isinstance(change, Change) and change.state is ChangeState.OPENING
    assert change.why == "GitHub does not answer; it is tried again"
    with suppress(Unavailable):
        await desk.book.resume()
    assert not desk.world.pulls
    desk.recovers()
    await desk.book.resume()
    again = await desk.book.get(change.id)
    assert again is not None and again.state is ChangeState.OPEN
    assert list(desk.world.pulls) == [again.number]


@pytest.mark.parametrize("fault", ["errs", "silent", "lost"])
@pytest.mark.parametrize("call", ["git/blobs", "git/trees", "git/commits", "git/refs", "pulls"])
async def test_a_fault_at_any_call_of_set_leaves_one_pull_request(
    desk: Desk, fault: str, call: str
) -> None:
    by = await desk.b.by(UJ)
    fail(desk, fault, f"/repos/AAROC/DevOps/{call}", "POST")
    change = await desk.book.propose(WISH, by, asked(UJ), "")
    assert isinstance(change, Change) and change.state is ChangeState.OPENING
    desk.recovers()
    await desk.book.resume()
    again = await desk.book.get(change.id)
    assert again is not None and again.state is ChangeState.OPEN
    assert list(desk.world.pulls) == [again.number]
    assert len(desk.b.hub.git("branch", "--list", "aaroc/*").splitlines()) == 1


@pytest.mark.parametrize("fault", FAULTS)
async def test_merge_is_refused_and_can_be_asked_for_again(desk: Desk, fault: str) -> None:
    number, by = await desk.reviewed(), await desk.b.by(EXPERT)
    before = desk.b.hub.git("rev-parse", "main")
    fail(desk, fault)
    with pytest.raises(Unavailable):
        await desk.book.merge(number, by)
    assert desk.b.hub.git("rev-parse", "main") == before
    desk.recovers()
    assert isinstance(await desk.book.merge(number, by), Merged)


@pytest.mark.parametrize("fault", FAULTS)
async def test_merge_while_people_cannot_be_told_merges_nothing(desk: Desk, fault: str) -> None:
    number, by = await desk.reviewed(), await desk.b.by(EXPERT)
    fail(desk, fault, "/orgs")
    outcome: object = None
    with suppress(Unavailable):
        outcome = await desk.book.merge(number, by)
    assert not isinstance(outcome, Merged)
    assert desk.world.pull(number).state == "open"
    desk.recovers()
    assert isinstance(await desk.book.merge(number, by), Merged)


@pytest.mark.parametrize("fault", FAULTS)
async def test_looking_says_that_github_is_away(desk: Desk, fault: str) -> None:
    number = await desk.reviewed()
    fail(desk, fault)
    with pytest.raises(Unavailable):
        await desk.book.look(number, deep=True)
    with pytest.raises(Unavailable):
        await desk.book.open()
    desk.recovers()
    look = await desk.book.look(number)
    assert look is not None and look.hindrance is None


@pytest.mark.parametrize("fault", FAULTS)
async def test_invite_sends_nothing_that_github_cannot_tell_of(desk: Desk, fault: str) -> None:
    joining, _ = desk.joining()
    by = await desk.b.by(EXPERT)
    assert await joining.ask(await desk.b.by(OUTSIDER), asked(OUTSIDER)) is JoinOutcome.ASKED
    fail(desk, fault)
    refused = await joining.invite("outsider", by)
    assert isinstance(refused, NotJoined) and refused.why is WhyNotJoined.CANNOT_TELL
    desk.recovers()
    assert await joining.invite("outsider", by) is JoinOutcome.INVITED
    assert len(desk.world.invitations) == 1


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_invitation_that_github_does_not_take_is_sent_later(
    desk: Desk, fault: str
) -> None:
    joining, following = desk.joining()
    assert await joining.ask(await desk.b.by(OUTSIDER), asked(OUTSIDER)) is JoinOutcome.ASKED
    fail(desk, fault, "/orgs/AAROC/invitations", "POST")
    assert await joining.invite("outsider", await desk.b.by(EXPERT)) is JoinOutcome.SENDING
    await following.look()
    assert not desk.world.invitations
    desk.recovers()
    await following.look()
    assert [one.user for one in desk.world.invitations.values()] == [OUTSIDER.id]


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_watcher_goes_on_and_logs_once(
    desk: Desk, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.reviewed()
    watcher = desk.watcher()
    fail(desk, fault)
    with pytest.raises(Unavailable):
        await watcher.round()
    with caplog.at_level(logging.WARNING, "aaroc_bot.changes.watching"):
        await through_faults_and_back(desk)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def through_faults_and_back(desk: Desk) -> None:
    """Run a watcher that looks several times in vain, and then sees what there is."""
    watcher, asked_before = desk.watcher(), desk.looked
    task = asyncio.create_task(watcher.run())

    async def looked() -> bool | None:
        return desk.looked >= asked_before + 3 or None

    async def seen() -> bool | None:
        return await desk.noticed() > 0 or None

    try:
        await until(looked)
        desk.recovers()
        await until(seen)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_token_without_rights_is_told(desk: Desk) -> None:
    number, by = await desk.reviewed(), await desk.b.by(UJ)
    desk.may_only(Right.MEMBERS_READ)
    wish = SetVariables("ZA-UJ", (("contact", "me"),))
    refused = await desk.book.propose(wish, by, asked(UJ), "")
    assert isinstance(refused, NotOpened) and refused.why is WhyNot.GITHUB
    assert refused.detail == "Resource not accessible by personal access token"
    outcome = await desk.book.merge(number, await desk.b.by(EXPERT))
    assert isinstance(outcome, NotMerged) and outcome.obstacle is Obstacle.PROTECTED
    assert outcome.detail == "Resource not accessible by personal access token"
    assert desk.world.pull(number).state == "open"


async def test_a_token_that_is_shown_nobody_merges_nothing(desk: Desk) -> None:
    number, by = await desk.reviewed(), await desk.b.by(EXPERT)
    desk.may_only(Right.CONTENTS, Right.PULLS)
    outcome: object = None
    with suppress(Unavailable):
        outcome = await desk.book.merge(number, by)
    assert not isinstance(outcome, Merged)
    assert desk.world.pull(number).state == "open"


async def test_a_token_that_may_not_invite_is_told_and_can_be_given_the_right(desk: Desk) -> None:
    joining, _ = desk.joining()
    by = await desk.b.by(EXPERT)
    await joining.ask(await desk.b.by(OUTSIDER), asked(OUTSIDER))
    desk.may_only(Right.MEMBERS_READ)
    refused = await joining.invite("outsider", by)
    assert isinstance(refused, NotJoined) and refused.why is WhyNotJoined.REFUSED
    assert refused.detail == "Resource not accessible by personal access token"
    join = await joining.get(1)
    assert join is not None and join.state is JoinState.ASKED
    desk.may_only(Right.MEMBERS)
    assert await joining.invite("outsider", by) is JoinOutcome.INVITED


async def test_a_watcher_that_is_shown_no_pull_requests_says_so_once(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.reviewed()
    desk.world.misbehave(Misbehaviour("/repos/AAROC/DevOps/pulls", status=404))
    with caplog.at_level(logging.WARNING, "aaroc_bot.changes.watching"):
        await through_faults_and_back(desk)
    (record,) = caplog.records
    assert record.levelname == "WARNING" and record.exc_info is None
