"""What the tests of the chats' adapters share."""

from collections.abc import AsyncIterator

import pytest

from tests.chat.slack_bench import Bench, bench


@pytest.fixture
async def on_slack() -> AsyncIterator[Bench]:
    """Slack, served by Socket Mode; at the end nothing was done that Slack would mind."""
    async with bench() as made:
        yield made
    assert made.slack.faults == []
    assert made.slack.ratelimited == []
