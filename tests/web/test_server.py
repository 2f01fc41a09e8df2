"""The server: who may ask, what every answer carries, and what a connection can do to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from aiohttp.test_utils import TestClient, TestServer

from aaroc_bot.chat.web import LIMIT
from aaroc_bot.core.message import File, Incoming, Message, Place
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.web.allowance import BURST
from aaroc_bot.web.connection import TRY_LATER
from aaroc_bot.web.guard import HEADERS, is_own_host
from aaroc_bot.web.server import NOBODY, create_app, start
from tests.web.fake import Server

ROC = Place("web", "roc")


class Peer:
    """A page's end of the socket, in a test's hands."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.messages: dict[str, dict[str, Any]] = {}
        self.upto = 0
        self.origin = ""

    async def next(self) -> dict[str, Any]:
        body: dict[str, Any] = await self.socket.receive_json(timeout=5)
        for message in body.get("messages", []):
            self.messages[message["ref"]] = message
        self.upto = max(self.upto, body.get("upto", 0))
        self.origin = body.get("origin", self.origin)
        return body

    async def until(self, what: str) -> dict[str, Any]:
        while (body := await self.next())["what"] != what:
            pass
        return body

    async def until_upto(self, seq: int) -> None:
        while self.upto < seq:
            await self.next()

    async def say(self, text: str, id: str | None = None) -> dict[str, Any]:
        id = id or str(uuid4())
        await self.socket.send_str(json.dumps({"what": "say", "id": id, "text": text}))
        while True:
            body = await self.next()
            if body["what"] in {"taken", "refused"}:
                return body


@asynccontextmanager
async def page(server: Server, user: str = "uj-admin", **query: Any) -> AsyncIterator[Peer]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"{server.address}/ws",
            params={"as": user, **query},
            origin=server.address,
            max_msg_size=0,
        ) as socket,
    ):
        yield Peer(socket)


async def get(server: Server, path: str, **headers: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(server.address + path, headers=headers) as answer,
    ):
        for name, value in HEADERS.items():
            own = path.startswith("/files/") and answer.status == 200
            assert own or answer.headers[name] == value
        return answer.status, await answer.text()


@pytest.mark.parametrize("path", ["/", "/static/main.js", "/static/page.css", "/healthz", "/no"])
async def test_every_answer_carries_the_headers(server: Server, path: str) -> None:
    status, _ = await get(server, path)
    assert status == (404 if path == "/no" else 200)
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/static/../server.py", "/static/%2e%2e/server.py", "/static/"])
async def test_only_the_page_s_own_files_are_given(server: Server, path: str) -> None:
    assert (await get(server, path))[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8080"])
async def test_a_foreign_host_is_refused(server: Server, host: str) -> None:
    assert (await get(server, "/", Host=host))[0] == 403
    assert (await get(server, "/healthz", Host=host))[0] == 200


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:8080", True),
        ("localhost:9", True),
        ("[::1]:8080", True),
        ("", False),
        ("x@127.0.0.1", False),
        ("127.0.0.1/x", False),
        ("[::1", False),
        ("localhost.evil.example", False),
    ],
)
def test_which_hosts_are_ours(host: str, own: bool) -> None:
    assert is_own_host(host) is own


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", None])
async def test_a_socket_from_a_foreign_page_is_refused(server: Server, origin: str | None) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as told:
            await session.ws_connect(f"{server.address}/ws", origin=origin)
    assert told.value.status == 403


async def test_a_post_from_a_foreign_page_is_refused(server: Server) -> None:
    async with aiohttp.ClientSession() as session:
        for origin in ({}, {"Origin": "http://evil.example"}):
            async with session.post(server.address, headers=origin) as answer:
                assert answer.status == 403
        async with session.post(server.address, headers={"Origin": server.address}) as answer:
            assert answer.status == 405


async def test_the_chat_answers_on_loopback_only(server: Server) -> None:
    for host in ("0.0.0.0", "::", "example.org"):
        with pytest.raises(ValueError, match="loopback only"):
            await start(create_app(server.ready, server.chat), host, 0)


async def test_without_a_chat_there_is_health_and_nothing_else(server: Server) -> None:
    async with TestClient(TestServer(create_app(server.ready))) as client:
        assert (await client.get("/healthz")).status == 200
        assert (await client.get("/readyz")).status == 200
        server.not_ready = "the database does not answer"
        answer = await client.get("/readyz")
        assert (answer.status, await answer.text()) == (503, "the database does not answer\n")
        for path in ("/", "/ws", "/files/x", "/static/main.js"):
            assert (await client.get(path)).status == 404


async def test_one_of_several_bots_says_whether_it_keeps(server: Server) -> None:
    part = "keeps"
    app = create_app(server.ready, part=lambda: part)
    async with TestClient(TestServer(app)) as client:
        assert await (await client.get("/readyz")).text() == "ready, keeps\n"
        part = "stands by"
        answer = await client.get("/readyz")
        assert (answer.status, await answer.text()) == (200, "ready, stands by\n")
        server.not_ready = "the database does not answer"
        assert await (await client.get("/readyz")).text() == "the database does not answer\n"


async def test_a_file_is_plain_text_whatever_it_says(server: Server) -> None:
    await server.chat.post(ROC, Message("log", file=File('a"\n<b>.html', "<script>1</script>")))
    async with page(server) as peer:
        await peer.until("newest")
        [message] = peer.messages.values()
    key = message["view"]["file"]["key"]
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.address}/files/{key}?download") as answer,
    ):
        assert await answer.text() == "<script>1</script>"
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert (
            answer.headers["Content-Disposition"]
            == "attachment; filename*=UTF-8''a%22%0A%3Cb%3E.html"
        )
    assert (await get(server, "/files/guess"))[0] == 404


async def test_two_people_see_what_is_said_and_only_the_asker_what_is_private(
    server: Server,
) -> None:
    async with page(server, "outsider") as asker, page(server, "uj-admin") as other:
        assert (await asker.until("hello"))["as"] == "outsider"
        await asker.say("deploy site-bdii at ZA-UJ")
        while len(asker.messages) < 2:
            await asker.next()
        await asker.say("whoami")
        while len(other.messages) < 3:
            await other.next()
        private = [m for m in asker.messages.values() if m["to"]]
        assert [m["to"] for m in private] == ["outsider"]
        assert private[0]["ref"] not in other.messages
        assert "not a member" not in json.dumps(other.messages)


async def test_a_page_that_was_away_gets_what_it_missed_and_nothing_twice(server: Server) -> None:
    async with page(server) as peer:
        await peer.say("one")
        await peer.until_upto(3)  # said, seen, answered
        seen, upto = dict(peer.messages), peer.upto
    await server.stop()
    await server.start()
    await server.chat.post(ROC, Message("meanwhile"))
    async with page(server) as fresh:
        origin = (await fresh.until("hello"))["origin"]
    async with page(server, after=upto, origin=origin) as back:
        assert (await back.until("hello"))["again"] is True
        await back.until_upto(4)
        assert [m["view"]["text"] for m in back.messages.values()] == [["meanwhile"]]
    assert len(seen) == 2


@pytest.mark.parametrize(("after", "origin"), [("99", "own"), ("1", "other"), ("x", "own")])
async def test_a_page_of_another_channel_starts_anew(
    server: Server, after: str, origin: str
) -> None:
    await server.chat.post(ROC, Message("x"))
    own = (await server.chat.channel.extent())[0]
    query = {"after": after, "origin": own if origin == "own" else "0" * 64}
    async with page(server, **query) as peer:
        assert (await peer.until("hello"))["again"] is False
        assert len((await peer.until("newest"))["messages"]) == 1


async def test_a_resend_is_one_message(server: Server) -> None:
    id = str(uuid4())
    async with page(server) as peer:
        assert (await peer.say("status", id))["what"] == "taken"
    async with page(server) as peer:
        assert (await peer.say("status", id))["what"] == "taken"
        await peer.say("last")
        assert sum(m["said"] == "status" for m in peer.messages.values()) == 1
    assert len(server.bot.heard) == 2


async def test_a_message_of_1_mb_is_answered_and_the_connection_stays(server: Server) -> None:
    async with page(server) as peer:
        refused = await peer.say("x" * 1_000_000)
        assert refused["what"] == "refused"
        assert f"{LIMIT:,}" in refused["why"]
        assert (await peer.say("status"))["what"] == "taken"


async def test_nonsense_is_answered_and_the_connection_stays(server: Server) -> None:
    nonsense = ["", "[]", "{", '{"what": "say"}', '{"what": "become", "as": "roc-expert"}', "1"]
    nonsense += ["[" * 100_000, '{"a":' * 100_000, "9" * 10_000, '{"id": "\\ud800"}']
    forged = json.dumps({"what": "say", "id": str(uuid4()), "text": "x", "as": "roc-expert"})
    async with page(server) as peer:
        for text in [*nonsense, forged]:
            await peer.socket.send_str(text)
            assert "do not understand" in (await peer.until("refused"))["why"]
        assert (await peer.say("status"))["what"] == "taken"
    assert {said.account.user for said in server.bot.heard} == {"uj-admin"}


async def test_a_flood_is_bounded(server: Server) -> None:
    async with page(server) as peer:
        for _ in range(2 * BURST):
            body = {"what": "say", "id": str(uuid4()), "text": "status"}
            await peer.socket.send_str(json.dumps(body))
        whats: list[str] = []
        while len(whats) < 2 * BURST:
            body = await peer.next()
            if body["what"] in {"taken", "refused"}:
                whats.append(body["what"])
    assert BURST <= whats.count("taken") < 2 * BURST
    assert len(server.bot.heard) == whats.count("taken")


async def sent(peer: Peer, texts: Sequence[str]) -> list[str]:
    """Say all of them without waiting, and give how each was answered."""
    for text in texts:
        body = {"what": "say", "id": str(uuid4()), "text": text}
        await peer.socket.send_str(json.dumps(body))
    answers: list[str] = []
    while len(answers) < len(texts):
        body = await peer.next()
        if body["what"] in {"taken", "refused"}:
            answers.append(str(body.get("why", "taken")))
    return answers


async def test_two_pages_of_one_person_have_one_allowance(server: Server) -> None:
    async with page(server) as one, page(server) as two, page(server, "roc-expert") as other:
        assert "taken" in await sent(one, ["status"] * 2 * BURST)
        assert any("Too much at once" in answer for answer in await sent(two, ["status"] * BURST))
        assert await sent(other, ["status"] * 30) == ["taken"] * 30


async def test_long_messages_use_up_the_allowance_sooner(server: Server) -> None:
    long = "x" * (LIMIT - 100)
    async with page(server) as peer, page(server, "roc-expert") as other:
        answers = await sent(peer, [long] * 8)
        assert answers[0] == "taken" and "Too much at once" in answers[-1]
        assert await sent(other, ["status"]) == ["taken"]
    assert sum(len(body) for _, body in server.page.rows) < LIMIT


async def test_what_is_asked_of_bad_input_fits_into_one_allowance(server: Server) -> None:
    value, message = "deploy worker-node at ZA-UJ channel=" + "x" * 100_000, "x" * 1_000_000
    async with page(server) as peer:
        answers = await sent(peer, [value, message, *["status"] * 30])
    assert answers[0] == "taken" and f"{LIMIT:,} are the most" in answers[1]
    assert answers[2:] == ["taken"] * 30
    assert server.bot.heard[0].text == value


async def test_a_slow_reader_skips_states_in_between(server: Server) -> None:
    posted = await server.chat.post(ROC, Message("0"))
    async with page(server) as peer:
        await peer.until("newest")
        for n in range(500):
            await server.chat.edit(posted, Message(f"{n} " + "x" * 2000))
        frames = 0
        while peer.upto < 501:
            await peer.next()
            frames += 1
        assert peer.messages[posted.ref]["view"]["text"][0].startswith("499 ")
        assert frames < 500


async def test_what_is_not_taken_in_may_be_sent_again(server: Server) -> None:
    id = str(uuid4())
    async with page(server) as peer:
        server.bot.fault = Unavailable("the database")
        refused = await peer.say("status", id)
        assert (refused["id"], refused["again"]) == (id, True)
        assert "the database does not answer" in refused["why"]
        server.bot.fault = None
        assert (await peer.say("status", id))["what"] == "taken"


async def test_what_was_heard_but_cannot_be_kept_may_be_sent_again(server: Server) -> None:
    events: list[str] = []

    async def hear(incoming: Incoming) -> None:
        events.append(incoming.event)

    server.chat.listen(hear)
    id = str(uuid4())
    async with page(server) as peer:
        server.page.away = Unavailable("the database")
        assert (await peer.say("status", id))["again"] is True
        server.page.away = None
        assert (await peer.say("status", id))["what"] == "taken"
        await peer.until_upto(1)
        assert [message["said"] for message in peer.messages.values()] == ["status"]
    assert len(set(events)) == 1


async def test_a_channel_that_cannot_be_read_closes_the_page(server: Server) -> None:
    async with page(server) as peer:
        await peer.until("newest")
        server.page.unreadable = Unavailable("the database")
        await server.chat.post(ROC, Message("x"))
        frame = await peer.socket.receive(timeout=5)
        assert (frame.type, frame.data) == (WSMsgType.CLOSE, TRY_LATER)


async def test_a_log_says_what_failed(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    async with page(server) as peer:
        await peer.until("newest")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("aaroc_bot.web.connection.Connection._take", RuntimeError)
            await peer.socket.send_str("{}")
            frame = await peer.socket.receive(timeout=5)
        assert (frame.type, frame.data) == (WSMsgType.CLOSE, TRY_LATER)
    server.page.unreadable = Unavailable("the database")
    async with page(server) as peer:
        frame = await peer.socket.receive(timeout=5)
        assert (frame.type, frame.data) == (WSMsgType.CLOSE, TRY_LATER)
    assert [record.getMessage() for record in caplog.records] == [
        "web chat: a page's socket cannot be listened to",
        "web chat: a page cannot be greeted: the database does not answer",
    ]


async def test_nobody_of_that_name(server: Server) -> None:
    async with page(server, "stranger") as peer:
        frame = await peer.socket.receive(timeout=5)
        assert (frame.type, frame.data) == (WSMsgType.CLOSE, NOBODY)


async def test_the_server_ends_at_once_with_pages_open(server: Server) -> None:
    async with page(server) as peer:
        await peer.until("newest")
        async with asyncio.timeout(1.5):
            await server.stop()
        frame = await peer.socket.receive(timeout=5)
        assert frame.type in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING}
