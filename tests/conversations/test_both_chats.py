"""One bot in Slack and in Telegram at once: people count, not their accounts."""

from aaroc_bot.core.audit import What
from tests.conversations.conversation import Conversation
from tests.conversations.stage import Stage


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
            bot>        Run 1 is this already; it waits for an expert.
        """)
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


async def _has_one_card_and_its_log(chat: Conversation) -> None:
    assert [seen.card for seen in await chat.messages() if seen.card] == [1]
    await chat.play("""
        kenet-admin> log 1
        bot>        Log of run 1: the last 20 of * lines; the whole is * kB.
                    | bdii1.uj.example *ok=6 *changed=4 *
                    | run-1.log
    """)
    assert "PLAY RECAP" in await chat.file_of("run-1.log")
