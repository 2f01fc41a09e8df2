"""Cards: posted once, edited to the newest version, retried, given up, in order."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from aaroc_bot.core.message import Account, Audience, Button, Message, Place, Posted
from aaroc_bot.core.ports import Later, Lost
from aaroc_bot.leaving import Leaving
from aaroc_bot.outbox import Delivery, Outbox
from aaroc_bot.store.database import Database
from aaroc_bot.store.intake import Intake
from aaroc_bot.store.tables import outbox
from tests.runs.world import Clock, until

ROC = Place("web", "roc")


class Wall:
    """A chat that keeps what is posted, and refuses when it is told to."""

    whispers = True

    def __init__(self, name: str = "web") -> None:
        self.name = name
        self.said: list[tuple[str | None, str, str]] = []
        self.messages: list[Message] = []
        self.refusals: list[Exception] = []
        self.remembers = False
        self.looked_for: list[str] = []
        self.marked: dict[str, Posted] = {}

    async def find(self, place: Place, mark: str, since: datetime) -> Posted | None:
        self.looked_for.append(mark)
        return self.marked.get(mark) if self.remembers else None

    async def direct(self, account: Account) -> Place:
        return Place(self.name, f"to {account.user}")

    def address(self, place: Place) -> str:
        return "" if place.channel in {"C1", "roc"} else "/"

    def shared(self, one: Place, other: Place) -> Place | None:
        raise AssertionError

    async def post(
        self, place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        self._take()
        ref = f"m{len(self.said) + 1}"
        self._keep(place, ref, message)
        self.marked[mark] = Posted(place, ref)
        return Posted(place, ref)

    async def edit(self, posted: Posted, message: Message) -> None:
        self._take()
        self._keep(posted.place, posted.ref, message)

    async def react(self, posted: Posted, sign: str) -> None:
        raise AssertionError

    def _take(self) -> None:
        if self.refusals:
            raise self.refusals.pop(0)

    def _keep(self, place: Place, ref: str, message: Message) -> None:
        self.messages.append(message)
        self.said.append((place.thread, ref, str(message.text)))


async def nobody(chat: str) -> tuple[()]:
    return ()


class Desk:
    """An outbox with its delivery; what a card says is `words` and how often it was rendered."""

    def __init__(self, database: Database, channels: tuple[Place, ...] = (ROC,)) -> None:
        self.database = database
        self.clock = Clock()
        self.wall = Wall()
        self.box = Outbox(channels, self.clock)
        self.faults: list[Exception] = []
        self.words = "text"
        self.buttons: tuple[Button, ...] = ()
        self.delivery = Delivery(
            database=database,
            box=self.box,
            chats={"web": self.wall},
            render=self.render,
            leaving=Leaving(self, nobody, Intake(database)),
            now=self.clock,
        )

    async def render(self, card: str, subject: str, data: Mapping[str, Any]) -> Message:
        if self.faults:
            raise self.faults.pop(0)
        told = f" {data['a']}" if data else ""
        return Message(f"{card} {subject} {self.words}{told}", buttons=self.buttons)

    def text(self, text: str) -> str:
        return text.replace("hunter2", "•••")

    async def bump(self, subject: str = "1") -> None:
        async with self.database.write() as connection:
            await self.box.bump(connection, "run", subject)

    async def notice(
        self, card: str, subject: str = "1", under: tuple[str, str] | None = ("run", "1")
    ) -> None:
        async with self.database.write() as connection:
            await self.box.notice(connection, card, subject, {"a": 1}, under=under)

    async def deliver(self) -> int:
        return await self.delivery.deliver(self.wall)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_a_card_is_posted_once_then_edited(desk: Desk) -> None:
    await desk.bump()
    assert await desk.deliver() == 1 and await desk.deliver() == 0
    desk.words = "later"
    await desk.bump()
    await desk.deliver()
    assert desk.wall.said == [(None, "m1", "run 1 text"), (None, "m1", "run 1 later")]


async def test_an_edit_that_changes_nothing_is_not_sent(desk: Desk) -> None:
    for _ in range(3):
        await desk.bump()
        await desk.deliver()
    assert desk.wall.said == [(None, "m1", "run 1 text")]


async def test_only_the_newest_version_is_sent(desk: Desk) -> None:
    for _ in range(5):
        await desk.bump()
    assert await desk.deliver() == 1 and await desk.deliver() == 0


async def test_what_changes_while_it_is_sent_is_sent_again(desk: Desk) -> None:
    await desk.bump()
    post = desk.wall.post

    async def slow(
        place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        await desk.bump()
        return await post(place, message, to)

    desk.wall.post = slow  # type: ignore[method-assign]
    assert await desk.deliver() == 1 and await desk.deliver() == 1 and await desk.deliver() == 0


async def test_what_was_rolled_back_is_never_said(desk: Desk) -> None:
    with suppress(RuntimeError):
        async with desk.database.write() as connection:
            await desk.box.bump(connection, "run", "1")
            raise RuntimeError
    assert await desk.deliver() == 0


async def test_notices_stand_in_the_cards_thread_in_order(desk: Desk) -> None:
    await desk.bump()
    await desk.notice("run-waits")
    await desk.notice("run-waits")
    await desk.notice("run-ended")
    await desk.notice("away", "now", under=None)
    desk.wall.refusals = [RuntimeError("down")]
    await desk.deliver()
    assert desk.wall.said == [(None, "m1", "away now text 1")]
    desk.clock.forward(seconds=1)
    await desk.deliver()
    assert desk.wall.said[1:] == [
        (None, "m2", "run 1 text"),
        ("m2", "m3", "run-waits 1 text 1"),
        ("m2", "m4", "run-ended 1 text 1"),
    ]


async def test_a_notice_does_not_overtake_the_one_before(desk: Desk) -> None:
    await desk.bump()
    await desk.deliver()
    await desk.notice("run-waits")
    await desk.notice("run-ended")
    desk.wall.refusals = [RuntimeError("down")]
    assert await desk.deliver() == 0
    desk.clock.forward(seconds=1)
    assert await desk.deliver() == 2
    assert [text for _, _, text in desk.wall.said[1:]] == [
        "run-waits 1 text 1",
        "run-ended 1 text 1",
    ]


async def test_a_chat_that_asks_to_wait_is_left_alone(desk: Desk) -> None:
    await desk.bump("1")
    await desk.bump("2")
    desk.wall.refusals = [Later(30)]
    assert await desk.deliver() == 0
    desk.clock.forward(seconds=29)
    assert await desk.deliver() == 0
    desk.clock.forward(seconds=2)
    assert await desk.deliver() == 2


async def test_faults_are_tried_again_ever_more_slowly(desk: Desk) -> None:
    await desk.bump()
    for pause in (1, 2, 4):
        desk.wall.refusals = [RuntimeError("down")]
        assert await desk.deliver() == 0 and desk.wall.refusals == []
        desk.wall.refusals = [AssertionError("too early")]
        desk.clock.forward(seconds=pause - 0.1)
        assert await desk.deliver() == 0 and len(desk.wall.refusals) == 1
        desk.clock.forward(seconds=0.1)
    desk.wall.refusals = []
    assert await desk.deliver() == 1


async def test_a_bot_that_is_back_in_its_channel_shows_what_waited(desk: Desk) -> None:
    await desk.bump()
    await desk.notice("run-waits")
    desk.wall.refusals = [Lost(), Lost()]
    for _ in range(3):
        await desk.deliver()
        desk.clock.forward(seconds=10)
    await desk.deliver()
    assert [text for _, _, text in desk.wall.said] == ["run 1 text", "run-waits 1 text 1"]


async def test_what_one_account_alone_would_read_is_given_up(desk: Desk) -> None:
    account = Account("web", "", "uj-admin")
    async with desk.database.write() as connection:
        await desk.box.tell(connection, "linked", "1", {}, account)
    desk.wall.refusals = [Lost()]
    await desk.deliver()
    desk.clock.forward(hours=1)
    assert await desk.deliver() == 0


async def test_who_may_have_taken_it_is_asked_more_and_more_seldom(desk: Desk) -> None:
    await desk.bump()
    desk.wall.refusals = [Later(0, maybe=True) for _ in range(50)]
    for _ in range(60):
        await desk.deliver()
        desk.clock.forward(seconds=1)
    assert len(desk.wall.refusals) > 40


async def test_what_is_lost_is_given_up_with_what_hangs_on_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aaroc_bot.outbox.TRIES", 0)
    await desk.bump()
    await desk.notice("run-waits")
    desk.wall.refusals = [Lost()]
    assert await desk.deliver() == 0
    await desk.bump()
    assert await desk.deliver() == 0
    async with desk.database.read() as connection:
        assert all(await connection.scalars(select(outbox.c.lost)))


async def test_a_renderers_fault_holds_up_nobody_else(desk: Desk) -> None:
    await desk.bump("1")
    await desk.bump("2")
    desk.faults = [ValueError("in the words")]
    assert await desk.deliver() == 1
    assert desk.wall.said == [(None, "m1", "run 2 text")]


async def test_everything_is_redacted_and_buttons_keep_their_ids(desk: Desk) -> None:
    desk.words = "hunter2"
    desk.buttons = (Button("Approve 1", "approve 1"),)
    await desk.bump()
    await desk.deliver()
    desk.words = "hunter2 again"
    await desk.bump()
    await desk.deliver()
    assert [text for _, _, text in desk.wall.said] == ["run 1 •••", "run 1 ••• again"]
    first, second = (message.buttons[0].id for message in desk.wall.messages)
    assert first == second != ""


async def test_rows_of_a_chat_that_is_not_there_wait(database: Database) -> None:
    desk = Desk(database, (ROC, Place("slack", "C1")))
    await desk.bump()
    assert await desk.deliver() == 1
    slack = Wall("slack")
    assert await desk.delivery.deliver(slack) == 1
    assert slack.said == [(None, "m1", "run 1 text")]


async def test_a_killed_delivery_posts_again_rather_than_never(desk: Desk) -> None:
    await desk.bump()
    post = desk.wall.post

    async def killed(
        place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        await post(place, message, to)
        raise asyncio.CancelledError

    desk.wall.post = killed  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await desk.deliver()
    desk.wall.post = post  # type: ignore[method-assign]
    assert await desk.deliver() == 1 and len(desk.wall.said) == 2


async def test_a_card_whose_posting_was_cut_off_is_found_again_by_its_mark(desk: Desk) -> None:
    desk.wall.remembers = True
    await desk.bump()
    post = desk.wall.post

    async def killed(
        place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        await post(place, message, to, mark)
        raise asyncio.CancelledError

    desk.wall.post = killed  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await desk.deliver()
    desk.wall.post = post  # type: ignore[method-assign]
    desk.words = "later"
    await desk.deliver()
    await desk.deliver()
    assert desk.wall.said == [(None, "m1", "run 1 text"), (None, "m1", "run 1 later")]
    assert await desk.deliver() == 0


async def test_only_what_may_have_been_taken_is_looked_for(desk: Desk) -> None:
    desk.wall.refusals = [Later(1), Later(1, maybe=True)]
    await desk.bump()
    for _ in range(3):
        await desk.deliver()
        desk.clock.forward(seconds=3)
    assert desk.wall.said == [(None, "m1", "run 1 text")]
    assert len(desk.wall.looked_for) == 1


async def test_where_one_channel_asks_for_patience_the_others_go_on(database: Database) -> None:
    desk = Desk(database, (ROC, Place("web", "second")))
    desk.wall.refusals = [Later(5)]
    await desk.bump()
    assert await desk.deliver() == 1
    desk.clock.forward(seconds=6)
    assert await desk.deliver() == 1


async def test_edits_go_on_while_posts_wait(desk: Desk) -> None:
    await desk.bump()
    await desk.deliver()
    desk.wall.refusals = [Later(5)]
    await desk.bump("2")
    await desk.deliver()
    await desk.bump()
    desk.words = "later"
    await desk.deliver()
    assert desk.wall.said == [(None, "m1", "run 1 text"), (None, "m1", "run 1 later")]


async def test_a_notice_may_leave_out_a_chat(database: Database) -> None:
    desk = Desk(database, (ROC, Place("slack", "C1")))
    slack = Wall("slack")
    async with database.write() as connection:
        await desk.box.notice(connection, "chat-trouble", "slack:1", {}, but="slack")
    assert await desk.deliver() == 1 and await desk.delivery.deliver(slack) == 0


async def test_one_account_alone_is_told(desk: Desk) -> None:
    account = Account("web", "", "uj-admin")
    for _ in range(2):
        async with desk.database.write() as connection:
            await desk.box.tell(connection, "linked", "1", {}, account)
    await desk.deliver()
    [message] = desk.wall.messages
    assert message.to is Audience.ASKER


async def test_a_card_to_be_posted_anew_is_not_lost_with_its_old_message(desk: Desk) -> None:
    await desk.bump()
    await desk.deliver()
    desk.words = "later"
    await desk.bump()

    async def moved(posted: Posted, message: Message) -> None:
        async with desk.database.write() as connection:
            await connection.execute(update(outbox).values(ref=None, wanted=outbox.c.wanted + 1))
        raise Lost("message to edit not found")

    desk.wall.edit = moved  # type: ignore[method-assign]
    await desk.deliver()
    desk.clock.forward(seconds=2)
    await desk.deliver()
    assert desk.wall.said == [(None, "m1", "run 1 text"), (None, "m2", "run 1 later")]


async def test_a_bot_that_is_told_to_end_notes_what_it_posted(desk: Desk) -> None:
    await desk.bump()
    post, posting, go = desk.wall.post, asyncio.Event(), asyncio.Event()

    async def slow(
        place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        posting.set()
        await go.wait()
        return await post(place, message, to, mark)

    desk.wall.post = slow  # type: ignore[method-assign]
    task = asyncio.create_task(desk.deliver())
    await posting.wait()
    task.cancel()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await desk.deliver() == 0 and len(desk.wall.said) == 1


async def test_it_runs_and_is_woken(desk: Desk) -> None:
    task = asyncio.create_task(desk.delivery.run())

    async def said() -> bool | None:
        return bool(desk.wall.said) or None

    try:
        await desk.bump()
        desk.box.wake()
        await until(said)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
