"""The Telegram adapter on an emulated Telegram: presses, posts, limits, moves, a bad line."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from aaroc_bot.chat import telegram_connection, telegram_line, telegram_taking
from aaroc_bot.chat.taking_in import NOT_TAKEN_IN
from aaroc_bot.chat.telegram import TelegramChat
from aaroc_bot.chat.telegram_taking import AGAIN
from aaroc_bot.core.message import Account, Button, File, Message, Place, Posted
from aaroc_bot.core.ports import Later, Lost
from tests.chat.telegram_adapter import scene, until
from tests.emulators.telegram import lines

pytestmark = pytest.mark.filterwarnings("error::telegram.warnings.PTBDeprecationWarning")

CARD = Message("Run 12 · waiting", buttons=(Button("Approve 12", "approve 12", id="b-1"),))


async def patiently(chat: TelegramChat, place: Place, message: Message) -> Posted:
    while True:
        try:
            return await chat.post(place, message)
        except Later as later:
            await asyncio.sleep(later.seconds)


# --- speaking ---


async def test_a_card_is_posted_edited_and_edited_to_the_same() -> None:
    async with scene() as here, here.bot(serving=False) as chat:
        posted = await chat.post(chat.roc, CARD)
        shown = here.telegram.messages(here.roc)[-1]
        assert (posted.place, posted.ref) == (chat.roc, str(shown.message_id))
        assert [(b.label, b.data) for b in shown.buttons] == [("Approve 12", "b-1")]
        await chat.edit(posted, Message("Run 12 · running"))
        await chat.edit(posted, Message("Run 12 · running"))
        assert (shown.text, shown.buttons) == ("Run 12 · running", [])
        assert here.telegram.faults == []


async def test_an_answer_replies_with_its_file_under_it() -> None:
    async with scene() as here, here.bot(serving=False) as chat:
        asked = await here.telegram.say(here.uj, here.roc, "log 12")
        place = replace(chat.roc, thread=str(asked))
        await chat.post(place, Message("Log of run 12", file=File("run-12.log", "a\nb\n")))
        answer, file = here.telegram.messages(here.roc)[-2:]
        assert answer.reply_to == asked
        assert (file.reply_to, file.document) == (answer.message_id, ("run-12.log", "a\nb\n"))
        assert file.text == "4 bytes"


async def test_an_answer_to_what_is_gone_stands_without_a_reply() -> None:
    async with scene() as here, here.bot(serving=False) as chat:
        await chat.post(replace(chat.roc, thread="4711"), Message("quiet"))
        assert here.telegram.messages(here.roc)[-1].reply_to is None


async def test_a_file_held_up_is_sent_later_without_the_message_again() -> None:
    async with scene() as here, here.bot(serving=False) as chat:
        here.telegram.fail("sendDocument", 429, retry_after=1)
        message = Message("Log", file=File("run.log", "x"))
        with pytest.raises(Later) as wait:
            await chat.post(chat.roc, message)
        assert 0 < wait.value.seconds <= 1
        await patiently(chat, chat.roc, message)
        assert [shown.text for shown in here.telegram.messages(here.roc)] == ["Log", "1 byte"]


async def test_a_card_that_changed_while_its_file_was_held_up_is_edited() -> None:
    async with scene() as here, here.bot(serving=False) as chat:
        here.telegram.fail("sendDocument", 429, retry_after=1)
        file = File("run.log", "x")
        with pytest.raises(Later):
            await chat.post(chat.roc, Message("planning", file=file), mark="m")
        posted = None
        while posted is None:
            try:
                posted = await chat.post(chat.roc, Message("running", file=file), mark="m")
            except Later as later:
                await asyncio.sleep(later.seconds)
        assert [shown.text for shown in here.telegram.messages(here.roc)] == ["running", "1 byte"]


async def test_signs_are_put_on_messages_and_missing_ones_are_no_error() -> None:
    async with scene() as here, here.bot(serving=False) as chat:
        number = await here.telegram.say(here.uj, here.roc, "status")
        heard = Posted(chat.roc, str(number))
        await chat.react(heard, "seen")
        assert here.telegram.messages(here.roc)[-1].reactions == ["👀"]
        here.telegram.fail("setMessageReaction", 400, "Bad Request: REACTION_INVALID")
        await chat.react(heard, "refused")
        await chat.react(heard, "refused")
        assert here.telegram.messages(here.roc)[-1].reactions == ["🙊"]


async def test_somebody_who_never_wrote_to_the_bot_cannot_be_told() -> None:
    async with scene() as here, here.bot(serving=False) as chat:
        place = await chat.direct(Account("telegram", "", str(here.uj)))
        with pytest.raises(Lost):
            await chat.post(place, Message("a code"))
        here.telegram.private(here.uj, started=True)
        await chat.post(place, Message("a code"))
        with pytest.raises(Lost):
            await chat.direct(Account("slack", "T1", "U1"))


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (400, "Bad Request: message to edit not found"),
        (400, "Bad Request: message can't be edited"),
        (400, "Bad Request: chat not found"),
        (403, "Forbidden: bot was kicked from the supergroup chat"),
    ],
)
async def test_what_is_gone_is_lost(code: int, description: str) -> None:
    async with scene() as here, here.bot(serving=False) as chat:
        posted = await chat.post(chat.roc, CARD)
        here.telegram.fail("editMessageText", code, description)
        with pytest.raises(Lost):
            await chat.edit(posted, Message("more"))


async def test_telegrams_limits_are_kept_and_nothing_waits_within() -> None:
    async with scene() as here, here.bot(serving=False) as chat:
        sent, waits = 0, []
        for number in range(5):
            try:
                await chat.post(chat.roc, Message(f"message {number}"))
                sent += 1
            except Later as wait:
                waits.append(wait.seconds)
        assert (sent, len(waits)) == (3, 2)
        assert all(0 < seconds <= 3 for seconds in waits)
        assert here.telegram.flooded == []


async def test_flood_control_closes_the_chat_for_as_long_as_it_says() -> None:
    async with scene() as here, here.bot(serving=False) as chat:
        here.telegram.fail("sendMessage", 429, retry_after=7)
        for _ in range(2):  # the second is not even sent
            with pytest.raises(Later) as wait:
                await chat.post(chat.roc, CARD)
            assert 6 < wait.value.seconds <= 7
            assert not wait.value.maybe
        assert (
            len([call for call in here.telegram.calls if call.method.lower() == "sendmessage"]) == 1
        )
        await chat.post(Place("telegram", str(here.other)), CARD)


async def test_a_call_without_an_answer_may_have_been_taken() -> None:
    async with scene() as here, here.bot(serving=False) as chat:
        here.telegram.silent("sendMessage", times=2)
        pauses = []
        for _ in range(2):
            with pytest.raises(Later) as wait:
                await chat.post(chat.roc, CARD)
            pauses.append((wait.value.seconds, wait.value.maybe))
        assert pauses == [(1, True), (2, True)]


async def test_a_call_that_was_cut_while_it_was_answered_may_have_been_taken() -> None:
    async with scene() as here, here.bot(serving=False) as chat:
        for code in (500, 502, 504):
            here.telegram.fail("sendMessage", code)
            with pytest.raises(Later) as wait:
                await chat.post(chat.roc, CARD)
            assert wait.value.maybe


async def test_a_call_that_never_reached_telegram_was_not_taken() -> None:
    async with scene() as here, here.bot(serving=False) as chat:
        await here.telegram.stop()
        with pytest.raises(Later) as wait:
            await chat.post(chat.roc, CARD)
        assert not wait.value.maybe
        await here.telegram.start()
        here.telegram.revoke()
        with pytest.raises(Later) as wait:
            await chat.post(chat.roc, CARD)
        assert not wait.value.maybe


@pytest.mark.parametrize(
    ("fault", "maybe"),
    [
        (httpx.ConnectTimeout, False),
        (httpx.PoolTimeout, False),
        (httpx.ProxyError, False),
        (httpx.WriteTimeout, True),
        (httpx.WriteError, True),
        (httpx.ReadTimeout, True),
        (httpx.RemoteProtocolError, True),
    ],
)
async def test_what_became_of_a_call_is_unknown_once_some_of_it_was_sent(
    monkeypatch: pytest.MonkeyPatch, fault: type[httpx.TransportError], maybe: bool
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise fault("x")

    async with scene() as here, here.bot(serving=False) as chat:
        monkeypatch.setattr(httpx.AsyncClient, "request", fail)
        with pytest.raises(Later) as wait:
            await chat.post(chat.roc, CARD)
        assert wait.value.maybe is maybe


# --- presses ---


async def test_a_press_is_taken_in_and_answered() -> None:
    async with scene() as here, here.bot() as chat:
        posted = await chat.post(chat.roc, CARD)
        assert await here.telegram.press(here.expert, here.roc, int(posted.ref), "Approve 12") == ""
        said = here.heard.last
        assert (said.button, said.text, said.ref) == ("b-1", "", posted.ref)
        assert said.account == Account("telegram", "", str(here.expert))
        assert (said.place, said.private) == (chat.roc, False)


async def test_a_press_that_cannot_be_kept_is_told_so_and_not_kept_later() -> None:
    async with scene() as here, here.bot() as chat:
        posted = await chat.post(chat.roc, CARD)
        here.heard.away = True
        answer = await here.telegram.press(here.uj, here.roc, int(posted.ref), "Approve 12")
        assert answer == NOT_TAKEN_IN
        await here.telegram.say(here.expert, here.roc, "status")  # is brought again
        answer = await here.telegram.press(here.uj, here.roc, int(posted.ref), "Approve 12")
        assert answer == NOT_TAKEN_IN
        here.heard.away = False
        await until(lambda: here.telegram.waiting == 0)
        assert here.heard.texts == ["status"]


async def test_a_press_kept_too_late_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_taking, "IN_TIME", 0.1)
    async with scene() as here, here.bot() as chat:
        posted = await chat.post(chat.roc, CARD)
        here.heard.slow = asyncio.Event()
        answer = await here.telegram.press(here.uj, here.roc, int(posted.ref), "Approve 12")
        assert answer == NOT_TAKEN_IN
        here.heard.slow.set()
        await until(lambda: here.telegram.waiting == 0)
        (late,) = here.heard.said
        assert late.until is not None, "what is kept after that counts for nothing"


async def test_a_press_of_what_telegram_no_longer_shows_is_not_heard() -> None:
    async with scene() as here, here.bot() as chat:
        posted = await chat.post(chat.roc, CARD)
        answer = await here.telegram.press(
            here.uj, here.roc, int(posted.ref), "Approve 12", inaccessible=True
        )
        assert answer == telegram_taking.TOO_OLD
        assert here.heard.said == []


# --- taken in, then confirmed ---


async def test_what_cannot_be_kept_is_asked_for_again_in_order() -> None:
    async with scene() as here:
        here.heard.away = True
        async with here.bot():
            texts = [f"status {n}" for n in range(3)]
            for text in texts:
                await here.telegram.say(here.uj, here.roc, text)
            await until(lambda: here.heard.times >= 2)
            assert here.telegram.waiting == 3
            here.heard.away = False
            await until(lambda: here.telegram.waiting == 0)
            assert here.heard.texts == texts


async def test_who_waits_for_an_answer_is_told_once_that_it_comes_later() -> None:
    async with scene() as here, here.bot():
        here.heard.away = True
        number = await here.telegram.say(here.uj, here.roc, "status")
        await here.telegram.say(here.expert, here.expert, "whoami")
        await until(lambda: here.heard.times >= 4)
        for chat in (here.roc, here.expert):
            (told,) = [
                m for m in here.telegram.messages(chat) if m.author == here.telegram.bot["id"]
            ]
            assert told.text == f"Not taken in yet: the database does not answer. {AGAIN}"
            assert chat != here.roc or told.reply_to == number
        here.heard.away = False
        await until(lambda: here.telegram.waiting == 0)
        assert sorted(here.heard.texts) == ["status", "whoami"]


async def test_what_was_not_confirmed_comes_to_the_next_process() -> None:
    async with scene() as here:
        here.heard.slow = asyncio.Event()
        async with here.bot():
            await here.telegram.say(here.uj, here.roc, "status")
            await until(lambda: here.heard.times)
        assert here.heard.said == []
        here.heard.slow = None
        async with here.bot():
            await until(lambda: here.heard.said and here.telegram.waiting == 0)
            here.telegram.redeliver()
            await until(lambda: here.heard.times == 3)
        assert here.heard.texts == ["status"]


async def test_an_update_that_makes_the_bot_stumble_does_not_hold_up_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telegram_connection, "UNKEPT_PAUSE", 0.01)
    async with scene() as here:
        heard = here.heard.__call__

        async def hear(said: object) -> None:
            assert getattr(said, "text", "") != "bad"
            await heard(said)  # type: ignore[arg-type]

        async with here.bot(serving=False) as chat:
            task = asyncio.create_task(chat.serve(hear))
            await here.telegram.say(here.uj, here.roc, "bad")
            await here.telegram.say(here.uj, here.roc, "good")
            await until(lambda: here.telegram.waiting == 0 and here.heard.said)
            assert here.heard.texts == ["good"]
            task.cancel()


async def test_hundreds_at_once_are_taken_in_in_the_order_of_each_person() -> None:
    async with scene() as here:
        people = [here.uj, here.expert]
        for number in range(250):
            await here.telegram.say(people[number % 2], here.roc, f"status {number}")
        async with here.bot():
            await until(lambda: here.telegram.waiting == 0)
        for at, person in enumerate(people):
            said = [s.text for s in here.heard.said if s.account.user == str(person)]
            assert said == [f"status {number}" for number in range(at, 250, 2)]


# --- a group that moves ---


async def test_a_group_that_became_a_supergroup_goes_on_under_its_old_name() -> None:
    async with scene(group=True) as here, here.bot() as chat:
        posted = await chat.post(chat.roc, CARD)
        new = await here.telegram.migrate(here.roc)
        await until(lambda: here.moves.known == {str(here.roc): str(new)})
        with pytest.raises(Lost):
            await chat.edit(posted, Message("more"))
        number = await here.telegram.say(here.uj, new, "status")
        await until(lambda: here.heard.said)
        said = here.heard.last
        assert said.place == chat.roc
        answer = await chat.post(replace(chat.roc, thread=said.ref), Message("quiet"))
        assert here.telegram.messages(new)[-1].reply_to == number
        await chat.edit(answer, Message("not quiet"))
        assert here.telegram.messages(new)[-1].text == "not quiet"


async def test_a_move_is_also_learnt_from_a_call_and_known_after_a_restart() -> None:
    async with scene(group=True) as here:
        async with here.bot(serving=False) as chat:
            new = await here.telegram.migrate(here.roc)
            with pytest.raises(Later):
                await chat.post(chat.roc, CARD)
            assert here.moves.known == {str(here.roc): str(new)}
            posted = await chat.post(chat.roc, CARD)
        async with here.bot(serving=False) as chat:  # before anything was heard
            await chat.edit(posted, Message("Run 12 · running"))
        here.telegram.redeliver()
        async with here.bot() as chat:
            await here.telegram.say(here.uj, new, "status")
            await until(lambda: here.heard.said)
            assert here.heard.last.place == chat.roc
        assert len(here.telegram.messages(new)) == 2


# --- the line ---


async def test_the_menu_is_set_with_names_that_telegram_takes() -> None:
    async with scene() as here, here.bot(menu=(("Deploy-it", "Deploy."), ("status", "Look."))):
        await until(lambda: here.telegram.commands)
        assert here.telegram.commands == [("deploy_it", "Deploy."), ("status", "Look.")]


async def test_a_silent_telegram_is_told_after_a_minute_and_comes_back_by_itself() -> None:
    async with scene() as here, here.bot() as chat:
        await here.telegram.say(here.uj, here.roc, "one")
        await until(lambda: here.heard.said)
        await here.telegram.stop()
        await until(lambda: chat._line._asked is not None)
        assert chat.trouble is None
        here.clock.ahead = timedelta(seconds=61)
        await until(lambda: chat.trouble is not None)
        assert str(chat.trouble).startswith("Telegram has not answered since ")
        assert str(chat.trouble).endswith(" UTC")
        await here.telegram.start()
        await here.telegram.say(here.uj, here.roc, "two")
        await until(lambda: here.heard.texts == ["one", "two"])
        assert chat.trouble is None


async def test_a_refused_token_is_told_at_once_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with scene() as here:
        async with here.bot() as chat:
            monkeypatch.setattr(telegram_connection, "REFUSED_PAUSE", 0.05)
            await until(lambda: here.telegram.calls)
            here.telegram.revoke()
            await until(lambda: chat.trouble)
            assert chat.trouble == "Telegram refuses the bot's token (Unauthorized)"
            with pytest.raises(Later):
                await chat.post(chat.roc, CARD)
            here.telegram.restore()
            await until(lambda: chat.trouble is None)
            await here.telegram.say(here.uj, here.roc, "status")
            await until(lambda: here.heard.said)
        here.telegram.revoke()
        async with here.bot() as chat:  # refused from the beginning
            await until(lambda: chat.trouble)
    assert here.telegram.token not in caplog.text
    assert here.telegram.token.split(":")[1] not in caplog.text


async def test_another_program_at_the_same_bot_is_told_once_it_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scene() as here, here.bot() as chat:
        conflict = "Conflict: terminated by other getUpdates request"
        here.telegram.fail("getUpdates", 409, conflict)
        await here.telegram.say(here.uj, here.roc, "status")
        await until(lambda: here.heard.said)
        assert chat.trouble is None  # a keeper that is followed polls for a moment longer
        monkeypatch.setattr(telegram_line, "SILENCE", timedelta(seconds=2.5))
        here.telegram.fail("getUpdates", 409, conflict, times=3)
        await here.telegram.say(here.uj, here.roc, "status")
        await until(lambda: chat.trouble)
        assert chat.trouble == "another program reads this bot's messages"
        await until(lambda: chat.trouble is None)


async def test_one_that_does_not_hear_speaks() -> None:
    async with scene() as here, here.bot() as keeper, here.bot(serving=False) as chat:
        assert keeper.alone and chat.alone
        posted = await chat.post(chat.roc, CARD)
        await chat.edit(posted, Message("changed"))
        [shown] = here.telegram.messages(here.roc)
        assert shown.text == "changed"
        assert chat.trouble is None


async def test_being_thrown_out_is_told_until_one_is_back() -> None:
    async with scene() as here, here.bot() as chat:
        await here.telegram.kick(here.roc)
        await until(lambda: chat.trouble)
        assert chat.trouble == f"the bot was removed from Telegram's chat {here.roc}"
        await here.telegram.invite(here.roc)
        await until(lambda: chat.trouble is None)


async def test_a_forum_cards_thread_stays_in_its_topic_with_its_file() -> None:
    async with scene(forum=True) as here, here.bot(serving=False) as chat:
        topic = here.telegram.topic(here.roc, "deploys")
        asked = await here.telegram.say(here.uj, here.roc, "log 12", topic=topic)
        place = replace(chat.roc, thread=f"{topic}/{asked}")
        posted = await chat.post(place, Message("Log", file=File("a.log", "x")))
        shown = here.telegram.messages(here.roc)[-2:]
        assert [one.topic for one in shown] == [topic, topic]
        await chat.edit(posted, Message("Log of run 12"))
        assert lines(shown[0]) == ["Log of run 12"]
        assert here.telegram.faults == []
