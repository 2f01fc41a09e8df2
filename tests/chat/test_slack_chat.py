"""The adapter against the emulator: what is heard, what is said, what becomes of trouble."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from aaroc_bot.chat.slack_listening import AGAIN
from aaroc_bot.core.message import Account, Audience, Button, File, Message, Place, Posted
from aaroc_bot.core.ports import Later, Lost, Overheard, Unavailable
from aaroc_bot.core.text import Code, Mention
from tests.chat.slack_bench import Bench, bench
from tests.emulators.slack import Shown, Slack, lines

# --- hearing --------------------------------------------------------------------------


async def test_a_mention_is_heard_once_though_it_comes_twice(on_slack: Bench) -> None:
    slack = on_slack.slack
    for _ in range(2):
        ts = await slack.say(on_slack.uj, on_slack.other, f"<@{slack.bot_user}> status ZA-UJ")
    await on_slack.quiet()
    assert len(on_slack.heard) == 2
    last = on_slack.heard[-1]
    assert last.event == f"slack:{slack.team}:{on_slack.other}:{ts}"
    assert last.account == on_slack.account(on_slack.uj)
    assert (last.text, last.ref, last.place.thread) == ("status ZA-UJ", ts, None)
    assert (last.addressed, last.direct, last.private) == (True, False, False)
    assert last.zone == "Africa/Johannesburg"


async def test_plain_words_are_heard_in_the_rocs_channel_only(on_slack: Bench) -> None:
    root = await on_slack.slack.say(on_slack.uj, on_slack.roc, "status bdii.uj.org & <more>")
    await on_slack.slack.say(on_slack.uj, on_slack.roc, "log 12", thread=root)
    await on_slack.slack.say(on_slack.uj, on_slack.other, "status")
    await on_slack.quiet()
    said = {incoming.text: incoming for incoming in on_slack.heard}
    assert said.keys() == {"status bdii.uj.org & <more>", "log 12"}
    assert said["log 12"].place.thread == root
    assert not said["log 12"].addressed


async def test_without_plain_commands_a_mention_is_needed() -> None:
    async with bench(plain=False) as made:
        await made.slack.say(made.uj, made.roc, "status")
        await made.slack.say(made.uj, made.roc, f"<@{made.slack.bot_user}> help")
        await made.quiet()
        assert [incoming.text for incoming in made.heard] == ["help"]


async def test_a_direct_message_is_private(on_slack: Bench) -> None:
    im = on_slack.slack.im(on_slack.uj)
    await on_slack.slack.say(on_slack.uj, im, "login")
    await on_slack.quiet()
    (incoming,) = on_slack.heard
    assert (incoming.text, incoming.direct, incoming.private) == ("login", True, True)
    assert incoming.place == await on_slack.chat.direct(on_slack.account(on_slack.uj))


async def test_what_nobody_says_now_is_never_heard(on_slack: Bench) -> None:
    slack, roc = on_slack.slack, on_slack.roc
    stranger = slack.person("stranger", team="T0OTHER")
    lost = slack.channel("lost", (on_slack.uj,))
    ts = await slack.say(on_slack.uj, roc, "status")
    await on_slack.quiet()
    on_slack.heard.clear()
    await slack.edit(roc, ts, f"<@{slack.bot_user}> deploy site-bdii at ZA-UJ")
    await slack.delete(roc, ts)
    await slack.bot_says(roc, "deploy site-bdii at ZA-UJ")
    await slack.say(on_slack.uj, lost, f"<@{slack.bot_user}> status")
    await slack.say(on_slack.uj, roc, "joined", subtype="channel_join")
    await slack.say(stranger, roc, f"<@{slack.bot_user}> status")
    await on_slack.chat.post(on_slack.place, Message("status"))
    await on_slack.quiet()
    assert on_slack.heard == []


async def test_people_of_a_named_workspace_are_heard() -> None:
    async with bench(partner="T0PARTNER") as made:
        partner = made.slack.person("partner", team="T0PARTNER")
        await made.slack.say(partner, made.roc, "status")
        ack = await made.slack.command(partner, made.roc, "/aaroc", "help")
        await made.quiet()
        assert [incoming.account.workspace for incoming in made.heard] == ["T0PARTNER"] * 2
        assert ack == {"response_type": "in_channel"}


async def test_a_slash_command_is_shown_to_everybody_and_heard(on_slack: Bench) -> None:
    ack = await on_slack.slack.command(on_slack.uj, on_slack.other, "/aaroc", "status ZA-UJ")
    assert ack == {"response_type": "in_channel"}
    im = on_slack.slack.im(on_slack.uj)
    assert await on_slack.slack.command(on_slack.uj, im, "/aaroc", "whoami") == {}
    first, second = on_slack.heard
    assert (first.text, first.addressed, first.ref) == ("status ZA-UJ", True, None)
    assert (second.text, second.direct, second.private) == ("whoami", True, True)


async def test_a_slash_command_elsewhere_says_where_the_bot_listens(on_slack: Bench) -> None:
    slack = on_slack.slack
    lost = slack.channel("lost", (on_slack.uj,), bot_in=False)
    ack = await slack.command(on_slack.uj, lost, "/aaroc", "status")
    assert ack is not None
    assert ack["response_type"] == "ephemeral"
    assert f"<#{on_slack.roc}>" in ack["text"]
    slack.im(on_slack.uj)
    others = slack.im(slack.person("kenet-admin"))  # a direct message of two others
    slack.channels[others].members.append(on_slack.uj)
    ack = await slack.command(on_slack.uj, others, "/aaroc", "status")
    assert ack is not None
    assert "I listen in" in ack["text"]
    assert on_slack.heard == []


async def test_a_button_comes_back_by_its_id_with_who_pressed_it(on_slack: Bench) -> None:
    button = Button("Approve 1", "approve 1", None, "r4nd0m_id")
    posted = await on_slack.chat.post(on_slack.place, Message("Run 1", buttons=(button,)))
    thread = Place("slack", on_slack.roc, posted.ref)
    below = await on_slack.chat.post(thread, Message("more", buttons=(button,)))
    assert await on_slack.slack.press(on_slack.uj, on_slack.roc, posted.ref, "Approve 1") == {}
    assert await on_slack.slack.press(on_slack.uj, on_slack.roc, below.ref, "Approve 1") == {}
    first, second = on_slack.heard
    assert (first.button, first.text, first.ref) == ("r4nd0m_id", "", posted.ref)
    assert first.place == on_slack.place
    assert second.place == thread
    assert first.account == on_slack.account(on_slack.uj)
    assert max(len(incoming.event) for incoming in on_slack.heard) < 200


async def test_a_button_of_a_whisper_is_heard_too(on_slack: Bench) -> None:
    whisper = Message(
        "Did you mean this?", to=Audience.ASKER, buttons=(Button("status", "status", None, "r1"),)
    )
    uj = on_slack.account(on_slack.uj)
    assert (await on_slack.chat.post(on_slack.place, whisper, uj)).ref == ""
    (shown,) = on_slack.slack.messages(on_slack.roc)
    assert shown.to == on_slack.uj
    await on_slack.slack.press(on_slack.uj, on_slack.roc, shown.ts, "status")
    assert [incoming.button for incoming in on_slack.heard] == ["r1"]


# --- durably --------------------------------------------------------------------------


async def test_what_was_not_taken_in_comes_again_or_is_told(on_slack: Bench) -> None:
    slack = on_slack.slack
    posted = await on_slack.chat.post(
        on_slack.place, Message("x", buttons=(Button("b", "b", None, "r1"),))
    )
    on_slack.away = [Unavailable("the database")] * 2
    ack = await slack.command(on_slack.uj, on_slack.roc, "/aaroc", "status")
    assert ack == {"response_type": "ephemeral", "text": "Not taken in, try again."}
    assert await slack.press(on_slack.uj, on_slack.roc, posted.ref, "b") == {}
    told = await slack.until(lambda: [m for m in slack.messages(on_slack.roc) if m.to])
    assert {line for shown in told for line in lines(shown)} == {"Not taken in, try again."}
    assert on_slack.heard == []
    on_slack.away = [Unavailable("the database")]
    await slack.say(on_slack.uj, on_slack.roc, "help")
    await slack.until(lambda: on_slack.heard)
    await on_slack.quiet()
    assert [incoming.text for incoming in on_slack.heard] == ["help"]


async def test_who_waits_for_an_answer_is_told_once_that_it_comes_later(on_slack: Bench) -> None:
    slack = on_slack.slack
    im = slack.im(on_slack.uj)
    on_slack.away = [Unavailable("the database")] * 4
    await slack.say(on_slack.uj, on_slack.roc, f"<@{slack.bot_user}> status")
    await slack.say(on_slack.uj, im, "whoami")
    await on_slack.quiet()
    assert sorted(incoming.text for incoming in on_slack.heard) == ["status", "whoami"]
    for channel in (on_slack.roc, im):
        (told,) = await slack.until(partial(_of_the_bot, slack, channel))
        assert lines(told) == [f"Not taken in yet: the database does not answer. {AGAIN}"]
    assert [m.to for m in slack.messages(on_slack.roc) if m.user == slack.bot_user] == [on_slack.uj]


def _of_the_bot(slack: Slack, channel: str) -> list[Shown]:
    return [m for m in slack.messages(channel) if m.user == slack.bot_user]


async def test_people_who_talk_to_each_other_are_told_nothing(on_slack: Bench) -> None:
    on_slack.away = [Overheard("the database")]
    await on_slack.slack.say(on_slack.uj, on_slack.roc, "the database is slow today")
    await on_slack.quiet()
    assert [m.user for m in on_slack.slack.messages(on_slack.roc)] == [on_slack.uj]


async def test_a_slow_database_is_not_waited_for_longer_than_slack_waits(on_slack: Bench) -> None:
    on_slack.holding = asyncio.Event()
    ack = await on_slack.slack.command(on_slack.uj, on_slack.roc, "/aaroc", "status")
    assert ack is not None
    assert ack["text"] == "Not taken in, try again."
    on_slack.holding.set()
    await on_slack.slack.until(lambda: on_slack.heard)
    assert on_slack.heard[0].until is not None, "what is kept after that counts for nothing"


async def test_it_is_heard_without_a_zone_where_slack_does_not_tell_it(on_slack: Bench) -> None:
    on_slack.slack.silent("users.info", hang=True)
    await on_slack.slack.say(on_slack.uj, on_slack.roc, "status")
    await on_slack.quiet()
    assert [incoming.zone for incoming in on_slack.heard] == [None]


# --- speaking -------------------------------------------------------------------------


async def test_a_message_is_posted_edited_and_found_by_its_mark(on_slack: Bench) -> None:
    chat, slack = on_slack.chat, on_slack.slack
    began = datetime.now(UTC)
    posted = await chat.post(on_slack.place, Message("Run 1 · planning"), mark="m-1")
    below = Place("slack", on_slack.roc, posted.ref)
    reply = await chat.post(below, Message(("for ", Mention("x", 1, on_slack.uj))), mark="m-2")
    await chat.edit(posted, Message("Run 1 · waiting"))
    card, answer = slack.messages(on_slack.roc)
    assert lines(card) == ["Run 1 · waiting"]
    assert card.text == "Run 1 · waiting"
    assert lines(answer) == ["for @uj-admin"]
    assert answer.thread_ts == posted.ref
    assert await chat.find(on_slack.place, "m-1", began) == posted
    assert await chat.find(below, "m-2", began) == reply
    assert await chat.find(on_slack.place, "m-3", began) is None
    assert await chat.find(on_slack.place, "m-1", began + timedelta(minutes=5)) is None


async def test_files_follow_in_the_messages_thread(on_slack: Bench) -> None:
    log = File("run-1.log", "a\nb é\n")
    posted = await on_slack.chat.post(on_slack.place, Message("The log", file=log))
    slack = on_slack.slack
    shown = await slack.until(lambda: [m for m in slack.messages(on_slack.roc) if m.files])
    assert shown[0].files == [("run-1.log", "a\nb é\n")]
    assert shown[0].thread_ts == posted.ref


async def test_a_whispers_file_goes_to_the_reader_alone(on_slack: Bench) -> None:
    message = Message("Only you", to=Audience.ASKER, file=File("mine.txt", "x"))
    slack, im = on_slack.slack, on_slack.slack.im(on_slack.uj)
    await on_slack.chat.post(on_slack.place, message, on_slack.account(on_slack.uj))
    shown = await slack.until(lambda: [m for m in slack.messages(im) if m.files])
    assert shown[0].files == [("mine.txt", "x")]
    assert not [m for m in slack.messages(on_slack.roc) if m.files]


async def test_a_file_that_fails_is_tried_again_and_the_message_is_not(on_slack: Bench) -> None:
    slack = on_slack.slack
    slack.fail("files.completeUploadExternal", status=500)
    await on_slack.chat.post(on_slack.place, Message("The log", file=File("a.log", "x")))
    await slack.until(lambda: [m for m in slack.messages(on_slack.roc) if m.files])
    assert len(slack.messages(on_slack.roc)) == 2


async def test_signs_are_put_once(on_slack: Bench) -> None:
    ts = await on_slack.slack.say(on_slack.uj, on_slack.roc, "status")
    heard = Posted(on_slack.place, ts)
    for sign in ("seen", "seen", "refused"):
        await on_slack.chat.react(heard, sign)
    (shown,) = on_slack.slack.messages(on_slack.roc)
    assert set(shown.reactions) == {"eyes", "no_entry"}


async def test_what_is_gone_is_lost(on_slack: Bench) -> None:
    chat = on_slack.chat
    posted = await chat.post(on_slack.place, Message("x"))
    await on_slack.slack.delete(on_slack.roc, posted.ref)
    with pytest.raises(Lost):
        await chat.edit(posted, Message("y"))
    with pytest.raises(Lost):
        await chat.react(posted, "seen")
    with pytest.raises(Lost):
        await chat.post(Place("slack", "C0NOWHERE"), Message("x"))
    with pytest.raises(Lost):
        await chat.edit(Posted(on_slack.place, ""), Message("a whisper"))
    for nobody in (on_slack.account("U0NOBODY"), Account("telegram", "", "7")):
        with pytest.raises(Lost):
            await chat.direct(nobody)


async def test_limits_are_kept_rather_than_run_into(on_slack: Bench) -> None:
    async def until_later(what: Awaitable[object]) -> float:
        try:
            await what
        except Later as later:
            return later.seconds
        return 0.0

    chat = on_slack.chat
    posted = await chat.post(on_slack.place, Message("x"))
    posts = [await until_later(chat.post(on_slack.place, Message("x"))) for _ in range(5)]
    edits = [await until_later(chat.edit(posted, Message(f"{n}"))) for n in range(12)]
    assert 0 < posts[-1] <= 1
    assert 0 < edits[-1] <= 60 / 50
    assert posts.count(0.0) == 3
    other = Place("slack", on_slack.other)
    assert await until_later(chat.post(other, Message("another channel has its own"))) == 0


async def test_a_429_closes_that_channel_for_as_long_as_slack_says(on_slack: Bench) -> None:
    on_slack.slack.fail("chat.postMessage", "ratelimited", retry_after=7)
    with pytest.raises(Later) as first:
        await on_slack.chat.post(on_slack.place, Message("x"))
    assert first.value.seconds == 7
    assert not first.value.maybe
    with pytest.raises(Later) as second:
        await on_slack.chat.post(on_slack.place, Message("x"))
    assert 6 < second.value.seconds <= 7
    assert len([c for c in on_slack.slack.calls if c.method == "chat.postMessage"]) == 1
    await on_slack.chat.post(Place("slack", on_slack.other), Message("y"))


async def test_a_cut_call_may_have_gone_through(on_slack: Bench) -> None:
    began = datetime.now(UTC)
    on_slack.slack.silent("chat.postMessage", effect=True)
    with pytest.raises(Later) as cut:
        await on_slack.chat.post(on_slack.place, Message("x"), mark="m")
    assert cut.value.maybe
    await asyncio.sleep(cut.value.seconds)
    assert await on_slack.chat.find(on_slack.place, "m", began) is not None


async def test_words_of_others_stay_words(on_slack: Bench) -> None:
    evil = "<!channel> <@U0BOT> https://evil.example `x` *y*"
    await on_slack.chat.post(on_slack.place, Message(evil, lines=((Code(evil),),)))
    (shown,) = on_slack.slack.messages(on_slack.roc)
    assert lines(shown) == [evil, f"`{evil}`"]
    assert "<" not in shown.text


async def test_what_slack_stumbles_over_holds_up_nothing_else(on_slack: Bench) -> None:
    reader = on_slack.account(on_slack.uj)
    direct = await on_slack.chat.direct(reader)
    on_slack.slack.fail("chat.postMessage", error="internal_error", times=2)
    waits = []
    for _ in range(2):
        with pytest.raises(Later) as later:
            await on_slack.chat.post(direct, Message("x"))
        waits.append(later.value.seconds)
        assert later.value.maybe  # Slack says that some of it may have been done
    assert waits == [1.0, 2.0]
    await on_slack.chat.post(on_slack.place, Message("x"))
    assert on_slack.chat.trouble is None
    await on_slack.chat.post(direct, Message("x"))
    on_slack.slack.fail("chat.postMessage", error="fatal_error")
    with pytest.raises(Later) as later:
        await on_slack.chat.post(direct, Message("x"))
    assert later.value.seconds == 1.0  # what went through ended the growing


@pytest.mark.parametrize(
    ("error", "status"), [("service_unavailable", 200), ("internal_error", 503)]
)
async def test_where_slack_is_away_nothing_is_asked_of_it(
    on_slack: Bench, error: str, status: int
) -> None:
    on_slack.slack.fail("chat.postMessage", error=error, status=status)
    with pytest.raises(Later):
        await on_slack.chat.post(on_slack.place, Message("x"))
    calls = len(on_slack.slack.calls)
    with pytest.raises(Later):
        await on_slack.chat.post(Place("slack", on_slack.other), Message("x"))
    assert len(on_slack.slack.calls) == calls
