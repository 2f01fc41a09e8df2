"""The hooks: strangers who send half a call do not keep others from being heard."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from aaroc_bot.web import turnstile
from aaroc_bot.web.hooks import Hook, create_hooks
from aaroc_bot.web.server import create_app, start

SECRET = "X-Secret"
HALF = b"POST /chat HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n"
STRANGERS = [
    HALF,  # headers that never end
    HALF + b"\r\n{",  # a body that never ends
    HALF + b"X-Secret: guessed\r\n\r\n{",
    b"",
]


async def hook(request: web.Request) -> web.Response:
    """Answer as the chats' hooks do: nothing is read of a call without a secret."""
    if SECRET not in request.headers:
        return web.Response(status=401)
    await request.read()
    return web.Response(status=200 if request.headers[SECRET] == "ours" else 401)


@asynccontextmanager
async def listening(hook: Hook = hook) -> AsyncIterator[int]:
    runner = await start(create_hooks({"/chat": hook}), "127.0.0.1", 0)
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def strangers(port: int, sent: list[bytes]) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Connect once for each of `sent`, and stay."""
    ends: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    try:
        for half in sent:
            ends.append(await asyncio.open_connection("127.0.0.1", port))
            ends[-1][1].write(half)
        yield [reader for reader, _ in ends]
    finally:
        for _, writer in ends:
            writer.close()


async def read(reader: asyncio.StreamReader) -> bytes:
    """Read until the server closes, which it does for all of them."""
    try:
        async with asyncio.timeout(8):
            return await reader.read()
    except ConnectionError:
        return b""


async def call(port: int, secret: str = "ours") -> int:
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session,
        session.post(
            f"http://127.0.0.1:{port}/chat", data=b"{}", headers={SECRET: secret}
        ) as answer,
    ):
        assert answer.headers["Connection"] == "close"
        return answer.status


async def test_hundreds_of_unfinished_calls_keep_nobody_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with listening() as port, strangers(port, STRANGERS * 100) as readers:
        assert await call(port) == 200
        # the first ones made room
        await asyncio.gather(*(read(reader) for reader in readers[: 400 - turnstile.MOST]))
        assert await call(port) == 200
    assert len([line for line in caplog.records if "cut" in line.message]) == 1
    assert not [line for line in caplog.records if line.exc_info]


@pytest.mark.parametrize("half", STRANGERS)
async def test_what_does_not_come_wholly_ends(half: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "LIFE", 0.2)
    async with listening() as port, strangers(port, [half]) as (reader,):
        await read(reader)


async def test_a_late_body_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "LIMIT", 0.1)
    async with listening() as port, strangers(port, STRANGERS[2:3]) as (reader,):
        assert (await read(reader)).startswith(b"HTTP/1.1 408 ")


async def test_nothing_is_read_of_a_call_without_a_secret() -> None:
    async with listening() as port, strangers(port, STRANGERS[1:2]) as (reader,):
        assert (await read(reader)).startswith(b"HTTP/1.1 401 ")


async def test_who_came_wholly_does_not_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "MOST", 3)
    came, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        await request.read()
        came.set()
        await go_on.wait()
        return web.Response()

    async with listening(slow) as port:
        task = asyncio.create_task(call(port))
        await came.wait()
        async with strangers(port, STRANGERS[:1] * 9) as readers:
            await asyncio.gather(*(read(reader) for reader in readers[:7]))
            go_on.set()
            assert await task == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"what is this\r\n\r\n",
        b"POST /chat HTTP/1.1\r\nHost: x\r\nX-Secret: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /chat HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        HALF + b"X-Secret: a\r\nContent-Encoding: gzip\r\n\r\n" + b"x" * 900,
        b"POST /chat HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
    ],
)
async def test_no_stranger_orders_a_traceback(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening() as port:
        async with strangers(port, [sent]) as (reader,):
            assert (await read(reader))[8:].startswith((b" 400 ", b" 401 "))
        assert await call(port, "guessed") == 401
    assert not [line for line in caplog.records if line.exc_info]


async def test_a_stranger_who_leaves_orders_none_either(caplog: pytest.LogCaptureFixture) -> None:
    reading, left = asyncio.Event(), asyncio.Event()

    async def reads(request: web.Request) -> web.Response:
        reading.set()
        try:
            await request.read()
        finally:
            left.set()
        return web.Response()

    async with listening(reads) as port:
        async with strangers(port, STRANGERS[2:3]):
            await reading.wait()
        await left.wait()
    assert not [line for line in caplog.records if line.exc_info]


async def test_the_health_is_behind_the_turnstile_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "MOST", 5)

    async def ready() -> None:
        return None

    runner = await start(create_app(ready), "127.0.0.1", 0)
    port = runner.addresses[0][1]
    async with (
        strangers(port, STRANGERS * 5),
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/readyz") as answer,
    ):
        assert await answer.text() == "ready\n"
    await runner.cleanup()
