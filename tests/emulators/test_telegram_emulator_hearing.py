"""The emulated Telegram, seen by the client that the bot uses: what it hears."""

import asyncio
import time

import pytest
from aiohttp import web
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Update,
)
from telegram.error import (
    ChatMigrated,
    Conflict,
)
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from tests.emulators.telegram import Telegram
from tests.emulators.telegram_client import client, hook, refused

# --- hearing ------------------------------------------------------------------------


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
    assert "terminated by other getUpdates" in await refused(poll, Conflict)


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
    assert (await refused(query.answer())).startswith("Query is too old")
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
    assert await refused(edit) == "Message to edit not found"
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
        .request(client())
        .get_updates_request(client())
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


# --- the webhook --------------------------------------------------------------------


async def test_a_webhook_gets_updates_until_it_takes_them(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    got: list[tuple[str | None, str]] = []

    async def take(request: web.Request) -> web.Response:
        update = await request.json()
        got.append(
            (request.headers.get("X-Telegram-Bot-Api-Secret-Token"), update["message"]["text"])
        )
        return web.Response(status=500 if len(got) == 1 else 200)

    async with hook(take) as url:
        telegram.webhook_at = url
        unsafe = bot.set_webhook("http://bot.example.org/telegram")
        assert "an https url must be provided" in await refused(unsafe)
        await bot.set_webhook("https://bot.example.org/telegram", secret_token="s3cret")
        assert "webhook is active" in await refused(bot.get_updates(), Conflict)
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


async def test_a_webhook_hears_each_chat_in_order_and_all_at_once(
    telegram: Telegram, bot: Bot
) -> None:
    people = [telegram.person(f"P{n}") for n in range(5)]
    together = asyncio.Barrier(len(people))
    got: list[tuple[int, str]] = []

    async def take(request: web.Request) -> web.Response:
        message = (await request.json())["message"]
        got.append((message["from"]["id"], message["text"]))
        await together.wait()
        return web.Response()

    async with hook(take) as url:
        await bot.set_webhook(url)
        for text in "abc":
            for person in people:
                await telegram.say(person, person, text)
        await telegram.until(lambda: not telegram.waiting)
    assert sorted(got) == [(person, text) for person in people for text in "abc"]
    for person in people:
        assert [text for who, text in got if who == person] == ["a", "b", "c"]


async def test_a_deleted_message_is_gone(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    sent = await bot.send_message(ann, "card")
    await telegram.delete(ann, sent.message_id)
    assert await bot.get_updates() == ()
    edit = bot.edit_message_text("x", ann, sent.message_id)
    assert await refused(edit) == "Message to edit not found"
