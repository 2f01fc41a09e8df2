"""Who is heard in Telegram, where, and how it reads."""

import pytest

from aaroc_bot.core.message import Account, Message, Place
from tests.chat.telegram_adapter import Scene, scene, until

MARKER = "the end"


async def _heard(here: Scene) -> list[str]:
    """Give all that was heard, once something said last was."""
    await here.telegram.say(here.uj, here.uj, MARKER)
    await until(lambda: MARKER in here.heard.texts)
    return [said.text for said in here.heard.said if said.text != MARKER]


async def test_a_command_in_the_roc_chat_is_heard_whole() -> None:
    async with scene() as here, here.bot() as chat:
        number = await here.telegram.say(here.uj, here.roc, "deploy site-bdii at ZA-UJ")
        await until(lambda: here.heard.said)
        said = here.heard.last
        assert said.event.startswith(f"telegram:{here.telegram.bot['id']}:")
        assert said.account == Account("telegram", "", str(here.uj))
        assert said.place == chat.roc == Place("telegram", str(here.roc))
        assert (said.text, said.ref) == ("deploy site-bdii at ZA-UJ", str(number))
        assert not (said.direct or said.addressed or said.private or said.button)


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("/deploy site_bdii at ZA_UJ", "deploy site_bdii at ZA_UJ"),
        ("/deploy@aaroc_bot site_bdii at ZA_UJ", "deploy site_bdii at ZA_UJ"),
        ("/status@AAROC_bot", "status"),
        ("/Status", "Status"),
        ("/take_over 12", "take_over 12"),
        ("/weather@aaroc_bot", "weather"),
        ("/weather", None),
        ("/statusbar", None),
        ("/start", "help"),
        ("/start x", "help"),
        ("/help deploy", "help deploy"),
        ("@aaroc_bot status ZA-UJ", "status ZA-UJ"),
        ("@AAROC_Bot: status", "status"),
        ("@aaroc_bot", "help"),
        ("/status@other_bot", None),
        ("@aaroc_botanist status", None),
        ("status @aaroc_bot", None),
        ("status ZA-UJ", None),
    ],
)
async def test_elsewhere_only_what_is_addressed_is_heard(typed: str, heard: str | None) -> None:
    async with scene() as here, here.bot():
        await here.telegram.say(here.uj, here.other, typed)
        assert await _heard(here) == ([heard] if heard else [])
        if heard:
            assert here.heard.said[0].addressed


async def test_what_is_for_another_bot_is_not_heard_in_the_roc_chat_either() -> None:
    async with scene() as here, here.bot() as chat:
        posted = await chat.post(chat.roc, Message("hello"))
        await here.telegram.say(here.uj, here.roc, "/x@other_bot", reply_to=int(posted.ref))
        assert await _heard(here) == []


async def test_a_command_of_another_bot_is_not_addressed_to_this_one() -> None:
    async with scene() as here, here.bot() as chat:
        posted = await chat.post(chat.roc, Message("hello"))
        await here.telegram.say(here.uj, here.roc, "/weather Pretoria")
        await until(lambda: here.heard.texts == ["/weather Pretoria"])
        assert not here.heard.last.addressed
        await here.telegram.say(here.uj, here.roc, "/weather", reply_to=int(posted.ref))
        await until(lambda: len(here.heard.said) == 2)
        assert here.heard.last.addressed
        await here.telegram.say(here.uj, here.uj, "/weather")
        await until(lambda: len(here.heard.said) == 3)
        assert here.heard.last.direct


async def test_without_plain_commands_the_roc_chat_is_like_any_other() -> None:
    async with scene() as here, here.bot(plain=False):
        await here.telegram.say(here.uj, here.roc, "status")
        await here.telegram.say(here.uj, here.roc, "/weather")
        await here.telegram.say(here.uj, here.roc, "/status")
        assert await _heard(here) == ["status"]


async def test_a_reply_to_the_bot_is_addressed() -> None:
    async with scene() as here, here.bot() as chat:
        posted = await chat.post(Place("telegram", str(here.other)), Message("hello"))
        number = await here.telegram.say(here.uj, here.other, "status", reply_to=int(posted.ref))
        assert await _heard(here) == ["status"]
        said = here.heard.said[0]
        assert (said.addressed, said.ref, said.place.thread) == (True, str(number), None)


async def test_a_direct_message_is_private_and_needs_no_address() -> None:
    async with scene() as here, here.bot():
        await here.telegram.say(here.uj, here.uj, "status")
        await until(lambda: here.heard.said)
        said = here.heard.last
        assert (said.direct, said.private, said.addressed) == (True, True, False)
        assert said.place == Place("telegram", str(here.uj))


async def test_nobody_is_heard_who_does_not_speak_for_themselves() -> None:
    async with scene() as here, here.bot():
        telegram = here.telegram
        stranger = telegram.supergroup("not named", (here.uj,))
        posts = telegram.channel("news")
        first = await telegram.say(here.uj, here.roc, "first")
        await telegram.edit(here.roc, first, "approve 12")
        await telegram.forward(here.uj, here.roc, "approve 13")
        await telegram.anonymous(here.roc, "approve 14")
        await telegram.linked(here.roc, posts, "approve 15")
        await telegram.channel_post(posts, "approve 16")
        await telegram.via_bot(here.uj, here.roc, "approve 17")
        await telegram.bot_says(here.roc, "approve 18")
        await telegram.say(here.uj, stranger, "/approve@aaroc_bot 19")
        assert await _heard(here) == ["first"]
        assert telegram.states() == []


async def test_in_a_topic_what_is_no_reply_is_not_addressed_and_keeps_its_topic() -> None:
    async with scene(forum=True) as here, here.bot(plain=False) as chat:
        topic = here.telegram.topic(here.roc, "deploys")
        await here.telegram.say(here.uj, here.roc, "not addressed", topic=topic)
        number = await here.telegram.say(here.uj, here.roc, "/status", topic=topic)
        assert await _heard(here) == ["status"]
        said = here.heard.said[0]
        assert said.ref == f"{topic}/{number}"
        posted = await chat.post(Place("telegram", str(here.roc), said.ref), Message("quiet"))
        shown = here.telegram.messages(here.roc)[-1]
        assert (shown.topic, shown.reply_to) == (topic, number)
        await here.telegram.say(here.uj, here.roc, "again", reply_to=shown.message_id)
        await until(lambda: here.heard.texts[-1] == "again")
        assert posted.ref == f"{topic}/{shown.message_id}"
        assert here.telegram.faults == []
