"""When GitHub is silent, the database refuses, or the bot itself stumbles."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from aaroc_bot.chat.web import Unheard
from aaroc_bot.sandbox.github.world import Misbehaviour
from tests.conversations.conversation import Conversation
from tests.conversations.stage import Stage


async def test_while_github_is_silent_people_read_and_stop_things(bot: Conversation) -> None:
    await bot.play("""
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, *
        uj-admin>   deploy site-bdii at ZA-UJ port=2172
        (card 2)    Run 2 · deploy site-bdii at ZA-UJ port=2172 · waiting for an expert, *
        roc-expert> whoami
        bot>        You are roc-expert on GitHub, *
        kenet-admin> whoami
        bot>        You are kenet-admin on GitHub, *
    """)
    bot.github.misbehave(Misbehaviour(status=500))
    bot.clock.forward(timedelta(minutes=6))
    await bot.play("""
        roc-expert> approve 1
        bot to roc-expert> GitHub has not answered since * UTC, so I can't check what you may alter. Nothing was started. Reading works.
        uj-admin>   deploy site-bdii at ZA-UJ port=2171
        bot to uj-admin> GitHub has not answered since * UTC, *
        uj-admin>   retry 1
        bot to uj-admin> GitHub has not answered since * UTC, *
        uj-admin>   status ZA-UJ
        bot>        ZA-UJ · waiting: *
        uj-admin>   whoami
        bot>        You are uj-admin on GitHub, *
                    | GitHub has not answered since * UTC. *
        uj-admin>   lock ZA-UJ until 1h quiet please
        bot>        ZA-UJ is locked by uj-admin until *
        kenet-admin> unlock ZA-UJ
        bot to kenet-admin> GitHub has not answered since * UTC, *
        uj-admin>   unlock ZA-UJ
        bot to uj-admin> GitHub has not answered since * UTC, *
        roc-expert> deny 1 not while GitHub is away
        (card 1)    * · denied by roc-expert: `not while GitHub is away`
        outsider>   status
        bot to outsider> *
    """)
    bot.github.behave()
    bot.github.misbehave(Misbehaviour(silent=True))
    bot.clock.forward(timedelta(minutes=1))
    await bot.play("""
        uj-admin>   cancel 2
        (card 2)    * · cancelled by uj-admin
        uj-admin>   deploy site-bdii at ZA-UJ
        bot to uj-admin> GitHub has not answered since * UTC, *
    """)
    await bot.github_is_back()
    await bot.play("""
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 3)    Run 3 · deploy site-bdii at ZA-UJ · waiting for an expert, *
    """)
    bot.clock.forward(timedelta(minutes=6))
    bot.github.remove_member("uj-admin")
    await bot.play("""
        uj-admin>   status
        bot to uj-admin> You are not a member of AAROC on GitHub. *
        uj-admin>   cancel 3
        bot to uj-admin> You are not a member of AAROC on GitHub. *
    """)


async def test_a_bot_that_starts_while_github_is_silent_knows_its_people(
    stage: Stage, sqlite_url: str
) -> None:
    async with stage.opened(sqlite_url) as bot:
        await bot.play("""
            uj-admin>   deploy site-bdii at ZA-UJ
            (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, *
            roc-expert> whoami
            bot>        You are roc-expert on GitHub, *
        """)
    async with stage.opened(sqlite_url) as bot:
        bot.github.misbehave(Misbehaviour(status=500))
        await bot.play("""
            uj-admin>   status ZA-UJ
            bot>        ZA-UJ · waiting: *
            uj-admin>   retry 1
            bot to uj-admin> GitHub has not answered since * UTC, *
            roc-expert> approve 1
            bot to roc-expert> GitHub has not answered since * UTC, *
            roc-expert> deny 1 not while GitHub is away
            (card 1)    * · denied by roc-expert: `not while GitHub is away`
        """)


async def test_an_approved_run_waits_while_github_is_silent(bot: Conversation) -> None:
    await bot.play("""
        kenet-admin> lock KE-NAIROBI until 30m
        bot>        KE-NAIROBI is locked by kenet-admin until *
        roc-expert> run ping at KE-NAIROBI
        (card 1)    Run 1 · run ping at KE-NAIROBI · queued, KE-NAIROBI is locked by kenet-admin until * UTC
    """)
    bot.github.misbehave(Misbehaviour(status=503))
    bot.clock.forward(timedelta(minutes=31))
    await bot.play("""
        (card 1)    Run 1 · run ping at KE-NAIROBI · queued, GitHub does not tell who roc-expert is
    """)
    await bot.github_is_back()
    await bot.play("(card 1) Run 1 · run ping at KE-NAIROBI · succeeded, *")


@pytest.mark.chats("web", only=True)
async def test_a_database_that_refuses_is_told_and_nothing_is_lost(bot: Conversation) -> None:
    await bot.play("""
        uj-admin>   whoami
        bot>        You are uj-admin on GitHub, *
    """)
    with bot.read_only():
        with pytest.raises(Unheard, match="Not taken in: the database does not answer"):
            await bot.say("uj-admin", "deploy site-bdii at ZA-UJ")
        assert await bot.bot.ready() == "the database takes nothing in"
    await bot.play("""
        uj-admin>   runs
        bot>        There is no run yet.
    """)


STUMBLES = """
from aaroc_bot.commands import Call, Effect, Message, Right, command

@command("stumble", right=Right.MEMBER, effect=Effect.READS, help="Fall over.")
async def stumble(call: Call) -> Message:
    raise RuntimeError("the password is ubuntu-ngumuntu-4")
"""


async def test_a_fault_gives_a_reference_that_stands_in_the_log(
    stage: Stage, sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    more = tmp_path / "handlers"
    more.mkdir()
    (more / "stumble.py").write_text(STUMBLES)
    settings = {"AAROC_HANDLERS": json.dumps([str(more)])}
    async with stage.opened(sqlite_url, **settings) as bot:
        seen = await bot.answer("uj-admin", "stumble")
        assert seen.to == "uj-admin"
        assert seen.first.startswith("Something went wrong on my side. Reference ")
        reference = seen.first.split()[-5]
        assert [r for r in caplog.records if reference in r.getMessage()]
        assert "RuntimeError" not in str(await bot.messages())
        await bot.recorded("refusal uj-admin: stumble -> Something went wrong *")
