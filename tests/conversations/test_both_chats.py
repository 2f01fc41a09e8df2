"""One bot in Slack and in Telegram at once, and when one of them is not itself."""

import pytest

from aaroc_bot.core.audit import What
from tests.conversations.conversation import Conversation
from tests.conversations.slack import Workspace
from tests.conversations.stage import Stage
from tests.conversations.telegram import Group


@pytest.mark.chaos  # real processes do the same on PostgreSQL (tests/alive/test_two_chats)
async def test_asked_in_telegram_and_approved_in_slack(stage: Stage, sqlite_url: str) -> None:
    async with stage.opened_in(sqlite_url, "telegram", "slack") as (telegram, slack):
        await telegram.play("""
            uj-admin>   /deploy site_bdii at ZA_UJ
            (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, 4 items on 1 host
                        | [Approve 1]
            bot>        @roc-expert @roc-second: run 1 waits for an expert, 4 items on 1 host.
        """)
        await slack.play("""
            (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, 4 items on 1 host
                        | [Approve 1]
            bot>        @roc-expert @roc-second: run 1 waits for an expert, 4 items on 1 host.
            uj-admin>   [Approve 1]
            bot to uj-admin> You asked for run 1, so somebody else decides.
            uj-admin>   approve 1
            bot to uj-admin> You asked for run 1, so somebody else decides.
            uj-admin>   deploy site-bdii at ZA-UJ
            bot>        Run 1 already asks for this; it waits for an expert.
        """)
        assert await _rung(telegram, "roc-second") and await _rung(slack, "roc-second")
        late = await telegram.button("roc-second", "Approve 1")
        await slack.play("""
            roc-expert> [Approve 1]
            (card 1)    Run 1 · deploy site-bdii at ZA-UJ · succeeded, 4 changed on 1 host, *
                        | Approved by roc-expert *UTC.*
            bot>        @uj-admin: run 1 succeeded.
        """)
        await telegram.play("""
            (card 1)    Run 1 · deploy site-bdii at ZA-UJ · succeeded, 4 changed on 1 host, *
                        | Approved by roc-expert *UTC.*
            bot>        @uj-admin: run 1 succeeded.
        """)
        await telegram.press("roc-second", late)
        await telegram.play("bot to roc-second> Run 1 has ended: succeeded.")
        for chat in (telegram, slack):
            await _has_one_card_and_its_log(chat)
        record = await slack.record()
        assert [e.outcome for e in record if e.what is What.RUN].count("running") == 1
        assert [e.account for e in record if e.what is What.APPROVAL] == [
            str(slack.screen.accounts["roc-expert"])
        ]


async def test_a_chat_that_is_gone_is_told_in_the_other(stage: Stage, sqlite_url: str) -> None:
    async with stage.opened_in(sqlite_url, "telegram", "slack") as (telegram, slack):
        here = slack.screen
        assert isinstance(here, Workspace)
        await here.slack.drop_sockets()
        await slack.play("""
            uj-admin>   lock ZA-UJ until 1h
            bot>        ZA-UJ is locked by uj-admin until *
        """)
        assert (await telegram.bot.ready(), here.slack.connections) == (None, 2)
        here.slack.revoke()
        await telegram.play("""
            bot>        Slack refuses *token *
                        | Who is in Slack neither hears me nor is heard; here everything goes on.
            uj-admin>   unlock ZA-UJ
            bot>        ZA-UJ is unlocked*
        """)
        assert str(await telegram.bot.ready()).startswith("Slack refuses ")
        here.slack.restore()


async def test_a_group_that_becomes_a_supergroup_keeps_its_place_and_gets_its_cards_anew(
    stage: Stage, sqlite_url: str
) -> None:
    async with stage.opened(sqlite_url, "telegram") as bot:
        await bot.play("""
            uj-admin>   deploy worker-node at ZA-UJ
            (card 1)    Run 1 · deploy worker-node at ZA-UJ · *
        """)
        assert isinstance(bot.screen, Group)
        await bot.screen.migrate()
        await bot.play("""
            uj-admin>   cancel 1
            (card 1)    Run 1 · deploy worker-node at ZA-UJ · cancelled by uj-admin
        """)
        chats = {seen.ref.split("/")[0] for seen in await bot.messages() if seen.card}
        assert str(bot.screen.chat) in chats


async def _rung(chat: Conversation, who: str) -> bool:
    """Whether a phone rang: a name alone rings nobody."""
    user = chat.screen.accounts[who].user
    match chat.screen:
        case Workspace() as here:
            mentioned = f"'user_id': '{user}'"
            return any(mentioned in str(m.blocks) for m in here.slack.messages(here.channel))
        case Group() as here:
            mentioned = f"tg://user?id={user}"
            return any(mentioned in str(m.html) for m in here.telegram.messages(here.chat))
    raise AssertionError(chat.screen)


async def _has_one_card_and_its_log(chat: Conversation) -> None:
    assert [seen.card for seen in await chat.messages() if seen.card] == ["1"]
    await chat.play("""
        kenet-admin> log 1
        bot>        Log of run 1: the last 20 of * lines; the whole is * kB.
                    | bdii1.uj.example *ok=6 *changed=4 *
                    | run-1.log
    """)
    assert "PLAY RECAP" in await chat.file_of("run-1.log")
