"""Slack and Telegram: what is heard there, how often, and who is nobody."""

import asyncio
from dataclasses import replace

import pytest

from aaroc_bot.core.audit import Event, What
from tests.conversations.conversation import Conversation
from tests.conversations.slack import Workspace
from tests.conversations.stage import Stage
from tests.conversations.telegram import Group

PLAIN = "lock ZA-UJ until 1h"
"""What whoever is heard would get: an answer, a lock and a line on record."""

QUIET = {"AAROC_PLAIN_COMMANDS": "false"}

slack_only = pytest.mark.chats("slack", only=True)
telegram_only = pytest.mark.chats("telegram", only=True)


async def commands(bot: Conversation) -> list[Event]:
    """Give what was worked on, once that of somebody who is heard was."""
    await bot.play("""
        kenet-admin to bot> whoami
        bot to kenet-admin> You are kenet-admin on GitHub, *
    """)
    heard = [e for e in await bot.record() if e.what in {What.COMMAND, What.REFUSAL}]
    return [e for e in heard if e.text != "whoami"]


def workspace(bot: Conversation) -> Workspace:
    assert isinstance(bot.screen, Workspace)
    return bot.screen


def group(bot: Conversation) -> Group:
    assert isinstance(bot.screen, Group)
    return bot.screen


@pytest.mark.chats("slack", "telegram", only=True)
async def test_a_run_asked_for_alone_has_its_card_before_everybody(bot: Conversation) -> None:
    await bot.play("""
        uj-admin to bot> deploy site-bdii at ZA-UJ port=2171
        bot to uj-admin> Run 1 · deploy site-bdii at ZA-UJ port=2171 · planning at *
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ port=2171 · *
                    | [Cancel 1]
        outsider to bot> deploy site-bdii at ZA-UJ
        bot to outsider> You are not a member of AAROC on GitHub. *
        uj-admin to bot> cancel 1
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ port=2171 · cancelled by uj-admin
        uj-admin to bot> hello
        bot to uj-admin> I hear you. To see what I do: `help`.
    """)
    assert {seen.card for seen in await bot.messages() if seen.alone} == {None}


@slack_only
async def test_slack_tells_a_refusal_to_the_asker_alone(bot: Conversation) -> None:
    here = workspace(bot)
    seen = await bot.answer("outsider", PLAIN)
    assert (seen.to, seen.alone) == ("outsider", True)
    said = next(m for m in here.slack.messages(here.channel) if m.text == PLAIN)
    assert said.reactions == {"no_entry": [here.slack.bot_user]}
    await bot.play("uj-admin> status ZA-UJ\nbot> ZA-UJ · quiet, no run on record yet")
    said = next(m for m in here.slack.messages(here.channel) if m.text == "status ZA-UJ")
    assert said.reactions == {"eyes": [here.slack.bot_user]}


@telegram_only
async def test_telegram_answers_a_refusal_briefly(bot: Conversation) -> None:
    here = group(bot)
    seen = await bot.answer("outsider", PLAIN)
    assert (seen.to, seen.alone) == ("outsider", False)
    said = next(m for m in here.telegram.messages(here.chat) if m.text == PLAIN)
    assert said.reactions == ["🙊"]
    await bot.play("""
        uj-admin>   staus za-uj
        bot to uj-admin> Did you mean `status ZA-UJ`?
        kenet-admin> [status ZA-UJ]
        bot to kenet-admin> That button is for the one who typed the command.
    """)
    theirs = await bot.button("uj-admin", "status ZA-UJ")
    await bot.press("uj-admin", replace(theirs, id="nobody-ever-made-this"))
    await bot.play("bot to uj-admin> That button's card is old. What there is now: `runs`.")


@slack_only
async def test_slack_answers_in_the_thread_of_what_was_said(bot: Conversation) -> None:
    here = workspace(bot)
    slack, admin = here.slack, here.accounts["uj-admin"].user
    root = await slack.say(admin, here.channel, "what is up with our bdii, anybody")
    await slack.say(admin, here.channel, f"<@{slack.bot_user}> status ZA-UJ", thread=root)
    await bot.play("bot> ZA-UJ · quiet, no run on record yet")
    said = await slack.say(admin, here.channel, "runs")
    await bot.play("bot> There is no run yet.")
    threads = [m.thread_ts for m in slack.messages(here.channel) if m.bot_id]
    assert threads == [root, said]


@pytest.mark.chats("slack", "telegram", only=True)
async def test_what_people_say_to_each_other_is_left_alone(bot: Conversation) -> None:
    for words in (
        "yes", "good idea", "see you tomorrow", "who knows about squid at our place", "new servers",
        "change of plan for today", "welcome Sam to the team", "welcome aboard", "merge conflicts again",
        "set it up tomorrow please", "join us for lunch", "review my notes please",
    ):  # fmt: skip
        await bot.say("uj-admin", words)
    await bot.play("""
        uj-admin>        staus za-uj
        bot to uj-admin> Did you mean `status ZA-UJ`?
        uj-admin to bot> good idea
        bot to uj-admin> I don't know `good`. What I do: `help`
    """)
    for number in range(8):
        await bot.say("stranger", f"that was the {number}th lunch in a row")
    await bot.say("stranger", "good idea")
    await bot.play("""
        stranger>        whoami
        bot>             I don't know who you are on GitHub yet.
    """)
    assert len(await bot.messages()) == 3, "people's talk was answered, or counted"


@pytest.mark.chats("forum", only=True)
async def test_telegram_answers_in_the_topic_of_what_was_said(bot: Conversation) -> None:
    here = group(bot)
    telegram, admin = here.telegram, int(here.accounts["uj-admin"].user)
    topic = telegram.topic(here.chat, "deploys")
    said = await telegram.say(admin, here.chat, "/status ZA-UJ", topic=topic)
    await bot.play("bot to uj-admin> ZA-UJ · quiet, no run on record yet")
    await telegram.say(admin, here.chat, "deploy site-bdii at ZA-UJ", topic=topic)
    await bot.play("(card 1) Run 1 · deploy site-bdii at ZA-UJ · *")
    await telegram.say(admin, here.chat, "cancel 1", topic=topic)
    await bot.play("(card 1) Run 1 · deploy site-bdii at ZA-UJ · cancelled by uj-admin")
    shown = [m for m in telegram.messages(here.chat) if m.author == telegram.bot["id"]]
    assert (shown[0].topic, shown[0].reply_to) == (topic, said)
    (card,) = [m for m in shown if m.reply_to is None]
    assert card.topic is None


@pytest.mark.chats("forum", only=True)
async def test_answers_that_piled_up_stay_in_their_topic(bot: Conversation) -> None:
    here = group(bot)
    telegram, admin = here.telegram, int(here.accounts["uj-admin"].user)
    topic = telegram.topic(here.chat, "deploys")
    telegram.fail("sendMessage", 429, retry_after=1)
    for text in ("/status ZA-UJ", "/sites"):
        await telegram.say(admin, here.chat, text, topic=topic)
    await bot.play("bot to uj-admin> 2 answers at once")
    (answer,) = [m for m in telegram.messages(here.chat) if m.author == telegram.bot["id"]]
    assert answer.topic == topic


@pytest.mark.chats("slack", "telegram", only=True)
async def test_a_hint_is_written_as_one_is_heard(stage: Stage, sqlite_url: str, chat: str) -> None:
    async with stage.opened(sqlite_url, chat, **QUIET) as bot:
        if chat == "slack":
            here = workspace(bot)
            admin, for_me = here.accounts["uj-admin"].user, f"<@{here.slack.bot_user}> statsu"
            await here.slack.say(admin, here.channel, for_me)
            await bot.play("bot to uj-admin> Did you mean `@aaroc status`?")
        else:
            await bot.play("""
                uj-admin> /log 7
                bot to uj-admin> There is no run 7.
                    | To look: `/runs`
            """)


@slack_only
async def test_in_slack_nobody_is_who_is_no_person_of_the_workspace(
    stage: Stage, sqlite_url: str, chat: str
) -> None:
    async with stage.opened(sqlite_url, chat, **QUIET) as bot:
        here = workspace(bot)
        slack, expert = here.slack, here.accounts["roc-expert"].user
        for_me = f"<@{slack.bot_user}> {PLAIN}"
        foreign = slack.person("foreign", team="T0OTHER")
        elsewhere = slack.channel("random", (expert,))
        await slack.say(foreign, here.channel, for_me)
        assert await slack.command(foreign, here.channel, "/aaroc", PLAIN) is not None
        await slack.bot_says(here.channel, for_me)
        await slack.say(expert, here.channel, for_me, subtype="me_message")
        await slack.say(expert, elsewhere, for_me)
        await slack.say(expert, here.channel, PLAIN)
        ts = await slack.say(expert, here.channel, "good morning")
        await slack.edit(here.channel, ts, for_me)
        await slack.delete(here.channel, ts)
        ack = await slack.command(expert, elsewhere, "/aaroc", PLAIN)
        assert ack is not None and f"<#{here.channel}>" in ack["text"]
        await here.settled()
        assert await commands(bot) == []
        assert not [m for m in slack.messages(elsewhere) if m.bot_id and not m.to]


@slack_only
async def test_in_slack_one_word_has_one_effect_however_often_it_comes(
    stage: Stage, sqlite_url: str, chat: str
) -> None:
    async with stage.opened(sqlite_url, chat, **QUIET) as bot:
        here = workspace(bot)
        slack, admin = here.slack, here.accounts["uj-admin"].user
        await bot.say("uj-admin", f"<@{slack.bot_user}> {PLAIN}")
        await bot.play("bot> ZA-UJ is locked by uj-admin until *")
        assert {e["event"]["type"] for e in slack.events} >= {"message", "app_mention"}
        assert await slack.command(admin, here.channel, "/aaroc", "unlock ZA-UJ") == {
            "response_type": "in_channel"
        }
        await bot.play("bot> ZA-UJ is unlocked*")
        events = list(slack.events)
        await asyncio.gather(*map(slack.deliver, events))
        assert [e.text for e in await commands(bot)] == [PLAIN, "unlock ZA-UJ"]


@telegram_only
async def test_in_telegram_nobody_is_who_does_not_speak_for_themselves(
    bot: Conversation,
) -> None:
    here = group(bot)
    telegram, expert = here.telegram, int(here.accounts["roc-expert"].user)
    channel, elsewhere = telegram.channel("News"), telegram.group("Elsewhere", (expert,))
    spoken = await telegram.say(expert, here.chat, "good morning to all of you")
    await telegram.edit(here.chat, spoken, f"/{PLAIN}")
    await telegram.forward(expert, here.chat, PLAIN)
    await telegram.anonymous(here.chat, PLAIN)
    await telegram.linked(here.chat, channel, PLAIN)
    await telegram.channel_post(channel, PLAIN)
    await telegram.via_bot(expert, here.chat, PLAIN)
    await telegram.bot_says(here.chat, PLAIN)
    await telegram.say(expert, elsewhere, f"/{PLAIN}")
    await telegram.say(expert, here.chat, "/lock@another_bot ZA-UJ until 1h")
    await here.settled()
    assert await commands(bot) == []
    assert not telegram.messages(elsewhere)[1:]


@telegram_only
async def test_in_telegram_one_word_has_one_effect_however_often_it_comes(
    stage: Stage, sqlite_url: str, chat: str
) -> None:
    async with stage.opened(sqlite_url, chat, **QUIET) as bot:
        here = group(bot)
        await bot.play("""
            uj-admin>   /lock@aaroc_bot ZA_UJ until 1h
            bot>        ZA-UJ is locked by uj-admin until *
            uj-admin>   @aaroc_bot unlock ZA-UJ
            bot>        ZA-UJ is unlocked*
        """)
        here.telegram.redeliver()
        await here.settled()
        texts = [e.text for e in await commands(bot)]
        assert texts == ["lock ZA_UJ until 1h", "unlock ZA-UJ"]
