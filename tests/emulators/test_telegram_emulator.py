"""The emulated Telegram, seen by the client that the bot uses."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import httpx
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    ReactionTypeEmoji,
    ReplyParameters,
    Update,
)
from telegram.constants import ReactionEmoji
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import Application, ContextTypes, MessageHandler, filters
from telegram.request import HTTPXRequest

from tests.emulators.telegram import Telegram, lines
from tests.emulators.telegram.entities import find
from tests.emulators.telegram.markup import cut, parse
from tests.emulators.telegram.refusal import Refused
from tests.emulators.telegram.signs import EMOJI

HTML = "HTML"


def _request() -> HTTPXRequest:
    return HTTPXRequest(connection_pool_size=8, httpx_kwargs={"trust_env": False})


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with Telegram() as emulator:
        yield emulator


@pytest.fixture
async def bot(telegram: Telegram) -> AsyncIterator[Bot]:
    bot = Bot(
        telegram.token,
        base_url=telegram.api_url,
        request=_request(),
        get_updates_request=_request(),
    )
    async with bot:
        yield bot


async def _refused(call: Awaitable[Any], kind: type[TelegramError] = BadRequest) -> str:
    """Give the refusal's words, which python-telegram-bot turns into lower case but for the first."""
    with pytest.raises(kind) as refused:
        await call
    return str(refused.value)


# --- speaking -------------------------------------------------------------------------


async def test_a_message_stands_with_its_buttons_and_is_edited(
    telegram: Telegram, bot: Bot
) -> None:
    ann = telegram.person("Ann")
    group = telegram.group("ROC", (ann,))
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Approve", callback_data="a1")]])
    sent = await bot.send_message(
        group, "<b>Run 12</b> is &lt;new&gt;\nline", parse_mode=HTML, reply_markup=keyboard
    )
    shown = telegram.messages(group)[0]
    assert lines(shown) == ["Run 12 is <new>", "line", "[Approve]"]
    assert [(e.type, cut(shown.text, e.offset, e.length)) for e in shown.entities] == [
        ("bold", "Run 12")
    ]
    await bot.edit_message_text("done", group, sent.message_id)
    assert [(s.seq, s.edit, lines(s)) for s in telegram.states(after=1)] == [(2, True, ["done"])]
    assert shown.edited
    assert shown.buttons == []
    assert telegram.faults == []


async def test_edits_are_refused_as_telegram_does(telegram: Telegram, bot: Bot) -> None:
    telegram.strict = False
    ann = telegram.person("Ann")
    group = telegram.group("ROC", (ann,))
    hers = await telegram.say(ann, group, "hello")
    sent = await bot.send_message(group, "<i>a</i>", parse_mode=HTML)
    same = bot.edit_message_text("<em>a</em>", group, sent.message_id, parse_mode=HTML)
    assert (await _refused(same)).startswith("Message is not modified: specified new message")
    other = bot.edit_message_text("a", group, 4711)
    assert await _refused(other) == "Message to edit not found"
    assert await _refused(bot.edit_message_text("a", group, hers)) == "Message can't be edited"
    caption = bot.edit_message_caption(group, sent.message_id, caption="a")
    assert await _refused(caption) == "There is no caption in the message to edit"
    assert telegram.faults == ["an edit of a message of somebody else's"]


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("é<b>x", "Can't find end tag corresponding to start tag b"),
        ("é</b>", "Unexpected end tag at byte offset 2"),
        (
            "<b><i>x</b></i>",
            'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
        ),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("<a href>x</a>", "Expected equal sign in declaration of an attribute of the tag"),
        ('<a href="https://x.org>x</a>', "Unclosed start tag at byte offset 0"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("run <12>", 'Unsupported start tag "12" at byte offset 4'),
    ],
)
async def test_html_is_refused_in_telegrams_words(
    telegram: Telegram, bot: Bot, html: str, words: str
) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    refused = await _refused(bot.send_message(ann, html, parse_mode=HTML))
    assert refused.startswith(f"Can't parse entities: {words.lower()}")


@pytest.mark.parametrize(
    ("html", "doubt"),
    [
        ("a & b", "a bare & or an unknown entity in HTML"),
        ("a&nbsp;b", "a bare & or an unknown entity in HTML"),
        ("a > b", "a bare > in HTML"),
        ("<code>a<b>b</b></code>", "<b> inside of code is not shown"),
        ('<a href="ftp://x.org">x</a>', "Telegram shows no link to 'ftp://x.org'"),
        ('<b class="x">x</b>', "attribute class of <b> is not used"),
    ],
)
async def test_what_telegram_lets_pass_in_silence_is_a_fault(
    telegram: Telegram, bot: Bot, html: str, doubt: str
) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    await bot.send_message(ann, html, parse_mode=HTML)
    assert telegram.faults == [f"text: {doubt}"]


async def test_what_is_too_long_is_refused(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    telegram.strict = False
    sent = await bot.send_message(ann, f"<b>{'x' * 4095}</b>&amp;", parse_mode=HTML)
    assert telegram.faults == []
    assert await _refused(bot.send_message(ann, "x" * 4097)) == "Message is too long"
    assert await _refused(bot.send_message(ann, "🙊" * 2049)) == "Message is too long"
    edit = bot.edit_message_text("x" * 4097, ann, sent.message_id)
    assert await _refused(edit) == "Message_too_long"
    document = bot.send_document(ann, InputFile(b"log", "a.log"), caption="x" * 1025)
    assert await _refused(document) == "Message caption is too long"
    assert await _refused(bot.send_message(ann, " \n ")) == "Message text is empty"
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="é" * 33)]])
    assert (
        await _refused(bot.send_message(ann, "x", reply_markup=keyboard)) == "Button_data_invalid"
    )
    assert len(telegram.faults) == 5
    assert len(telegram.messages(ann)) == 1


async def test_a_document_is_kept_with_its_caption(telegram: Telegram, bot: Bot) -> None:
    telegram.strict = False
    ann = telegram.private(telegram.person("Ann"), started=True)
    sent = await bot.send_document(
        ann, "Zürich".encode(), caption="<b>log</b>", parse_mode=HTML, filename="run.log"
    )
    shown = telegram.messages(ann)[0]
    assert shown.document == ("run.log", "Zürich")
    assert lines(shown) == ["log", "run.log"]
    assert sent.document is not None
    assert sent.document.file_name == "run.log"
    text = bot.edit_message_text("a", ann, sent.message_id)
    assert await _refused(text) == "There is no text in the message to edit"
    await bot.edit_message_caption(ann, sent.message_id, caption="new")
    assert [s.text for s in shown.states] == ["log", "new"]
    empty = bot.send_document(ann, InputFile(b"", "a.log"))
    assert await _refused(empty) == "File must be non-empty"


async def test_replies_and_topics_must_exist(telegram: Telegram, bot: Bot) -> None:
    telegram.strict = False
    ann = telegram.person("Ann")
    forum = telegram.supergroup("ROC", (ann,), forum=True)
    plain = telegram.supergroup("Other", (ann,))
    topic = telegram.topic(forum, "Deployments")
    hers = await telegram.say(ann, forum, "hello", topic=topic)
    sent = await bot.send_message(
        forum, "hi", message_thread_id=topic, reply_parameters=ReplyParameters(hers)
    )
    assert sent.is_topic_message
    assert telegram.messages(forum)[-1].topic == topic
    assert telegram.messages(forum)[-1].reply_to == hers
    gone = bot.send_message(forum, "hi", reply_parameters=ReplyParameters(4711))
    assert await _refused(gone) == "Message to be replied not found"
    kind = ReplyParameters(4711, allow_sending_without_reply=True)
    await bot.send_message(forum, "hi", reply_parameters=kind)
    assert telegram.messages(forum)[-1].reply_to is None
    for chat in (forum, plain):
        call = bot.send_message(chat, "hi", message_thread_id=4711)
        assert await _refused(call) == "Message thread not found"


async def test_places_where_the_bot_may_not_speak(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    group = telegram.group("ROC", (ann,))
    assert await _refused(bot.send_message(ann, "hi"), Forbidden) == (
        "Forbidden: bot can't initiate conversation with a user"
    )
    assert await _refused(bot.send_message(1, "hi")) == "Chat not found"
    await telegram.kick(group)
    assert await _refused(bot.send_message(group, "hi"), Forbidden) == (
        "Forbidden: bot was kicked from the group chat"
    )
    await telegram.block(ann)
    assert await _refused(bot.send_message(ann, "hi"), Forbidden) == (
        "Forbidden: bot was blocked by the user"
    )
    await telegram.unblock(ann)
    await bot.send_message(ann, "hi")
    kinds = [update.my_chat_member for update in await bot.get_updates()]
    assert [kind and kind.new_chat_member.status for kind in kinds] == [
        "kicked",
        "kicked",
        "member",
    ]


async def test_reactions_are_of_telegrams_own_set(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    group = telegram.group("ROC", (ann,))
    hers = await telegram.say(ann, group, "hello")
    await bot.set_message_reaction(group, hers, ReactionTypeEmoji("👀"))
    assert telegram.messages(group)[0].reactions == ["👀"]
    assert await _refused(bot.set_message_reaction(group, hers, "✅")) == "Reaction_invalid"
    await bot.set_message_reaction(group, hers)
    assert telegram.messages(group)[0].reactions == []
    assert {emoji.value.replace("\ufe0f", "") for emoji in ReactionEmoji} == EMOJI


async def test_the_menu_is_checked(telegram: Telegram, bot: Bot) -> None:
    await bot.set_my_commands([BotCommand("status", "How a site is"), ("new_site", "Add one")])
    assert telegram.commands == [("status", "How a site is"), ("new_site", "Add one")]
    assert await _refused(bot.set_my_commands([("New-site", "x")])) == "Bot_command_invalid"
    long = bot.set_my_commands([("site", "x" * 257)])
    assert await _refused(long) == "Bot_command_description_invalid"
    many = bot.set_my_commands([(f"c{n}", "x") for n in range(101)])
    assert await _refused(many) == "Bot_commands_too_much"


async def test_a_chat_and_its_members_are_told(telegram: Telegram, bot: Bot) -> None:
    ann, bob = telegram.person("Ann"), telegram.person("Bob")
    group = telegram.supergroup("ROC", (ann,), forum=True)
    chat = await bot.get_chat(group)
    assert (chat.title, chat.type, chat.is_forum) == ("ROC", "supergroup", True)
    assert (await bot.get_chat_member(group, ann)).status == "member"
    assert (await bot.get_chat_member(group, bob)).status == "left"
    assert (await bot.get_chat_member(group, bot.id)).status == "member"
    telegram.promote(group)
    assert (await bot.get_chat_member(group, bot.id)).status == "administrator"
    telegram.privacy = True
    assert not (await bot.get_me()).can_read_all_group_messages


async def test_unknown_methods_and_fields(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    await bot.send_message(ann, "hi", api_kwargs={"colour": "red"})
    assert telegram.faults == ["sendmessage has no field colour"]
    with pytest.raises(TelegramError, match="not found"):
        await bot.do_api_request("paintMessage")


# --- limits ---------------------------------------------------------------------------


async def test_a_group_takes_three_a_second(telegram: Telegram, bot: Bot) -> None:
    group = telegram.group("ROC")
    for number in range(3):
        await bot.send_message(group, str(number))
    with pytest.raises(RetryAfter):
        await bot.edit_message_text("x", group, telegram.messages(group)[0].message_id)
    assert len(telegram.flooded) == 1
    assert telegram.faults == [f"flood: {telegram.flooded[0]}"]


async def test_a_group_takes_twenty_a_minute(
    telegram: Telegram, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = telegram.group("ROC")
    start = time.monotonic()
    now = start
    monkeypatch.setattr("tests.emulators.telegram.flood.monotonic", lambda: now)
    for number in range(20):
        now = start + number
        await bot.send_message(group, str(number))
    now = start + 20
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(group, "too many")
    assert refused.value._retry_after.total_seconds() == 40
    now = start + 60
    await bot.send_message(group, "again")
    assert len(telegram.flooded) == 1


async def test_a_person_takes_one_a_second_and_all_together_thirty(
    telegram: Telegram, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr("tests.emulators.telegram.flood.monotonic", lambda: now)
    people = [telegram.private(telegram.person(f"P{n}"), started=True) for n in range(11)]
    for person in people[:10]:
        for _ in range(3):
            await bot.send_message(person, "hi")
    with pytest.raises(RetryAfter):
        await bot.send_message(people[10], "hi")
    now += 1
    await bot.send_message(people[0], "hi")
    with pytest.raises(RetryAfter):
        await bot.send_message(people[0], "hi")
    telegram.strict = False
    await bot.send_message(people[0], "hi")
    assert len(telegram.flooded) == 2


# --- hearing --------------------------------------------------------------------------


async def test_updates_are_given_until_confirmed(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann", "ann")
    await telegram.say(ann, ann, "/deploy site_bdii at ZA_UJ")
    first = await bot.get_updates()
    again = await bot.get_updates()
    assert [u.update_id for u in first] == [u.update_id for u in again]
    message = first[0].message
    assert message is not None
    assert message.from_user is not None
    assert (message.from_user.id, message.from_user.username) == (ann, "ann")
    assert message.parse_entities() == {message.entities[0]: "/deploy"}
    assert await bot.get_updates(offset=first[0].update_id + 1) == ()
    assert telegram.waiting == 0
    telegram.redeliver()
    once_more = await bot.get_updates(offset=first[0].update_id + 1)
    assert [u.update_id for u in once_more] == [first[0].update_id]
    assert await bot.get_updates(offset=first[0].update_id + 1) == ()


async def test_a_long_poll_ends_when_something_is_said(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await telegram.until(lambda: telegram.polling)
    await telegram.say(ann, ann, "hello")
    assert len(await poll) == 1
    start = time.monotonic()
    assert await bot.get_updates(offset=-1, timeout=30, allowed_updates=["message"])
    assert time.monotonic() - start < 1


async def test_two_polls_are_one_too_many(telegram: Telegram, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await telegram.until(lambda: telegram.polling)
    assert await bot.get_updates() == ()
    assert "terminated by other getUpdates" in await _refused(poll, Conflict)


async def test_only_what_was_asked_for_is_given(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    said = await telegram.say(ann, ann, "one")
    await bot.get_updates(allowed_updates=["message"])
    await telegram.edit(ann, said, "two")
    assert [u.message and u.message.text for u in await bot.get_updates()] == ["one"]
    await bot.get_updates(allowed_updates=[])
    await telegram.edit(ann, said, "three")
    assert (await bot.get_updates())[-1].edited_message is not None


async def test_nobody_in_particular_is_speaking(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    group = telegram.supergroup("ROC", (ann,))
    channel = telegram.channel("News")
    await telegram.anonymous(group, "a")
    await telegram.linked(group, channel, "b")
    await telegram.forward(ann, group, "c")
    await telegram.via_bot(ann, group, "d")
    await telegram.bot_says(group, "e")
    await telegram.channel_post(channel, "f")
    updates = await bot.get_updates()
    a, b, c, d, e = (u.message for u in updates[:5])
    assert a and a.sender_chat and a.sender_chat.id == group and a.from_user
    assert a.from_user.id == 1087968824
    assert b and b.is_automatic_forward and b.from_user and b.from_user.id == 777000
    assert c and c.forward_origin
    assert d and d.via_bot
    assert e and e.from_user and e.from_user.is_bot
    assert updates[5].channel_post


async def test_privacy_mode(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    group = telegram.group("ROC", (ann,))
    telegram.privacy = True
    sent = await bot.send_message(group, "a card")
    await telegram.say(ann, group, "status")
    await telegram.say(ann, group, "/status@other_bot")
    await telegram.say(ann, group, "/status")
    await telegram.say(ann, group, "/status@aaroc_bot")
    await telegram.say(ann, group, "@aaroc_bot status")
    await telegram.say(ann, group, "yes", reply_to=sent.message_id)
    heard = [u.message.text for u in await bot.get_updates() if u.message]
    assert heard == ["/status", "/status@aaroc_bot", "@aaroc_bot status", "yes"]


async def test_threads_of_replies_are_no_topics(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    plain = telegram.supergroup("ROC", (ann,))
    forum = telegram.supergroup("Forum", (ann,), forum=True)
    topic = telegram.topic(forum, "Deployments")
    first = await telegram.say(ann, plain, "one")
    await telegram.say(ann, plain, "two", reply_to=first)
    await telegram.say(ann, forum, "three", topic=topic)
    opened, _, reply, in_topic = (u.message for u in await bot.get_updates())
    assert opened and opened.forum_topic_created
    assert reply and reply.message_thread_id == first and not reply.is_topic_message
    assert in_topic and in_topic.message_thread_id == topic and in_topic.is_topic_message
    assert in_topic.reply_to_message and in_topic.reply_to_message.forum_topic_created


async def test_a_pressed_button_is_answered_once(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    group = telegram.group("ROC", (ann,))
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Approve", callback_data="a1")]])
    sent = await bot.send_message(group, "card", reply_markup=keyboard)
    press = asyncio.create_task(telegram.press(ann, group, sent.message_id, "Approve"))
    await telegram.until(lambda: telegram.waiting)
    query = (await bot.get_updates())[0].callback_query
    assert query is not None
    assert (query.data, query.from_user.id) == ("a1", ann)
    await query.answer("Not taken in, try again.", show_alert=True)
    assert await press == "Not taken in, try again."
    assert telegram.queries[0].alert
    assert (await _refused(query.answer())).startswith("Query is too old")
    with pytest.raises(AssertionError, match="no button"):
        await telegram.press(ann, group, sent.message_id, "Deny")


async def test_a_group_becomes_a_supergroup(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    old = telegram.group("ROC", (ann,))
    sent = await bot.send_message(old, "card")
    new = await telegram.migrate(old)
    assert str(new).startswith("-100")
    left, came = (u.message for u in await bot.get_updates())
    assert left and (left.chat.id, left.migrate_to_chat_id) == (old, new)
    assert came and (came.chat.id, came.migrate_from_chat_id) == (new, old)
    for call in (bot.send_message(old, "x"), bot.edit_message_text("x", old, sent.message_id)):
        with pytest.raises(ChatMigrated) as moved:
            await call
        assert moved.value.new_chat_id == new
    edit = bot.edit_message_text("x", new, sent.message_id)
    assert await _refused(edit) == "Message to edit not found"
    await bot.send_message(new, "x")


async def test_an_application_polls_and_answers(telegram: Telegram) -> None:
    ann = telegram.person("Ann")

    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text(f"heard {update.message.text}")

    application = (
        Application.builder()
        .token(telegram.token)
        .base_url(telegram.api_url)
        .request(_request())
        .get_updates_request(_request())
        .build()
    )
    application.add_handler(MessageHandler(filters.ALL, echo))
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling(poll_interval=0)
        await telegram.say(ann, ann, "hello")
        await telegram.until(lambda: len(telegram.messages(ann)) == 2)
        await application.updater.stop()
        await application.stop()
    assert telegram.messages(ann)[1].text == "heard hello"
    assert telegram.faults == []


# --- the webhook ----------------------------------------------------------------------


async def test_a_webhook_gets_updates_until_it_takes_them(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    got: list[tuple[str | None, str]] = []

    async def hook(request: web.Request) -> web.Response:
        update = await request.json()
        got.append(
            (request.headers.get("X-Telegram-Bot-Api-Secret-Token"), update["message"]["text"])
        )
        return web.Response(status=500 if len(got) == 1 else 200)

    app = web.Application()
    app.router.add_post("/telegram", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        telegram.webhook_at = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
        unsafe = bot.set_webhook("http://bot.example.org/telegram")
        assert "an https url must be provided" in await _refused(unsafe)
        await bot.set_webhook("https://bot.example.org/telegram", secret_token="s3cret")
        assert "webhook is active" in await _refused(bot.get_updates(), Conflict)
        await telegram.say(ann, ann, "hello")
        await telegram.until(lambda: not telegram.waiting)
        assert got == [("s3cret", "hello")] * 2
        telegram.redeliver()
        await telegram.until(lambda: len(got) == 3)
        info = await bot.get_webhook_info()
        assert info.url == "https://bot.example.org/telegram"
        assert info.last_error_message == (
            "Wrong response from the webhook: 500 Internal Server Error"
        )
        await bot.delete_webhook()
        assert (await bot.get_webhook_info()).url == ""
    finally:
        await runner.cleanup()


async def test_a_webhook_hears_each_chat_in_order_and_all_at_once(
    telegram: Telegram, bot: Bot
) -> None:
    people = [telegram.person(f"P{n}") for n in range(5)]
    together = asyncio.Barrier(len(people))
    got: list[tuple[int, str]] = []

    async def hook(request: web.Request) -> web.Response:
        message = (await request.json())["message"]
        got.append((message["from"]["id"], message["text"]))
        await together.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/telegram", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/telegram")
        for text in "abc":
            for person in people:
                await telegram.say(person, person, text)
        await telegram.until(lambda: not telegram.waiting)
    finally:
        await runner.cleanup()
    assert sorted(got) == [(person, text) for person in people for text in "abc"]
    for person in people:
        assert [text for who, text in got if who == person] == ["a", "b", "c"]


async def test_a_deleted_message_is_gone(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    sent = await bot.send_message(ann, "card")
    await telegram.delete(ann, sent.message_id)
    assert await bot.get_updates() == ()
    edit = bot.edit_message_text("x", ann, sent.message_id)
    assert await _refused(edit) == "Message to edit not found"


# --- faults on purpose ----------------------------------------------------------------


async def test_errors_come_as_ordered(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    telegram.fail("sendMessage", 429, retry_after=3)
    telegram.fail("sendMessage", 500)
    telegram.fail("sendMessage", 403, "Forbidden: bot was kicked from the group chat")
    with pytest.raises(RetryAfter):
        await bot.send_message(ann, "one")
    assert "Internal Server Error" in await _refused(bot.send_message(ann, "two"), NetworkError)
    assert "kicked" in await _refused(bot.send_message(ann, "three"), Forbidden)
    await bot.send_message(ann, "four")
    assert telegram.faults == [f"sendmessage in {ann} did not wait as it was told"]
    assert [shown.text for shown in telegram.messages(ann)] == ["four"]


async def test_silence_with_and_without_effect(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    telegram.silent("sendMessage")
    telegram.silent("sendMessage", effect=False)
    await _refused(bot.send_message(ann, "one"), NetworkError)
    await _refused(bot.send_message(ann, "two"), NetworkError)
    telegram.silent("sendMessage", hang=True)
    with pytest.raises(TelegramError, match="Timed out"):
        await bot.send_message(ann, "three", read_timeout=0.1)
    assert [shown.text for shown in telegram.messages(ann)] == ["one", "three"]


async def test_a_revoked_token_ends_the_poll_too(telegram: Telegram, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await telegram.until(lambda: telegram.polling)
    telegram.revoke()
    assert await _refused(poll, InvalidToken) == "Unauthorized"
    assert await _refused(bot.get_me(), InvalidToken) == "Unauthorized"
    telegram.restore()
    await bot.get_me()
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{telegram.api_url}nonsense/getMe")).status_code == 404
        other = await client.get(f"{telegram.api_url}1:{'x' * 35}/getMe")
        assert other.status_code == 401


async def test_telegram_is_away_and_comes_back(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    url = telegram.api_url
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await telegram.until(lambda: telegram.polling)
    await telegram.stop()
    await _refused(poll, NetworkError)
    await _refused(bot.get_updates(), NetworkError)
    await telegram.say(ann, ann, "while away")
    await telegram.start()
    assert telegram.api_url == url
    assert len(await bot.get_updates()) == 1


# --- the pure parts -------------------------------------------------------------------

_WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="&<>\r"), max_size=9)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["b", "i", "u", "s"]), _WORDS)))
def test_entities_cover_what_the_tags_enclosed(parts: list[tuple[str, str]]) -> None:
    parsed = parse("".join(f"<{tag}>{text}</{tag}>" for tag, text in parts))
    assert parsed.text == "".join(text for _, text in parts)
    covered = [cut(parsed.text, e.offset, e.length) for e in parsed.entities]
    assert covered == [text for _, text in parts if text]
    assert parsed.doubts == []


@settings(deadline=None)
@given(st.text(st.sampled_from("<>&/abip\"'= ;#xé🙊"), max_size=40))
def test_any_html_is_parsed_or_refused(html: str) -> None:
    try:
        parsed = parse(html)
    except Refused as refused:
        assert refused.code == 400
    else:
        for entity in parsed.entities:
            assert cut(parsed.text, entity.offset, entity.length)


def test_what_telegram_finds_by_itself() -> None:
    text = "🙊 /deploy@aaroc_bot @ann https://x.org/a. x/no_command a@b.org #1 #tag"
    found = [(e.type, cut(text, e.offset, e.length)) for e in find(text)]
    assert found == [
        ("bot_command", "/deploy@aaroc_bot"),
        ("mention", "@ann"),
        ("url", "https://x.org/a"),
        ("email", "a@b.org"),
        ("hashtag", "#tag"),
    ]
    quiet = parse("<code>/deploy @ann</code>")
    assert [e.type for e in find(quiet.text, quiet.entities)] == ["code"]
