"""The emulator of Slack, spoken to by the clients that the bot uses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientConnectionError, ClientSession, web
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.emulators.slack import Slack, courier, lines, sockets
from tests.emulators.slack.blocks import problems
from tests.emulators.slack.state import BOT_USER, Channel, World

Json = dict[str, Any]


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack() as slack:
        yield slack


@pytest_asyncio.fixture
async def client(slack: Slack) -> AsyncIterator[AsyncWebClient]:
    async with ClientSession(trust_env=False) as session:
        yield AsyncWebClient(
            slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
        )


class App:
    """A small bot of slack-bolt: keeps what it hears, presses and commands included."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.heard: list[Json] = []
        self.retries: list[str | None] = []
        self.ignore = 0
        self.bolt = AsyncApp(client=client, token=client.token, signing_secret=Slack.signing_secret)
        self.bolt.middleware(self._hear)
        self.bolt.event("message")(_nothing)
        self.bolt.event("app_mention")(_nothing)
        self.bolt.command("/aaroc")(self._command)
        self.bolt.action("approve")(_ack)

    async def _hear(self, body: Json, req: Any, next: Callable[[], Awaitable[None]]) -> None:
        self.heard.append(body)
        self.retries.append(req.headers.get("x-slack-retry-num", [None])[0])
        if self.ignore > 0:
            self.ignore -= 1
            raise RuntimeError("not taken in")
        await next()

    async def _command(self, ack: Any, body: Json) -> None:
        await ack(text=f"You typed {body['text']}", response_type="in_channel")


async def _nothing() -> None:
    return


async def _ack(ack: Any) -> None:
    await ack()


@asynccontextmanager
async def connected(slack: Slack, client: AsyncWebClient) -> AsyncIterator[App]:
    app = App(client)
    handler = AsyncSocketModeHandler(app.bolt, slack.app_token, ping_interval=0.5)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        yield app
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


def kinds(app: App) -> set[tuple[str, str | None]]:
    """What was heard: type and subtype of each event."""
    events = [body["event"] for body in app.heard if "event" in body]
    return {(event["type"], event.get("subtype")) for event in events}


def rich(*elements: Json) -> list[Json]:
    section = {"type": "rich_text_section", "elements": list(elements)}
    return [{"type": "rich_text", "elements": [section]}]


def button(label: str, action: str) -> Json:
    text = {"type": "plain_text", "text": label}
    return {"type": "button", "text": text, "action_id": action, "value": "id-1"}


async def test_a_mention_comes_as_two_events_in_either_order(
    slack: Slack, client: AsyncWebClient
) -> None:
    user = slack.person("uj-admin")
    roc = slack.channel("roc", [user])
    async with connected(slack, client) as app:
        first = await slack.say(user, roc, f"<@{slack.bot_user}> status a<b &amp; https://x.org/y")
        await slack.say(user, roc, f"<@{slack.bot_user}> runs", thread=first)
        await slack.until(lambda: len(slack.acknowledged) == 4)
    events = [body["event"] for body in slack.events]
    assert [event["type"] for event in events] == [
        "app_mention",
        "message",
        "message",
        "app_mention",
    ]
    assert events[0]["text"] == "<@U0BOT> status a&lt;b &amp; <https://x.org/y>"
    assert {event["ts"] for event in events[:2]} == {first}
    assert len({body["event_id"] for body in slack.events}) == 4
    assert events[2]["thread_ts"] == first
    assert len(app.heard) == 4
    assert slack.faults == []


async def test_an_event_comes_again_until_it_is_taken(
    slack: Slack, client: AsyncWebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = slack.person("uj-admin")
    roc = slack.channel("roc", [user])
    await slack.say(user, roc, "status")
    async with connected(slack, client) as app:
        await slack.until(lambda: len(slack.acknowledged) == 1)
        app.ignore = 1
        monkeypatch.setattr(sockets, "ACK_SECONDS", 0.5)
        await slack.say(user, roc, "runs")
        await slack.until(lambda: len(slack.acknowledged) == 2)
    assert app.retries[0] == "0"
    assert app.retries[-1] == "1"
    assert slack.given_up == []
    assert slack.faults == []


async def test_an_event_is_given_up_in_the_end(
    slack: Slack, client: AsyncWebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "ACK_SECONDS", 0.1)
    monkeypatch.setattr(courier, "PAUSES", (0.0, 0.0, 0.0))
    user = slack.person("uj-admin")
    roc = slack.channel("roc", [user])
    async with connected(slack, client) as app:
        app.ignore = 9
        await slack.say(user, roc, "status")
        await slack.until(lambda: slack.given_up)
        assert app.retries == ["0", "1", "2", "3"]
    assert slack.given_up == slack.events
    assert slack.faults == []


async def test_edits_and_others_bots_come_as_slack_sends_them(
    slack: Slack, client: AsyncWebClient
) -> None:
    user, other = slack.person("uj-admin"), slack.person("visitor", team="T0OTHER")
    roc, away = slack.channel("roc", [user, other]), slack.channel("away", bot_in=False)
    async with connected(slack, client) as app:
        ts = await slack.say(other, roc, "deploy")
        await slack.edit(roc, ts, f"<@{slack.bot_user}> deploy")
        await slack.delete(roc, ts)
        await slack.bot_says(roc, "status")
        await slack.say(user, away, f"<@{slack.bot_user}> status")
        await slack.say(user, slack.im(user), "status")
        await slack.until(lambda: len(slack.acknowledged) == 6)
    assert kinds(app) == {
        ("message", None),
        ("message", "message_changed"),
        ("message", "message_deleted"),
        ("message", "bot_message"),
        ("app_mention", None),
    }
    events = [body["event"] for body in slack.events]
    assert events[0]["user_team"] == "T0OTHER"
    assert slack.events[0]["team_id"] == slack.team
    assert events[2]["edited"]["user"] == other
    assert events[-1]["channel_type"] == "im"


async def test_a_command_and_a_button_are_acknowledged_once(
    slack: Slack, client: AsyncWebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, expert = slack.person("uj-admin"), slack.person("expert", team="T0OTHER")
    roc = slack.channel("roc", [user, expert])
    assert await slack.command(user, roc, "/aaroc", "status") is None, "nobody listens yet"
    async with connected(slack, client) as app:
        ack = await slack.command(user, roc, "/aaroc", "status a&b")
        assert ack == {"text": "You typed status a&amp;b", "response_type": "in_channel"}
        said, answer = slack.messages(roc)
        assert (said.user, said.text) == (user, "/aaroc status a&b")
        assert lines(answer) == ["You typed status a&b"]
        blocks: list[Json] = [
            {"type": "actions", "elements": [button("Approve 1", "approve"), button("No", "deny")]}
        ]
        posted = await client.chat_postMessage(channel=roc, text="card", blocks=blocks)
        assert await slack.press(expert, roc, posted["ts"], "Approve 1") == {}
        with monkeypatch.context() as soon:
            soon.setattr(sockets, "ACK_SECONDS", 0.3)
            assert await slack.press(expert, roc, posted["ts"], "No") is None
        before = slack.messages(roc)[-1].states[-1]
        await client.chat_update(channel=roc, ts=posted["ts"], text="card, decided")
        with pytest.raises(AssertionError):
            await slack.press(expert, roc, posted["ts"], "Approve 1")
        assert await slack.press(expert, roc, posted["ts"], "Approve 1", state=before) == {}
        await client.chat_postMessage(channel=roc, text="reply", thread_ts=posted["ts"])
        assert await slack.press(user, roc, posted["ts"], "Approve 1", state=before) == {}
    assert app.heard[-1]["container"]["thread_ts"] == posted["ts"], "its own thread's first"
    press = next(body for body in app.heard if body.get("type") == "block_actions")
    assert (press["team"]["id"], press["user"]["team_id"]) == (slack.team, "T0OTHER")
    assert press["actions"][0]["value"] == "id-1"
    assert press["message"]["ts"] == posted["ts"]
    assert slack.faults == []


async def test_signed_requests_in_place_of_sockets(slack: Slack, client: AsyncWebClient) -> None:
    app = App(client)
    user = slack.person("uj-admin")
    roc = slack.channel("roc", [user])

    async def take(request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        asked = AsyncBoltRequest(body=body, headers=dict(request.headers))
        answer = await app.bolt.async_dispatch(asked)
        kind = answer.first_headers().get("content-type", "text/plain").partition(";")[0]
        return web.Response(status=answer.status, text=answer.body, content_type=kind)

    served = web.Application()
    served.router.add_post("/slack", take)
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        slack.http_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack"
        app.ignore = 1
        await slack.say(user, roc, "status")
        await slack.until(lambda: len(slack.acknowledged) == 1)
        ack = await slack.command(user, roc, "/aaroc", "runs")
        assert ack and ack["text"] == "You typed runs"
        assert [body.get("type") for body in app.heard] == ["event_callback"] * 2 + [None]
        assert app.retries == [None, "1", None]
        slack.http_url = slack.http_url.replace("/slack", "/nowhere")
        assert await slack.command(user, roc, "/aaroc", "runs") is None
    finally:
        await runner.cleanup()


async def test_what_is_said_can_be_seen_found_and_read(
    slack: Slack, client: AsyncWebClient
) -> None:
    user = slack.person("uj-admin")
    roc = slack.channel("roc", [user])
    blocks = rich(
        {"type": "text", "text": "Run 1 · type ", "style": {"bold": True}},
        {"type": "text", "text": "approve 1", "style": {"code": True}},
        {"type": "text", "text": " until "},
        {"type": "date", "timestamp": 1, "format": "{time}", "fallback": "09:00 UTC"},
        {"type": "text", "text": ", "},
        {"type": "user", "user_id": user},
        {"type": "text", "text": "\n"},
        {"type": "link", "url": "https://x.org", "text": "commit"},
    )
    blocks[0]["elements"].append(
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a\n\nb"}]}
    )
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": "&lt;<@U0BOT>"}]})
    blocks.append({"type": "actions", "elements": [button("Approve 1", "approve")]})
    mark = {"event_type": "aaroc_message", "event_payload": {"mark": "m1"}}
    posted = await client.chat_postMessage(channel=roc, text="Run 1", blocks=blocks, metadata=mark)
    shown = slack.messages(roc)[0]
    assert lines(shown) == [
        "Run 1 · type `approve 1` until 09:00 UTC, @uj-admin",
        "commit",
        "a",
        "",
        "b",
        "<@aaroc",
        "[Approve 1]",
    ]
    await client.chat_update(channel=roc, ts=posted["ts"], text="Run 1, done")
    assert [lines(state)[0][:5] for state in slack.states()] == ["Run 1", "Run 1"]
    assert lines(shown) == ["Run 1, done"]
    assert shown.edited
    await client.chat_postEphemeral(channel=roc, user=user, text="Only you", thread_ts=posted["ts"])
    await client.reactions_add(channel=roc, name="eyes", timestamp=posted["ts"])
    with pytest.raises(SlackApiError, match="already_reacted"):
        await client.reactions_add(channel=roc, name="eyes", timestamp=posted["ts"])
    assert shown.reactions == {"eyes": [slack.bot_user]}
    await client.files_upload_v2(
        channel=roc, thread_ts=posted["ts"], filename="run-1.log", content="one\ntwo\n"
    )
    assert slack.messages(roc)[-1].files == [("run-1.log", "one\ntwo\n")]
    assert lines(slack.states(after=2)[-1]) == ["run-1.log"]
    history = await client.conversations_history(channel=roc, include_all_metadata=True)
    assert [(m["text"], m["metadata"]) for m in history["messages"]] == [("Run 1, done", mark)]
    replies = await client.conversations_replies(channel=roc, ts=posted["ts"])
    assert [m.get("subtype") for m in replies["messages"]] == [None, "file_share"]
    assert "metadata" not in replies["messages"][0]
    assert slack.faults == []


async def test_who_and_where(slack: Slack, client: AsyncWebClient) -> None:
    user = slack.person("ke-admin", tz="Africa/Nairobi")
    roc, away = slack.channel("roc", [user]), slack.channel("away", bot_in=False)
    who = await client.auth_test()
    assert (who["team_id"], who["user_id"]) == (slack.team, slack.bot_user)
    assert "chat:write" in who.headers["x-oauth-scopes"]
    assert (await client.users_info(user=user))["user"]["tz"] == "Africa/Nairobi"
    opened = await client.conversations_open(users=[user])
    assert opened["channel"]["id"] == slack.im(user)
    assert (await client.conversations_info(channel=roc))["channel"]["is_member"]
    assert not (await client.conversations_info(channel=away))["channel"]["is_member"]
    assert (await client.conversations_members(channel=roc))["members"] == [user, slack.bot_user]
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await client.chat_postMessage(channel=away, text="x")
    slack.channels[roc].archived = True
    with pytest.raises(SlackApiError, match="is_archived"):
        await client.chat_postMessage(channel=roc, text="x")
    with pytest.raises(SlackApiError, match="user_not_found"):
        await client.users_info(user="U1")
    assert slack.faults == []
    slack.scopes.discard("users:read")
    with pytest.raises(SlackApiError, match="missing_scope"):
        await client.users_info(user=user)
    with pytest.raises(SlackApiError, match="unknown_method"):
        await client.api_call("chat.shout", json={})
    assert len(slack.faults) == 2
    slack.scopes.difference_update({"channels:history", "groups:history"})
    await slack.say(user, roc, f"<@{slack.bot_user}> status")
    assert [body["event"]["type"] for body in slack.events] == ["app_mention"]


SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}


@pytest.mark.parametrize(
    ("blocks", "error"),
    [
        ([{"type": "divider"}] * 51, "invalid_blocks"),
        ([SECTION], "invalid_blocks"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "invalid_blocks"),
        ([{"type": "actions", "elements": [button("x", f"{n}") for n in range(26)]}], "invalid_"),
        ([{"type": "actions", "elements": [button("x" * 76, "a")]}], "invalid_blocks"),
        ([{"type": "actions", "elements": [button("x", "a"), button("y", "a")]}], "invalid_blocks"),
        ([{"type": "divider", "block_id": "b"}] * 2, "invalid_blocks"),
        ([{"type": "context", "elements": []}], "invalid_blocks"),
        ([{"type": "carousel"}], "invalid_blocks"),
        (rich({"type": "text", "text": ""}), "invalid_blocks"),
        (rich({"type": "text", "text": "x", "style": {"loud": True}}), "invalid_blocks"),
        (rich({"type": "link", "url": "javascript:x"}), "invalid_blocks"),
        (rich({"type": "date", "timestamp": 1.5, "format": "{time}"}), "invalid_blocks"),
        (rich({"type": "date", "timestamp": 1, "format": "{hour}"}), "invalid_blocks"),
        (rich({"type": "broadcast", "range": "channel"}), "invalid_blocks"),
        (rich({"type": "text", "text": "x" * 13_201}), "msg_blocks_too_long"),
    ],
)
async def test_blocks_that_slack_would_refuse(
    slack: Slack, client: AsyncWebClient, blocks: list[Json], error: str
) -> None:
    roc = slack.channel("roc")
    with pytest.raises(SlackApiError, match=error) as refused:
        await client.chat_postMessage(channel=roc, text="x", blocks=blocks)
    if error == "invalid_blocks":
        assert "json-pointer:/blocks" in refused.value.response["response_metadata"]["messages"][0]
    assert slack.messages(roc) == []
    assert len(slack.faults) == 1


RINGS = [{"type": "user", "user_id": "U0BOT"}, {"type": "user", "user_id": "U1"}]


async def test_messages_that_slack_would_refuse(slack: Slack, client: AsyncWebClient) -> None:
    slack.strict = False
    roc = slack.channel("roc")
    ts = (await client.chat_postMessage(channel=roc, text="x" * 40_001))["ts"]
    assert len(slack.messages(roc)[0].text) == 40_000
    reply = await client.chat_postMessage(channel=roc, text="reply", thread_ts=ts)
    refused: list[tuple[Awaitable[Any], str]] = [
        (client.api_call("chat.postMessage", json={"channel": roc}), "no_text"),
        (client.chat_postMessage(channel=roc, text="x", metadata={"mark": 1}), "invalid_metadata"),
        (client.chat_postMessage(channel=roc, text="x", thread_ts="1.2"), "cannot_reply"),
        (client.chat_postMessage(channel=roc, text="x", thread_ts=reply["ts"]), "cannot_reply"),
        (client.chat_update(channel=roc, ts=ts, text="x" * 4001), "msg_too_long"),
        (client.chat_update(channel=roc, ts="1.2", text="x"), "message_not_found"),
        (client.reactions_add(channel=roc, name=":eyes:", timestamp=ts), "invalid_name"),
        (client.chat_postEphemeral(channel=roc, user="U1", text="x"), "user_not_in_channel"),
        (client.api_call("chat.update", json={"channel": roc, "text": "x"}), "invalid_arguments"),
        (
            client.api_call("reactions.add", json={"channel": roc, "name": "x", "timestamp": 1}),
            "arguments",
        ),
        (client.conversations_history(channel=roc, oldest="yesterday"), "invalid_ts_oldest"),
        (client.conversations_history(channel=roc, limit=0), "invalid_limit"),
        (client.conversations_open(users=["U1", "U2"]), "invalid_arguments"),
    ]
    for call, error in refused:
        with pytest.raises(SlackApiError, match=error):
            await call
    assert len(slack.faults) == 12
    await client.chat_postMessage(channel=roc, text="x", loud=True)
    assert slack.faults[-1] == "chat.postMessage: unknown field loud"
    await client.chat_postMessage(channel=roc, text="<!channel>", blocks=rich(*RINGS))
    assert slack.faults[-2:] == ["a message would ring U1", "a message would ring channel"]


async def test_rates_are_counted(slack: Slack, client: AsyncWebClient) -> None:
    roc, other = slack.channel("roc"), slack.channel("other")
    for _ in range(5):
        await client.chat_postMessage(channel=roc, text="x")
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=roc, text="x")
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "1"
    assert refused.value.response["error"] == "ratelimited"
    await client.chat_postMessage(channel=other, text="x")
    assert slack.ratelimited == [("chat.postMessage", roc)]
    assert len(slack.faults) == 1
    slack.strict = False
    await client.chat_postMessage(channel=roc, text="x")


async def test_a_call_fails_as_planned(slack: Slack, client: AsyncWebClient) -> None:
    roc = slack.channel("roc")
    slack.fail("chat.postMessage", retry_after=7)
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=roc, text="one")
    assert refused.value.response.headers["Retry-After"] == "7"
    slack.fail("chat.postMessage", "internal_error")
    with pytest.raises(SlackApiError, match="internal_error"):
        await client.chat_postMessage(channel=roc, text="two")
    slack.silent("chat.postMessage", effect=False)
    slack.silent("chat.postMessage")
    for text in ("three", "four"):
        with pytest.raises(Exception, match="disconnected"):
            await client.chat_postMessage(channel=roc, text=text)
    slack.silent("chat.postMessage", hang=True)
    hanging = asyncio.create_task(client.chat_postMessage(channel=roc, text="five"))
    await slack.until(lambda: len(slack.messages(roc)) == 2)
    assert not hanging.done()
    hanging.cancel()
    assert [shown.text for shown in slack.messages(roc)] == ["four", "five"]
    assert slack.faults == []


async def test_tokens_are_checked_and_may_be_revoked(slack: Slack, client: AsyncWebClient) -> None:
    async with connected(slack, client):
        await slack.until(lambda: slack.sockets == 1)
        slack.revoke()
        assert slack.sockets == 0
        with pytest.raises(SlackApiError, match="token_revoked"):
            await client.auth_test()
        with pytest.raises(SlackApiError, match="invalid_auth"):
            await client.apps_connections_open(app_token=slack.app_token)
    slack.restore()
    await client.auth_test()
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await client.auth_test(token="xoxb-else")
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await client.apps_connections_open(app_token=slack.bot_token)


async def test_sockets_go_and_come(slack: Slack, client: AsyncWebClient) -> None:
    user = slack.person("uj-admin")
    roc = slack.channel("roc", [user])
    async with connected(slack, client) as app:
        await slack.disconnect()
        await slack.until(lambda: slack.connections >= 2)
        before = slack.connections
        await slack.drop_sockets()
        await slack.until(lambda: slack.connections > before)
        await slack.stop()
        with pytest.raises(ClientConnectionError):
            await client.auth_test()
        await slack.say(user, roc, "status")
        await slack.start()
        await slack.until(lambda: len(slack.acknowledged) == 1)
        assert len(app.heard) == 1
    assert slack.given_up == []


async def test_a_late_acknowledgement_is_a_fault(
    slack: Slack, client: AsyncWebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "ACK_SECONDS", 0.2)
    user = slack.person("uj-admin")
    url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    async with ClientSession() as session, session.ws_connect(url) as socket:
        await socket.receive_json()
        assert await slack.command(user, slack.im(user), "/aaroc", "status") is None
        envelope = await socket.receive_json()
        assert envelope["accepts_response_payload"]
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        await slack.until(lambda: slack.faults)
    assert slack.faults[0].startswith("ack too late")


async def test_a_ticket_opens_one_socket(slack: Slack, client: AsyncWebClient) -> None:
    slack.refuse_sockets()
    async with ClientSession() as session:
        for status in (503, 403):
            if status == 503:
                url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
            async with session.get(url) as answer:
                assert answer.status == status
        url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
        async with session.ws_connect(url) as socket:
            assert (await socket.receive_json())["type"] == "hello"
            assert slack.sockets == 1
            await socket.send_json({"envelope_id": "never-sent"})
            await slack.until(lambda: len(slack.faults) == 2)
    assert "second one" in slack.faults[1]


async def test_an_answer_may_come_by_response_url(slack: Slack, client: AsyncWebClient) -> None:
    user = slack.person("uj-admin")
    away = slack.channel("away", [user], bot_in=False)
    async with connected(slack, client) as app, ClientSession() as session:
        await slack.command(user, away, "/aaroc", "status")
        url = app.heard[0]["response_url"]
        for status in (200, 200, 200, 200, 200, 404):
            async with session.post(url, json={"text": "Not here."}) as answer:
                assert answer.status == status
    assert [(s.text, s.to) for s in slack.messages(away)][-1] == ("Not here.", user)


SOMETHING = st.none() | st.integers() | st.text(max_size=4) | st.lists(st.integers(), max_size=2)
KEYS = ["text", "style", "action_id", "block_id", "url", "timestamp", "format", "user_id", "value"]


def holding(inner: st.SearchStrategy[Any], *types: str) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda kind, fields, elements: {"type": kind, **fields, "elements": elements},
        st.sampled_from(types) | st.sampled_from(["button", "section"]),
        st.dictionaries(st.sampled_from(KEYS), SOMETHING, max_size=4),
        st.lists(inner, max_size=2) | SOMETHING,
    )


PLAIN = st.fixed_dictionaries({"type": st.just("text"), "text": st.text(max_size=4)})
INNER = PLAIN | holding(SOMETHING, "text", "link", "user", "date", "emoji")
ELEMENT = holding(INNER, "rich_text_section", "rich_text_preformatted", "rich_text_list")
RICH = st.fixed_dictionaries(
    {
        "type": st.just("rich_text"),
        "elements": st.lists(
            st.fixed_dictionaries(
                {
                    "type": st.sampled_from(["rich_text_section", "rich_text_quote"]),
                    "elements": st.lists(PLAIN, max_size=3),
                }
            ),
            max_size=2,
        ),
    }
)


@given(st.lists(RICH | holding(ELEMENT, "rich_text", "actions", "context") | SOMETHING, max_size=3))
def test_whatever_is_sent_as_blocks_is_judged(blocks: list[Any]) -> None:
    if problems(blocks):
        return
    world = World()
    world.add_channel(Channel("C1", "roc", []))
    shown = world.post("C1", BOT_USER, "", blocks)
    assert all(isinstance(line, str) for line in lines(shown))
