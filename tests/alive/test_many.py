"""500 commands within a second, of twenty people, in both chats."""

import asyncio
import re
from pathlib import Path

from aaroc_bot.core.audit import What
from aaroc_bot.sandbox.box import Box
from tests.alive.roc import opened

PEOPLE = 20
EACH = 25
COMMANDS = ("status", "sites", "runs", "status ZA-UJ", "history ZA-UJ", "playbooks")
PATIENCE = 240.0


async def test_all_are_taken_in_at_once_and_answered_as_the_limits_allow(
    box: Box, tmp_path: Path
) -> None:
    async with opened(box, tmp_path) as roc:
        for number in range(PEOPLE):
            login = f"member-{number}"
            roc.github.add_user(90300000 + number, login)
            roc.github.members[90300000 + number] = "active"
            chat = "slack" if number % 2 else "telegram"
            await roc.join(login, 90300000 + number, [chat])
        await roc.bot.start()
        await roc.slack.until(lambda: roc.slack.sockets, 60)

        async def speak(login: str, nth: int) -> None:
            text = COMMANDS[nth % len(COMMANDS)]
            if login in roc.in_slack:
                await roc.slack.say(roc.in_slack[login], roc.channel, text)
            else:
                await roc.telegram.say(roc.in_telegram[login], roc.group, text)

        logins = [*roc.in_slack, *roc.in_telegram]
        await asyncio.gather(*(speak(login, nth) for nth in range(EACH) for login in logins))

        half = PEOPLE * EACH // 2
        await roc.slack.until(lambda: len(roc.slack.acknowledged) >= half, 60)
        await roc.until_worked_on(PATIENCE)

        given = await roc.record(What.COMMAND)
        assert len(given) == PEOPLE * EACH
        answers = [m for m in roc.slack.messages(roc.channel) if m.user == roc.slack.bot_user]
        assert counted([m.text for m in answers]) == half
        replies = [
            m for m in roc.telegram.messages(roc.group) if m.author == roc.telegram.bot["id"]
        ]
        assert counted([m.text for m in replies]) == half
        assert roc.slack.faults == [] and roc.telegram.faults == []
        assert not roc.slack.ratelimited and not roc.telegram.flooded


def counted(texts: list[str]) -> int:
    """Count the answers in messages, of which some hold several; a file's has no text."""
    several = [re.match(r"(\d+) answers at once", text) for text in texts if text]
    return sum(int(found[1]) if found else 1 for found in several)
