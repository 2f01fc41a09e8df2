"""The connection comes back by itself, and people are told what is wrong with it."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from aaroc_bot.chat import slack_reach
from aaroc_bot.chat.slack import SlackChat, SlackOptions
from aaroc_bot.chat.slack_errors import Away
from aaroc_bot.chat.slack_reach import Reach
from aaroc_bot.core.message import Message
from aaroc_bot.core.ports import Later, Platform
from tests.chat.slack_bench import Bench, bench

SOON = 4.0
"""Seconds within which a lost connection is back."""


async def heard(made: Bench, text: str) -> None:
    await made.slack.say(made.uj, made.roc, text)
    await made.slack.until(lambda: text in {incoming.text for incoming in made.heard}, 10)


async def test_it_fills_the_port(on_slack: Bench) -> None:
    platform: Platform = on_slack.chat
    assert isinstance(platform, Platform)
    assert platform.trouble is None
    assert platform.roc == on_slack.place


async def test_a_dropped_socket_is_back_soon(on_slack: Bench) -> None:
    await on_slack.slack.drop_sockets()
    await on_slack.slack.until(lambda: on_slack.slack.sockets, SOON)
    await heard(on_slack, "status")


async def test_a_refused_socket_asks_for_a_new_ticket(on_slack: Bench) -> None:
    on_slack.slack.refuse_sockets(1)
    await on_slack.slack.drop_sockets()
    await on_slack.slack.until(lambda: on_slack.slack.sockets, SOON)
    assert on_slack.slack.faults == []  # no ticket was used twice


async def test_what_is_on_its_way_when_slack_wants_another_socket_is_acknowledged(
    on_slack: Bench,
) -> None:
    on_slack.holding = asyncio.Event()
    command = asyncio.create_task(
        on_slack.slack.command(on_slack.uj, on_slack.roc, "/aaroc", "status")
    )
    await on_slack.slack.until(
        lambda: [c for c in on_slack.slack.calls if c.method == "users.info"]
    )
    await on_slack.slack.disconnect()
    await on_slack.slack.until(lambda: on_slack.slack.connections == 2, SOON)
    on_slack.holding.set()
    assert await command == {"response_type": "in_channel"}
    await heard(on_slack, "help")


async def test_slack_may_be_away_and_come_back(on_slack: Bench) -> None:
    await on_slack.slack.stop()
    with pytest.raises(Later) as away:
        await on_slack.chat.post(on_slack.place, Message("x"))
    assert away.value.maybe
    with pytest.raises(Later):  # nothing is asked of it meanwhile
        await on_slack.chat.post(on_slack.place, Message("x"))
    await on_slack.slack.start()
    await on_slack.slack.until(lambda: on_slack.slack.sockets, 10)
    await heard(on_slack, "status")


async def test_a_revoked_token_is_told_at_once_and_not_asked_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with bench() as made:
        made.slack.revoke()
        with pytest.raises(Later):
            await made.chat.post(made.place, Message("x"))
        assert made.chat.trouble == "Slack refuses the bot's token (token_revoked)"
        await made.slack.until(
            lambda: [c for c in made.slack.calls if c.method == "apps.connections.open"][1:], SOON
        )
        calls = len(made.slack.calls)
        with pytest.raises(Later):
            await made.chat.post(made.place, Message("x"))
        assert len(made.slack.calls) == calls


async def test_a_token_that_holds_again_ends_the_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack_reach, "REFUSED_PAUSE", 0.2)
    async with bench(serve=False) as made:
        made.slack.revoke()
        task = asyncio.create_task(made.chat.serve(made.hear))
        await made.slack.until(lambda: made.chat.trouble, SOON)
        made.slack.restore()
        await made.slack.until(lambda: made.slack.sockets, SOON)
        await made.slack.until(lambda: made.chat.trouble is None, SOON)
        await heard(made, "status")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_silence_is_told_after_a_minute() -> None:
    now = datetime(2026, 6, 8, 14, 3, tzinfo=UTC)
    reach = Reach("the bot's token", lambda: now, lambda: None)
    assert reach.failed(Away()) > 0
    assert reach.trouble is None
    now += timedelta(seconds=61)
    assert reach.trouble == "Slack has not answered since 14:03 UTC"
    reach.answered()
    assert reach.trouble is None
    assert reach.pause == 0


# --- HTTP mode ------------------------------------------------------------------------


@asynccontextmanager
async def hooked() -> AsyncIterator[tuple[Bench, str]]:
    """Serve the adapter's hook, and let the emulator call it."""
    async with bench(http=True) as made:
        app = web.Application()
        app.router.add_post("/slack", made.chat.hook)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack"
        made.slack.http_url = url
        await made.slack.until(lambda: made.slack.calls)
        try:
            yield made, url
        finally:
            await runner.cleanup()
        assert made.slack.faults == []


async def test_signed_calls_are_heard_like_a_socket() -> None:
    async with hooked() as (made, _):
        await heard(made, "status ZA-UJ")
        assert await made.slack.command(made.uj, made.roc, "/aaroc", "help") == {
            "response_type": "in_channel"
        }
        assert made.slack.sockets == 0


@pytest.mark.parametrize("secret", ["another secret", ""])
async def test_what_slack_did_not_sign_is_refused(secret: str) -> None:
    async with hooked() as (made, url):
        body = json.dumps(
            {
                "type": "event_callback",
                "team_id": made.slack.team,
                "event": {
                    "type": "message",
                    "channel": made.roc,
                    "user": made.uj,
                    "ts": "1.1",
                    "text": "status",
                    "team": made.slack.team,
                },
            }
        )
        at = str(int(time.time()))
        signed = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json"}
        if secret:
            headers |= {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signed}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body, headers=headers) as answer,
        ):
            assert answer.status == 401
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=b"{\xff", headers=headers) as answer,
        ):
            assert answer.status in {400, 401}
        assert made.heard == []


async def test_before_it_knows_who_it_is_nothing_is_acknowledged() -> None:
    async with hooked() as (made, _):
        other = SlackChat(made.options(http=True), lambda: datetime.now(UTC))  # not served yet
        app = web.Application()
        app.router.add_post("/slack", other.hook)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.slack.http_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack"
        assert await made.slack.command(made.uj, made.roc, "/aaroc", "help") is None
        await runner.cleanup()
        await other.close()


async def test_with_socket_mode_there_is_no_hook(on_slack: Bench) -> None:
    request = make_mocked_request("POST", "/slack")
    assert (await on_slack.chat.hook(request)).status == 404


@pytest.mark.parametrize(
    ("app_token", "secret", "channels"),
    [(None, None, ("C0ROC",)), ("xapp", "s", ("C0ROC",)), ("xapp", None, ())],
)
def test_options_that_cannot_work_are_refused(
    app_token: str | None, secret: str | None, channels: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="Slack takes"):
        SlackOptions(
            "xoxb", app_token, secret, channels, frozenset(), "https://slack.com/api/", True
        )
