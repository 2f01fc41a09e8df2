"""One request, both chats: asked for in Telegram, approved in Slack, run once, shown in both."""

from pathlib import Path

import pytest

from aaroc_bot.core.audit import What
from aaroc_bot.core.run import State
from aaroc_bot.sandbox.box import Box
from aaroc_bot.sandbox.persons import PERSONS
from tests.alive.roc import Roc, opened

IDS = {person.login: person.id for person in PERSONS}


def slack_cards(roc: Roc) -> list[str]:
    """Give the first line of each card in Slack's ROC channel."""
    shown = roc.slack.messages(roc.channel)
    return [m.text for m in shown if m.user == roc.slack.bot_user and m.thread_ts is None]


def telegram_cards(roc: Roc) -> list[str]:
    """Give the first line of each card in Telegram's ROC group."""
    shown = roc.telegram.messages(roc.group)
    mine = [m for m in shown if m.author == roc.telegram.bot["id"] and m.reply_to is None]
    return [m.text.splitlines()[0] for m in mine]


# On SQLite the same is played within one process (tests/conversations/test_both_chats.py).
@pytest.mark.parametrize(
    "database_url", [pytest.param("sqlite", marks=pytest.mark.chaos), "postgres"], indirect=True
)
async def test_asked_for_in_telegram_and_approved_in_slack(
    box: Box, tmp_path: Path, database_url: str
) -> None:
    async with opened(box, tmp_path, database_url) as roc:
        await roc.join("uj-admin", IDS["uj-admin"], ["telegram"])
        await roc.join("roc-expert", IDS["roc-expert"], ["slack"])
        await roc.bot.start()
        admin, expert = roc.in_telegram["uj-admin"], roc.in_slack["roc-expert"]

        await roc.telegram.say(admin, roc.group, "/deploy site_bdii at ZA_UJ")
        await roc.until_run(1, State.WAITING)
        await roc.slack.until(lambda: any("waiting" in card for card in slack_cards(roc)), 60)
        await roc.telegram.until(lambda: any("waiting" in c for c in telegram_cards(roc)), 60)

        card = next(m for m in roc.slack.messages(roc.channel) if "waiting" in m.text)
        assert await roc.slack.press(expert, roc.channel, card.ts, "Approve 1") == {}
        await roc.until_run(1, State.SUCCEEDED)
        await roc.slack.until(lambda: "succeeded" in slack_cards(roc)[0], 60)
        await roc.telegram.until(lambda: "succeeded" in telegram_cards(roc)[0], 60)

        assert await roc.states() == ["succeeded"]
        assert len(slack_cards(roc)) == len(telegram_cards(roc)) == 1
        [approval] = await roc.record(What.APPROVAL)
        assert (approval.login, approval.account) == (
            "roc-expert",
            f"slack:{roc.slack.team}:{expert}",
        )
        assert roc.slack.faults == [] and roc.telegram.faults == []
        assert not roc.slack.ratelimited and not roc.telegram.flooded
