"""The adapter: what is said is heard once and stands, what the bot says finds its readers."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from aaroc_bot.chat.web import LIMIT, Unheard, WebChat
from aaroc_bot.chat.web_channel import ROOTS
from aaroc_bot.chat.web_render import SHOWN
from aaroc_bot.core.message import Account, Audience, File, Incoming, Message, Place, Posted
from aaroc_bot.core.ports import Chat, Lost, Unavailable
from tests.web.fake import SPEAKERS, MemoryPage

ROC = Place("web", "roc")
UJ = Account("web", "", "uj-admin")
ID = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"
FOR_ASKER = Message("for you", to=Audience.ASKER)


class Ear:
    """Keeps what it hears; raises `fault` instead while there is one."""

    def __init__(self) -> None:
        self.heard: list[Incoming] = []
        self.fault: Exception | None = None

    async def hear(self, incoming: Incoming) -> None:
        if self.fault:
            raise self.fault
        self.heard.append(incoming)


@pytest.fixture
def page() -> MemoryPage:
    return MemoryPage()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def chat(page: MemoryPage, ear: Ear) -> WebChat:
    chat = WebChat(page, SPEAKERS, clock=lambda: datetime(2026, 6, 8, 14, 2, tzinfo=UTC))
    chat.listen(ear.hear)
    return chat


async def texts(chat: WebChat, user: str = "uj-admin") -> list[object]:
    bodies = sorted((await chat.channel.history(user)).messages, key=lambda body: int(body["at"]))
    return [body["said"] or body["view"]["text"][0] for body in bodies]


def test_it_fills_the_port(chat: WebChat) -> None:
    filled: Chat = chat
    assert filled.name == "web"


async def test_what_is_said_is_heard_as_typed(chat: WebChat, ear: Ear) -> None:
    await chat.say("uj-admin", ID, " status  ZA-UJ\u200b ", None, "Africa/Johannesburg")
    [said] = ear.heard
    assert said == Incoming(
        f"web:uj-admin:{ID}",
        UJ,
        ROC,
        " status  ZA-UJ\u200b ",
        datetime(2026, 6, 8, 14, 2, tzinfo=UTC),
        ref=f"uj-admin.{ID}",
        zone="Africa/Johannesburg",
        private=True,
    )
    assert await texts(chat) == [" status  ZA-UJ "]


async def test_the_same_id_is_one_message_and_only_within_one_account(
    chat: WebChat, ear: Ear
) -> None:
    await chat.say("uj-admin", ID, "status", None, None)
    await chat.say("uj-admin", ID, "status", None, None)
    await chat.say("roc-expert", ID, "runs", None, None)
    assert [said.event for said in ear.heard] == [f"web:uj-admin:{ID}", f"web:roc-expert:{ID}"]
    assert await texts(chat) == ["status", "runs"]


async def test_a_resend_after_a_restart_is_the_same_event(
    chat: WebChat, ear: Ear, page: MemoryPage
) -> None:
    page.away = Unavailable("the database")
    with pytest.raises(Unavailable):
        await chat.say("uj-admin", ID, "status", None, None)
    page.away = None
    again = WebChat(page, SPEAKERS)
    again.listen(ear.hear)
    await again.say("uj-admin", ID, "status", None, None)
    assert len({said.event for said in ear.heard}) == 1
    assert await texts(again) == ["status"]


@pytest.mark.parametrize("fault", [Unavailable("the database"), RuntimeError("secret detail")])
async def test_what_is_not_taken_in_does_not_stand(
    chat: WebChat, ear: Ear, fault: Exception
) -> None:
    ear.fault = fault
    with pytest.raises(Unheard, match="Not taken in") as told:
        await chat.say("uj-admin", ID, "status", None, None)
    assert told.value.again
    assert "secret" not in str(told.value)
    assert await texts(chat) == []
    ear.fault = None
    await chat.say("uj-admin", ID, "status", None, None)
    assert await texts(chat) == ["status"]


async def test_nothing_is_heard_before_the_bot_listens(page: MemoryPage) -> None:
    with pytest.raises(Unheard, match="starting"):
        await WebChat(page, SPEAKERS).say("uj-admin", ID, "status", None, None)
    assert page.rows == []


@pytest.mark.parametrize(
    ("user", "id", "text"),
    [
        ("stranger", ID, "status"),
        ("uj-admin", "1", "status"),
        ("uj-admin", ID.upper(), "status"),
        ("uj-admin", ID, " \n"),
        ("uj-admin", ID, "x" * (LIMIT + 1)),
    ],
)
async def test_nonsense_is_refused(chat: WebChat, ear: Ear, user: str, id: str, text: str) -> None:
    with pytest.raises(Unheard) as told:
        await chat.say(user, id, text, None, None)
    assert not told.value.again
    assert ear.heard == []


async def test_text_that_no_database_keeps_is_replaced(chat: WebChat, ear: Ear) -> None:
    await chat.say("uj-admin", ID, "a\0b\ud800c", None, "../etc/passwd")
    assert ear.heard[0].text == "a\ufffdb\ufffdc"
    assert ear.heard[0].zone is None


async def test_of_a_long_text_a_cut_stands_and_the_whole_is_heard(
    chat: WebChat, ear: Ear, page: MemoryPage
) -> None:
    await chat.say("uj-admin", ID, "x" * LIMIT, None, None)
    assert ear.heard[0].text == "x" * LIMIT
    await chat.react(Posted(ROC, f"uj-admin.{ID}"), "seen")
    assert all(len(body) < SHOWN + 500 for _, body in page.rows)
    [body] = (await chat.channel.history("uj-admin")).messages
    assert (body["said"], body["cut"]) == ("x" * SHOWN, LIMIT - SHOWN)


async def test_a_private_message_reaches_its_reader_alone(chat: WebChat) -> None:
    await chat.post(ROC, FOR_ASKER, UJ)
    assert await texts(chat, "uj-admin") == ["for you"]
    assert await texts(chat, "roc-expert") == []
    changes = await chat.channel.changes("roc-expert", 0)
    assert (changes.messages, changes.upto) == ((), 1)


async def test_an_edit_of_a_private_message_stays_private(chat: WebChat) -> None:
    posted = await chat.post(ROC, FOR_ASKER, UJ)
    await chat.edit(posted, Message("edited"))
    assert await texts(chat, "uj-admin") == ["edited"]
    assert await texts(chat, "roc-expert") == []


async def test_a_private_message_without_a_reader_is_not_posted(
    chat: WebChat, page: MemoryPage
) -> None:
    with pytest.raises(ValueError, match="needs the asker"):
        await chat.post(ROC, FOR_ASKER)
    for account in (Account("web", "", "stranger"), Account("slack", "", "uj-admin")):
        with pytest.raises(Lost):
            await chat.post(ROC, FOR_ASKER, account)
    assert page.rows == []


async def test_what_is_not_there_is_lost(chat: WebChat) -> None:
    with pytest.raises(Lost):
        await chat.post(Place("web", "other"), Message("x"))
    with pytest.raises(Lost):
        await chat.edit(Posted(ROC, "aaroc.none"), Message("x"))
    with pytest.raises(Lost):
        await chat.react(Posted(ROC, "uj-admin.none"), "seen")
    await chat.say("uj-admin", ID, "status", None, None)
    with pytest.raises(Lost):
        await chat.edit(Posted(ROC, f"uj-admin.{ID}"), Message("words in a person's mouth"))


async def test_a_press_leaves_no_sign_on_its_card(chat: WebChat, page: MemoryPage) -> None:
    card = await chat.post(ROC, Message("card"))
    await chat.react(card, "seen")
    assert len(page.rows) == 1


async def test_an_edit_keeps_place_and_time_and_an_equal_one_is_none(
    chat: WebChat, page: MemoryPage
) -> None:
    parent = await chat.post(ROC, Message("card"))
    posted = await chat.post(Place("web", "roc", parent.ref), Message("one"))
    await chat.edit(Posted(ROC, posted.ref), Message("two"))
    await chat.edit(posted, Message("two"))
    assert len(page.rows) == 3
    body = (await chat.channel.history("uj-admin")).messages[1]
    assert (body["thread"], body["view"]["text"]) == (parent.ref, ["two"])
    assert body["at"] < body["edited"]


async def test_signs_are_kept_once_also_when_they_come_early(
    chat: WebChat, page: MemoryPage
) -> None:
    async def hear(incoming: Incoming) -> None:
        assert incoming.ref is not None
        for sign in ("seen", "refused"):
            await chat.react(Posted(ROC, incoming.ref), sign)

    chat.listen(hear)
    await chat.say("uj-admin", ID, "status", None, None)
    await chat.react(Posted(ROC, f"uj-admin.{ID}"), "seen")
    [body] = (await chat.channel.history("uj-admin")).messages
    assert body["signs"] == ["seen", "refused"]
    assert len(page.rows) == 1


async def test_an_answer_within_a_thread_stands_in_that_thread(chat: WebChat, ear: Ear) -> None:
    card = await chat.post(ROC, Message("card"))
    await chat.say("uj-admin", ID, "log 12", card.ref, None)
    assert ear.heard[0].place == Place("web", "roc", card.ref)
    await chat.post(Place("web", "roc", ear.heard[0].ref), Message("log"))
    threads = {
        str(m["ref"]): m["thread"] for m in (await chat.channel.history("uj-admin")).messages
    }
    assert [*threads.values()] == [None, card.ref, card.ref]


async def test_nobody_speaks_in_or_presses_what_they_cannot_see(chat: WebChat, ear: Ear) -> None:
    private = await chat.post(ROC, FOR_ASKER, UJ)
    for ref in (private.ref, "aaroc.none", "file.key"):
        with pytest.raises(Unheard):
            await chat.say("roc-expert", ID, "status", ref, None)
        with pytest.raises(Unheard):
            await chat.press("roc-expert", ID, ref, "b1", None)
    assert ear.heard == []


async def test_a_press_carries_its_button_and_place_and_no_text(chat: WebChat, ear: Ear) -> None:
    card = await chat.post(ROC, Message("card"))
    await chat.press("roc-expert", ID, card.ref, "b-1", None)
    with pytest.raises(Unheard):
        await chat.press("roc-expert", ID, card.ref, "approve 12", None)
    [pressed] = ear.heard
    assert (pressed.button, pressed.text, pressed.place) == ("b-1", "", ROC)
    assert (pressed.account.user, pressed.ref) == ("roc-expert", card.ref)


async def test_a_file_is_given_by_its_key_alone(chat: WebChat, page: MemoryPage) -> None:
    file = File("run-12.log", "long " * 100)
    await chat.post(ROC, Message("log", file=file))
    [body] = (await chat.channel.history("uj-admin")).messages
    shown = body["view"]["file"]
    assert (shown["name"], shown["size"]) == ("run-12.log", 500)
    assert "long" not in str(body)
    assert await chat.channel.file(shown["key"]) == file
    assert await chat.channel.file("guess") is None
    assert shown["key"] not in (await chat.channel.extent())[0]


async def test_history_finds_messages_behind_many_edits(chat: WebChat) -> None:
    first = await chat.post(ROC, Message("first"))
    card = await chat.post(ROC, Message("card"))
    for task in range(450):
        await chat.edit(card, Message(f"task {task}"))
    history = await chat.channel.history("uj-admin")
    assert [body["ref"] for body in history.messages] == [first.ref, card.ref]
    assert history.first == 1
    assert history.messages[1]["view"]["text"] == ["task 449"]


async def test_a_long_history_comes_in_parts_without_a_gap(chat: WebChat) -> None:
    for n in range(700):
        await chat.say("uj-admin", str(uuid4()), f"{n}", None, None)
    part = await chat.channel.history("uj-admin")
    found = [body["said"] for body in part.messages]
    assert len(found) >= ROOTS
    assert len(found) < 700
    while part.first > 1:
        part = await chat.channel.history("uj-admin", part.first)
        found = [body["said"] for body in part.messages] + found
    assert found == [str(n) for n in range(700)]


async def test_waiting_ends_with_the_next_change(chat: WebChat) -> None:
    waiting = asyncio.create_task(chat.channel.wait(0))
    await asyncio.sleep(0)
    assert not waiting.done()
    await chat.post(ROC, Message("x"))
    await asyncio.wait_for(waiting, 5)
