"""Logging in as a GitHub App: its tokens end, are refused, and never show its key."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github import Auth

from aaroc_bot.github.api import Api, Refused, Silent
from aaroc_bot.github.app import InstallationAuth, app_auth
from tests.github.scripted import Scripted, scripted

TOKENS = "POST /app/installations/77/access_tokens"
INSTALLATION = "GET /orgs/AAROC/installation"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


class Hub:
    """A GitHub that gives an App tokens, each for `lasts`, and takes only those of `valid`."""

    def __init__(self, server: Scripted, key: rsa.RSAPrivateKey) -> None:
        self.server = server
        self.key = key
        self.lasts = timedelta(hours=1)
        self.valid: set[str] = set()
        self.given = 0
        server.answers |= {
            INSTALLATION: self.installation,
            TOKENS: self.token,
            "GET /x": self.shown,
            "POST /x": self.shown,
        }

    def _is_app(self, request: web.Request) -> None:
        kind, _, signed = request.headers["Authorization"].partition(" ")
        claims = jwt.decode(signed, self.key.public_key(), algorithms=["RS256"])
        assert kind == "Bearer" and claims["iss"] == "4711" and claims["exp"] - claims["iat"] <= 600

    async def installation(self, request: web.Request) -> web.Response:
        self._is_app(request)
        return web.json_response({"id": 77, "app_slug": "aaroc-bot", "suspended_at": None})

    async def token(self, request: web.Request) -> web.Response:
        self._is_app(request)
        self.given += 1
        token = f"ghs_{self.given}"
        self.valid.add(token)
        ends = (datetime.now(UTC) + self.lasts).strftime("%Y-%m-%dT%H:%M:%SZ")
        return web.json_response({"token": token, "expires_at": ends}, status=201)

    async def shown(self, request: web.Request) -> web.Response:
        if request.headers["Authorization"].removeprefix("token ") not in self.valid:
            return web.json_response({"message": "Bad credentials"}, status=401)
        return web.json_response({"ok": True})


@pytest.fixture
async def hub(key: rsa.RSAPrivateKey) -> AsyncIterator[Hub]:
    async with scripted() as server:
        yield Hub(server, key)


@pytest.fixture
def auth(hub: Hub, pem: str) -> Auth.Auth:
    return app_auth(hub.server.url, 4711, pem, "AAROC")


@pytest.fixture
async def api(hub: Hub, auth: Auth.Auth) -> AsyncIterator[Api]:
    api = Api(hub.server.url, auth, seconds=20)
    yield api
    api.close()


async def test_the_app_speaks_by_a_token_of_its_installation(hub: Hub, api: Api) -> None:
    assert not hub.server.asked, "nothing is asked before it is needed"
    assert (await api.get("/x")).body == {"ok": True}
    assert (await api.send("POST", "/x")).body == {"ok": True}
    assert await api.app() == "aaroc-bot" and await api.token() == "ghs_1"
    assert hub.given == 1 and hub.server.times(INSTALLATION) == 1


async def test_many_threads_take_one_token(hub: Hub, api: Api) -> None:
    questions = [api.get("/x") if n % 2 else api.send("POST", "/x") for n in range(40)]
    assert all(reply.status == 200 for reply in await asyncio.gather(*questions))
    assert hub.given == 1


async def test_a_token_that_ends_is_replaced_before(hub: Hub, api: Api, auth: Auth.Auth) -> None:
    assert isinstance(auth, InstallationAuth)
    await api.get("/x")
    left = auth._until - time.monotonic()
    assert 50 * 60 < left <= 55 * 60, "not to its very end"
    auth._until = time.monotonic()
    await asyncio.gather(api.get("/x"), api.send("POST", "/x"))
    assert hub.given == 2


async def test_a_clock_that_is_wrong_does_not_ask_for_a_token_each_time(hub: Hub, api: Api) -> None:
    hub.lasts = timedelta(days=-3)
    for _ in range(3):
        await api.get("/x")
    assert hub.given == 1


async def test_a_token_that_was_taken_away_is_replaced(hub: Hub, api: Api) -> None:
    await api.get("/x")
    hub.valid.clear()
    assert (await api.get("/x")).body == {"ok": True}
    assert hub.given == 2
    hub.valid.clear()
    with pytest.raises(Refused) as no:
        await api.send("POST", "/x")
    assert no.value.status == 401 and hub.server.times("POST /x") == 1, "a write is not repeated"
    assert (await api.send("POST", "/x")).body == {"ok": True}


async def test_an_app_that_is_not_installed(hub: Hub, api: Api) -> None:
    hub.server.says(INSTALLATION, {"message": "Not Found"}, 404)
    for _ in range(2):
        with pytest.raises(Silent, match="not installed") as told:
            await api.send("POST", "/x")
        assert not told.value.maybe
    assert await api.token() is None
    hub.server.answers[INSTALLATION] = hub.installation
    assert (await api.send("POST", "/x")).status == 200


async def test_an_app_that_is_suspended(hub: Hub, api: Api) -> None:
    body = {"id": 77, "app_slug": "aaroc-bot", "suspended_at": "2026-06-01T00:00:00Z"}
    hub.server.says(INSTALLATION, body)
    with pytest.raises(Silent, match="suspended"):
        await api.get("/x")
    assert hub.server.times("GET /x") == 0


@pytest.mark.parametrize("body", [[], {"token": 1}, {"token": "a\nb: c"}, {"token": "é"}, {}])
async def test_a_token_that_is_none(hub: Hub, api: Api, body: object) -> None:
    hub.server.says(TOKENS, body, 201)
    with pytest.raises(Silent, match="cannot be read"):
        await api.send("POST", "/x")
    assert hub.server.times("POST /x") == 0


async def test_a_silent_github_when_a_token_is_needed(hub: Hub, auth: Auth.Auth) -> None:
    api = Api(hub.server.url, auth, seconds=20)
    hub.server.says(TOKENS, {}, 503)
    with pytest.raises(Silent) as told:
        await api.send("POST", "/x")
    assert not told.value.maybe, "the write itself was not sent"
    hub.server.says(TOKENS, {}, 403, {"retry-after": "30"})
    for _ in range(2):
        with pytest.raises(Silent, match="rate limit"):
            await api.get("/x")
    assert hub.server.times(TOKENS) == 2
    api.close()


async def test_a_redirection_gets_no_jwt(hub: Hub, api: Api) -> None:
    async with scripted() as other:
        hub.server.says(INSTALLATION, {}, 301, {"location": f"{other.url}/y"})
        with pytest.raises(Silent, match="renamed"):
            await api.get("/x")
        assert not other.asked


@pytest.mark.parametrize("amiss", ["", "no key", "cut", "public"])
def test_a_key_that_is_none_is_not_shown(amiss: str, pem: str, key: rsa.RSAPrivateKey) -> None:
    given = amiss
    if amiss == "cut":
        given = pem[: len(pem) // 2]
    if amiss == "public":
        given = (
            key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)
            .decode()
        )
    with pytest.raises(ValueError, match="APP_KEY_FILE") as told:
        app_auth("http://127.0.0.1:9", 4711, given, "AAROC")
    assert told.value.__cause__ is None and "BEGIN" not in str(told.value)


async def test_neither_key_nor_token_is_in_any_text(
    hub: Hub, api: Api, auth: Auth.Auth, pem: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await api.get("/x")
    assert isinstance(auth, InstallationAuth)
    for text in (caplog.text, repr(auth), str(auth), repr(api)):
        assert "ghs_" not in text and pem.splitlines()[1] not in text and "Bearer ey" not in text
