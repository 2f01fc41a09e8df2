"""Where the ROC's channel takes nothing from the bot, people elsewhere are told."""

from datetime import UTC, datetime

import pytest

from aaroc_bot.core.message import Message, Place
from aaroc_bot.core.ports import Shut
from tests.chat.slack_bench import Bench

HELLO = Message("Run 1 · waiting")


async def test_a_bot_outside_of_the_rocs_channel_says_so_until_a_post_works(
    on_slack: Bench,
) -> None:
    chat, channel = on_slack.chat, on_slack.slack.channels[on_slack.roc]
    posted = await chat.post(on_slack.place, HELLO)
    channel.bot_in = False
    for _ in range(2):
        with pytest.raises(Shut):
            await chat.post(on_slack.place, HELLO)
    told = f"the bot is not in Slack's channel {on_slack.roc} (not_in_channel)"
    assert chat.trouble == told
    await chat.post(Place("slack", on_slack.other), HELLO)
    assert chat.trouble == told
    channel.bot_in = True
    await chat.edit(posted, Message("Run 1 · done"))
    assert chat.trouble == told
    await chat.post(on_slack.place, HELLO)
    assert chat.trouble is None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("channel_not_found", "the bot is not in Slack's channel"),
        ("is_archived", "Slack's channel"),
        ("restricted_action", "the bot may not write in Slack's channel"),
        ("restricted_action_read_only_channel", "the bot may not write in Slack's channel"),
    ],
)
async def test_why_it_takes_nothing_is_told(on_slack: Bench, error: str, told: str) -> None:
    posted = await on_slack.chat.post(on_slack.place, HELLO)
    on_slack.slack.fail("chat.update", error=error)
    with pytest.raises(Shut):
        await on_slack.chat.edit(posted, Message("Run 1 · done"))
    trouble = str(on_slack.chat.trouble)
    assert trouble.startswith(f"{told} {on_slack.roc}")
    assert trouble.endswith(f" ({error})")
    await on_slack.chat.edit(posted, Message("Run 1 · done"))
    assert on_slack.chat.trouble is None


async def test_other_channels_are_nobodys_trouble(on_slack: Bench) -> None:
    on_slack.slack.channels[on_slack.other].bot_in = False
    with pytest.raises(Shut):
        await on_slack.chat.post(Place("slack", on_slack.other), HELLO)
    assert on_slack.chat.trouble is None


async def test_a_look_for_what_was_posted_notes_it_too(on_slack: Bench) -> None:
    on_slack.slack.fail("conversations.history", error="channel_not_found")
    with pytest.raises(Shut):
        await on_slack.chat.find(on_slack.place, "m-1", datetime.now(UTC))
    assert on_slack.chat.trouble
    assert await on_slack.chat.find(on_slack.place, "m-1", datetime.now(UTC)) is None
    assert on_slack.chat.trouble is None
