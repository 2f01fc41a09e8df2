"""Altering: once, one after the other, and told apart: done, refused, unknown."""

import asyncio
import contextlib
import json
import logging
import ssl
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github import Auth
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.github import connection
from aaroc_bot.github.api import Api, Refused, Silent
from aaroc_bot.github.faults import LONGEST, refused
from aaroc_bot.github.headers import Limit, limit_of, pause_of
from aaroc_bot.github.pace import BURST, Pace
from tests.github.scripted import Scripted, scripted

TOKEN = "a-token-of-the-bot"
CALL = "POST /repos/AAROC/DevOps/pulls"
PATH = "/repos/AAROC/DevOps/pulls"


@pytest.fixture
async def hub() -> AsyncIterator[Scripted]:
    async with scripted() as server:
        yield server


@pytest.fixture
async def api(hub: Scripted) -> AsyncIterator[Api]:
    api = Api(hub.url, Auth.Token(TOKEN), seconds=20)
    yield api
    api.close()


async def test_what_alters_is_sent_once_and_answered(hub: Scripted, api: Api) -> None:
    hub.says(CALL, {"number": 52}, 201)
    reply = await api.send("POST", PATH, {"title": "é", "draft": False})
    assert (reply.status, reply.body) == (201, {"number": 52})
    assert hub.asked == [CALL] and hub.bodies == [{"title": "é", "draft": False}]
    assert hub.authorizations == [f"token {TOKEN}"]
    hub.says("DELETE /x", status=204)
    assert (await api.send("DELETE", "/x")).body is None


async def test_writes_go_one_after_the_other(hub: Scripted, api: Api) -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0)
        return web.json_response({})

    hub.answers[CALL] = slow
    await asyncio.gather(*(api.send("POST", PATH, {"n": n}) for n in range(30)))
    assert hub.most == 1 and [body["n"] for body in hub.bodies if isinstance(body, dict)] == [
        *range(30)
    ]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 422])
async def test_a_no_is_refused_with_githubs_words(hub: Scripted, api: Api, status: int) -> None:
    errors = [
        {"resource": "PullRequest", "code": "custom", "message": "No commits between main and x"},
        {"resource": "Issue", "field": "title", "code": "missing"},
        "plain\x1b[31m words",
        *["more"] * 20,
    ]
    hub.says(CALL, {"message": "Validation\u202e Failed\n", "errors": errors}, status)
    with pytest.raises(Refused) as told:
        await api.send("POST", PATH)
    assert told.value.status == status and told.value.message == "Validation Failed"
    assert told.value.errors[:3] == (
        "No commits between main and x", "title missing", "plain[31m words",
    )  # fmt: skip
    assert len(told.value.errors) == 5 and hub.times(CALL) == 1
    hub.says(CALL, {}, 201)
    await api.send("POST", PATH)


async def test_a_no_that_is_no_json(hub: Scripted, api: Api) -> None:
    hub.text(CALL, "<html>no</html>", 422)
    with pytest.raises(Refused, match="no reason was given"):
        await api.send("POST", PATH)


async def test_an_error_of_githubs_may_have_done_it_and_nothing_follows(
    hub: Scripted, api: Api
) -> None:
    hub.says(CALL, {"message": "Server Error"}, 502).says("GET /x", {})
    with pytest.raises(Silent) as told:
        await api.send("POST", PATH)
    assert told.value.maybe and told.value.status == 502 and hub.times(CALL) == 1
    hub.says(CALL, {}, 201)
    with pytest.raises(Silent) as told:
        await api.send("POST", PATH)
    assert not told.value.maybe and hub.times(CALL) == 1, "nothing is altered after a silence"
    await api.get("/x")
    await api.send("POST", PATH)
    assert hub.times(CALL) == 2


async def test_a_silent_server(hub: Scripted) -> None:
    api = Api(hub.url, Auth.Token(TOKEN), seconds=1)
    hub.silent(CALL)
    with pytest.raises(Silent) as told:
        await api.send("POST", PATH)
    assert told.value.maybe and hub.times(CALL) == 1
    for question in (api.send("POST", PATH), api.get("/x")):
        with pytest.raises(Silent) as told:
            await question
        assert not told.value.maybe
    assert hub.asked == [CALL], "nobody waits for the time limit again"
    api.again()
    with pytest.raises(Silent):
        await api.send("POST", PATH)
    assert (await api.get("/x")).status == 404
    hub.says(CALL, {})
    await api.send("POST", PATH)
    api.close()


async def test_a_silence_of_questions_stops_what_alters(hub: Scripted, api: Api) -> None:
    hub.says("GET /x", {}, 500).says(CALL, {})
    with pytest.raises(Silent):
        await api.get("/x")
    assert hub.times("GET /x") == 2, "a question is asked a second time"
    with pytest.raises(Silent):
        await api.send("POST", PATH)
    assert hub.times(CALL) == 0


async def test_nobody_listens() -> None:
    api = Api("http://127.0.0.1:9", Auth.Token(TOKEN), seconds=1)
    with pytest.raises(Silent) as told:
        await api.send("POST", PATH)
    assert not told.value.maybe, "it was not sent"
    api.close()


async def test_a_host_that_is_not_trusted_gets_nothing() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "somebody")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1)
    ).sign(key, hashes.SHA256())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as pem:
        pem.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        pem.flush()
        tls.load_cert_chain(pem.name)
    async with scripted(tls) as server:
        api = Api(server.url, Auth.Token(TOKEN), seconds=20)
        with pytest.raises(Silent) as told:
            await api.send("POST", PATH)
        assert not told.value.maybe and not server.asked
        api.close()


async def test_an_answer_that_breaks_off(hub: Scripted, api: Api) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"a": ')
        assert request.transport is not None
        request.transport.close()
        return response

    hub.answers[CALL] = broken
    with pytest.raises(Silent) as told:
        await api.send("POST", PATH)
    assert told.value.maybe and hub.times(CALL) == 1


async def test_an_answer_that_is_no_json_may_have_done_it(hub: Scripted, api: Api) -> None:
    hub.text(CALL, "done!", 201)
    with pytest.raises(Silent, match="cannot be read") as told:
        await api.send("POST", PATH)
    assert told.value.maybe
    hub.text("GET /x", "[" * 100_000)
    with pytest.raises(Silent, match="cannot be read"):
        await api.get("/x")


async def test_a_huge_answer_is_not_read_to_its_end(
    hub: Scripted, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LARGEST", 100_000)

    async def huge(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_compression()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            for _ in range(1000):
                await response.write(b" " * 100_000)
        return response

    hub.answers["GET /x"] = hub.answers[CALL] = huge
    with pytest.raises(Silent):
        await api.get("/x")
    api.again()
    hub.says("GET /y", {})
    await api.get("/y")
    with pytest.raises(Silent) as told:
        await api.send("POST", PATH)
    assert told.value.maybe


async def test_an_answer_that_never_ends(hub: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LONGEST", 0.2)
    api = Api(hub.url, Auth.Token(TOKEN), seconds=5)

    async def drop(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while not hub.end.is_set():
                await response.write(b" ")
                await asyncio.sleep(0.05)
        return response

    hub.answers[CALL] = drop
    began = time.monotonic()
    with pytest.raises(Silent) as told:
        await api.send("POST", PATH)
    assert told.value.maybe and time.monotonic() - began < 4
    api.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirection_is_followed(hub: Scripted, api: Api, status: int) -> None:
    async with scripted() as other:
        for to in (f"{other.url}/y", f"{hub.url}/y"):
            hub.says(CALL, {}, status, {"location": to}).says(
                "GET /x", {}, status, {"location": to}
            )
            with pytest.raises(Refused) as no:
                await api.send("POST", PATH, {"a": 1})
            assert no.value.status == status and "renamed" in no.value.message
            with pytest.raises(Silent, match="renamed"):
                await api.get("/x")
        assert not other.asked and not [one for one in hub.asked if one.endswith("/y")]


LIMITS: dict[str, tuple[int, dict[str, object], dict[str, str]]] = {
    "primary": (
        403,
        {"message": "API rate limit exceeded for user ID 1."},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999999"},
    ),
    "secondary": (403, {"message": "You have exceeded a secondary rate limit."}, {}),
    "after": (429, {"message": "Slow down."}, {"retry-after": "30"}),
}


@pytest.mark.parametrize("kind", LIMITS)
@pytest.mark.parametrize("call", [CALL, "GET /x"])
async def test_rate_limits_are_obeyed_by_all(hub: Scripted, api: Api, kind: str, call: str) -> None:
    status, body, headers = LIMITS[kind]
    hub.says(call, body, status, headers)
    for _ in range(2):
        with pytest.raises(Silent, match="rate limit") as told:
            await (api.get("/x") if call == "GET /x" else api.send("POST", PATH))
        assert not told.value.maybe, "GitHub did not do it"
    api.again()
    with pytest.raises(Silent, match="rate limit"):
        await api.get("/y")
    assert hub.asked == [call]


async def test_a_token_without_rights_is_no_rate_limit(hub: Scripted, api: Api) -> None:
    body = {"message": "Resource not accessible by personal access token"}
    hub.says(CALL, body, 403).says("GET /x", body, 403)
    with pytest.raises(Refused, match="not accessible"):
        await api.send("POST", PATH)
    with pytest.raises(Silent, match="403") as told:
        await api.get("/x")
    assert told.value.status == 403
    assert (await api.get("/y")).status == 404


async def test_the_limit_is_known_before_it_bites(hub: Scripted, api: Api) -> None:
    assert api.limit is None

    def headers(remaining: int, resource: str = "core") -> dict[str, str]:
        told = {"limit": 5000, "reset": 1780000000, "remaining": remaining, "resource": resource}
        return {f"x-ratelimit-{name}": str(value) for name, value in told.items()}

    hub.says("GET /x", {}, headers=headers(501)).says(CALL, {}, headers=headers(499))
    hub.says("GET /y", {}, headers=headers(1, "search"))
    await api.get("/x")
    assert api.limit and api.limit.remaining == 501 and not api.limit.low
    await api.send("POST", PATH)
    assert api.limit.low and api.limit.resets_at.year == 2026
    await api.get("/y")
    assert api.limit.remaining == 499, "that of searches is another"


async def test_answers_of_reads_and_writes_are_not_exchanged(hub: Scripted, api: Api) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.json_response(await request.json())

    async def ask(n: int) -> bool:
        if n % 2:
            return (await api.send("POST", PATH, {"n": n})).body == {"n": n}
        return (await api.get(f"/{n}")).body == {"n": n}

    hub.answers[CALL] = echo
    for n in range(0, 60, 2):
        hub.says(f"GET /{n}", {"n": n})
    assert all(await asyncio.gather(*(ask(n) for n in range(60))))


async def test_the_token_is_in_no_log(hub: Scripted, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    api = Api(hub.url, Auth.Token(TOKEN), seconds=20)
    hub.says(CALL, {"message": "no"}, 422)
    with pytest.raises(Refused):
        await api.send("POST", PATH)
    assert TOKEN not in caplog.text
    assert await api.token() == TOKEN and await api.app() is None
    api.close()


def test_a_few_writes_go_at_once_and_many_are_spread() -> None:
    pace = Pace()
    waits = [pace.turn(1000.0) for _ in range(100)]
    assert not any(waits[:BURST]) and waits[BURST:] == [*map(float, range(1, 101 - BURST))]
    assert sum(wait <= 60 for wait in waits) <= 80, "GitHub's limit of a minute"
    assert pace.turn(2000.0) == 0


@given(st.floats(0.01, 5), st.integers(1, 30), st.lists(st.floats(0, 100), max_size=60))
def test_no_pace_is_ever_exceeded(every: float, burst: int, pauses: list[float]) -> None:
    pace, now, went = Pace(burst, every), 0.0, []
    for pause in pauses:
        now += pause
        went.append(now + pace.turn(now))
    for at in went:
        among = sum(at <= other <= at + 60 for other in went)
        assert among <= burst + 60 / every + 1


@given(st.integers(400, 499), st.text() | st.binary().map(repr))
def test_every_no_can_be_told(status: int, text: str) -> None:
    found = refused(status, text)
    assert found.status == status and found.message and len(found.message) <= LONGEST


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["message", "errors"]), inner),
    max_leaves=10,
)


@given(JSON)
def test_every_json_is_a_no(body: object) -> None:
    found = refused(422, json.dumps(body))
    assert all(error and len(error) <= 2 * LONGEST + 1 for error in found.errors)


@given(st.dictionaries(
    st.sampled_from(["x-ratelimit-remaining", "x-ratelimit-limit", "x-ratelimit-reset", "retry-after"]),
    st.text("0123456789-.²٣ x", max_size=14),
))  # fmt: skip
def test_headers_of_all_kinds(headers: dict[str, str]) -> None:
    found = limit_of(headers)
    assert found is None or isinstance(found, Limit)
    assert pause_of(403, headers, "") >= 0
