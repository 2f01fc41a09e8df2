"""A token that was revoked: told in the other chat and to monitors, and everything else goes on."""

from pathlib import Path

from aaroc_bot.sandbox.box import Box
from aaroc_bot.sandbox.persons import PERSONS
from tests.alive.roc import PATIENCE, opened
from tests.runs.world import until

IDS = {person.login: person.id for person in PERSONS}


async def test_a_revoked_token_is_told_in_the_other_chat(box: Box, tmp_path: Path) -> None:
    async with opened(box, tmp_path) as roc:
        await roc.join("uj-admin", IDS["uj-admin"], ["telegram"])
        await roc.bot.start()
        await roc.slack.until(lambda: roc.slack.sockets, PATIENCE)
        assert await roc.bot.ready() == "ready"
        roc.slack.revoke()

        def told() -> list[str]:
            return [
                m.text
                for m in roc.telegram.messages(roc.group)
                if m.author == roc.telegram.bot["id"]
            ]

        await roc.telegram.until(told, PATIENCE)
        assert told()[0].startswith(
            "Slack refuses the "
        )  # the bot's or the app's, whichever came first

        async def not_ready() -> bool | None:
            return (await roc.bot.ready() or "").startswith("Slack refuses the ") or None

        await until(not_ready, PATIENCE)
        await roc.telegram.say(roc.in_telegram["uj-admin"], roc.group, "whoami")
        await roc.telegram.until(lambda: len(told()) == 2, PATIENCE)
        asked = [call.method for call in roc.slack.calls]
        assert asked.count("auth.test") < 10
        assert roc.slack.bot_token not in roc.bot.said and roc.telegram.token not in roc.bot.said


async def test_a_telegram_token_that_is_refused_is_told_in_slack(box: Box, tmp_path: Path) -> None:
    async with opened(box, tmp_path) as roc:
        await roc.bot.start()
        await roc.telegram.until(lambda: roc.telegram.polling, PATIENCE)
        roc.telegram.revoke()

        def told() -> list[str]:
            shown = roc.slack.messages(roc.channel)
            return [m.text for m in shown if m.user == roc.slack.bot_user]

        await roc.slack.until(told, PATIENCE)
        assert told()[0].startswith("Telegram refuses the bot's token")
        assert "Telegram refuses" in (await roc.bot.ready() or "")
