"""The device flow against the sandbox's GitHub, and what an evil or silent one may answer."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.rights import Person
from aaroc_bot.github.device import Confirmed, DeviceFlow, Over, Pending, SlowDown
from aaroc_bot.sandbox.github.granting import CLIENT_ID
from aaroc_bot.sandbox.github.world import Misbehaviour, World

EVERY = timedelta(seconds=5)


@pytest.fixture
def flow(url: str, world: World) -> DeviceFlow:
    world.granting.interval = 0
    return DeviceFlow(web_url=url, api_url=url, client_id=CLIENT_ID, seconds=20)


async def enter(url: str, code: str, person: str, decision: str = "confirm") -> tuple[int, str]:
    form = {"user_code": code, "person": person, "decision": decision}
    async with (
        aiohttp.ClientSession(headers={"Origin": url}) as session,
        session.post(f"{url}/login/device", data=form) as page,
    ):
        return page.status, await page.text()


async def test_who_enters_the_code_is_who_one_is(flow: DeviceFlow, url: str, world: World) -> None:
    begun = await flow.begin()
    assert begun.address == f"{url}/login/device" and begun.lasts == timedelta(minutes=15)
    assert await flow.outcome(begun.device, EVERY) == Pending()
    status, page = await enter(url, begun.code.lower().replace("-", " "), "uj-admin")
    assert status == 200 and "Confirmed as uj-admin" in page
    confirmed = await flow.outcome(begun.device, EVERY)
    assert isinstance(confirmed, Confirmed)
    assert await flow.owner(confirmed.token) == Person(90100101, "uj-admin")
    assert await flow.outcome(begun.device, EVERY) == Over("incorrect_device_code"), "given once"
    for secret in (begun.device, confirmed.token):
        assert secret not in repr(begun) + repr(confirmed)
    assert (await enter(url, begun.code, "uj-admin"))[0] == 422


async def test_a_users_token_opens_nothing_else(flow: DeviceFlow, url: str) -> None:
    begun = await flow.begin()
    await enter(url, begun.code, "uj-admin")
    confirmed = await flow.outcome(begun.device, EVERY)
    assert isinstance(confirmed, Confirmed)
    headers = {"Authorization": f"Bearer {confirmed.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        assert (await session.get(f"{url}/orgs/AAROC/members")).status == 401
    with pytest.raises(Unavailable):
        await flow.owner("gho_nobodys")


async def test_a_no_and_an_end(flow: DeviceFlow, url: str, world: World) -> None:
    begun = await flow.begin()
    assert "Denied" in (await enter(url, begun.code, "uj-admin", "deny"))[1]
    assert await flow.outcome(begun.device, EVERY) == Over("access_denied")
    world.granting.lasts = 0
    assert await flow.outcome((await flow.begin()).device, EVERY) == Over("expired_token")


async def test_who_asks_too_soon_asks_slower(flow: DeviceFlow, world: World) -> None:
    world.granting.interval = 5
    begun = await flow.begin()
    assert begun.every == EVERY
    assert await flow.outcome(begun.device, EVERY) == SlowDown(timedelta(seconds=10))
    assert await flow.outcome(begun.device, EVERY) == SlowDown(timedelta(seconds=15))


async def test_an_app_that_is_not_known_or_not_enabled(
    flow: DeviceFlow, url: str, world: World
) -> None:
    other = DeviceFlow(web_url=url, api_url=url, client_id="Iv1.other")
    with pytest.raises(Unavailable, match="Not Found"):
        await other.begin()
    assert await other.outcome("device", EVERY) == Over("incorrect_client_credentials")
    world.granting.enabled = False
    with pytest.raises(Unavailable, match="device_flow_disabled"):
        await flow.begin()


async def test_another_grant_and_another_form_as_github_answers_them(url: str) -> None:
    form = {"client_id": CLIENT_ID, "grant_type": "password"}
    async with aiohttp.ClientSession() as session:
        told = await session.post(f"{url}/login/oauth/access_token", data=form)
        assert "error=unsupported_grant_type" in await told.text()


@pytest.mark.parametrize("amiss", [Misbehaviour(status=500), Misbehaviour(silent=True)])
async def test_silence_is_neither_yes_nor_no(url: str, world: World, amiss: Misbehaviour) -> None:
    flow = DeviceFlow(web_url=url, api_url=url, client_id=CLIENT_ID, seconds=0.5)
    world.misbehave(amiss)
    for question in (flow.begin(), flow.outcome("device", EVERY), flow.owner("gho_x")):
        with pytest.raises(Unavailable):
            await question


CODE = {
    "device_code": "d" * 40,
    "user_code": "BCDF-GHJK",
    "verification_uri": "{root}/login/device",
    "expires_in": 900,
    "interval": 5,
}


@asynccontextmanager
async def answering(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[DeviceFlow]:
    """A server that answers everything alike."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    root = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield DeviceFlow(web_url=root, api_url=root, client_id="x", seconds=5)
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    "wrong",
    [
        {"verification_uri": "https://evil.example/login/device"},
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": "{root}/login/device\nEnter it at https://evil.example"},
        {"verification_uri": "{root}/login/device\u202e"},
        {"verification_uri": "{root}/login/device?" + "x" * 200},
        {"verification_uri": "{root}/login/device?user_code=AAAA-AAAA"},
        {"verification_uri": "{root}/login/oauth/authorize"},
        {"verification_uri": "{root}@evil.example/login/device"},
        {"verification_uri": "{root}/login/device#"},
        {"verification_uri": ["{root}/login/device"]},
        {"user_code": "<b>x</b>"},
        {"device_code": "d\r\nX: y"},
        {"device_code": 7},
    ],
)
async def test_a_code_that_leads_elsewhere_is_not_shown(wrong: dict[str, object]) -> None:
    async def answer(request: web.Request) -> web.Response:
        root = str(request.url.origin())
        told = json.dumps({**CODE, **wrong}).replace("{root}", root)
        return web.json_response(text=told)

    async with answering(answer) as flow:
        with pytest.raises(Unavailable):
            await flow.begin()


async def test_times_that_github_names_have_bounds() -> None:
    async def answer(request: web.Request) -> web.Response:
        address = f"{request.url.origin()}/login/device"
        told = {**CODE, "verification_uri": address, "expires_in": 10**9, "interval": -3}
        return web.json_response(told)

    async with answering(answer) as flow:
        begun = await flow.begin()
        assert (begun.lasts, begun.every) == (timedelta(hours=1), EVERY)


@pytest.mark.parametrize(
    "body", [b"[]", b"no json", b"{}", b'{"error": ""}', b"x" * 200_000, b"[" * 60_000]
)
async def test_an_answer_that_says_nothing_is_silence(body: bytes) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    async with answering(answer) as flow:
        for question in (flow.begin(), flow.outcome("d", EVERY), flow.owner("gho_x")):
            with pytest.raises(Unavailable):
                await question


@pytest.mark.parametrize("id", [0, -1, 2**53 + 1, 10**400, True, 1.0, "7", None])
async def test_a_number_that_no_user_has_is_silence(id: object) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"id": id, "login": "uj-admin"})

    async with answering(answer) as flow:
        with pytest.raises(Unavailable):
            await flow.owner("gho_x")


async def test_a_token_follows_no_redirection(url: str) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({}, status=302, headers={"Location": "/elsewhere"})

    async with answering(answer) as flow:
        with pytest.raises(Unavailable):
            await flow.owner("gho_x")
    assert asked == ["/user"]


async def test_no_proxy_stands_on_the_way_to_loopback(
    flow: DeviceFlow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert (await flow.begin()).code


@pytest.mark.parametrize("url", ["http://github.example", "https://a:b@github.com", "github.com"])
def test_a_token_travels_by_tls_alone(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        DeviceFlow(web_url=url, api_url="https://api.github.com", client_id="x")
    with pytest.raises(ValueError, match="https"):
        DeviceFlow(web_url="https://github.com", api_url=url, client_id="x")


async def test_the_page_can_be_used_by_everybody(url: str, world: World) -> None:
    world.add_user(90100151, "evil", '"><script>alert(1)</script>')
    async with aiohttp.ClientSession() as session, session.get(f"{url}/login/device") as page:
        text = await page.text()
        assert "script" not in text.replace("&lt;script&gt;", "").replace("&lt;/script&gt;", "")
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert text.count("<h1>") == 1 and '<html lang="en">' in text and "width=device-width" in text
    named = set(re.findall(r'<label for="(\w+)"', text))
    assert named == set(re.findall(r'<(?:input|select) id="(\w+)"', text))
    status, told = await enter(url, "NONE-SUCH", "uj-admin")
    assert status == 422 and 'role="status">That code is not known' in told
