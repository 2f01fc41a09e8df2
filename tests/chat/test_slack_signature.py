"""What comes to Slack's hook: refused before it is read unless Slack signed it."""

import asyncio
import hashlib
import hmac
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import pytest

from aaroc_bot.web.hooks import create_hooks
from aaroc_bot.web.server import start
from tests.chat.slack_bench import Bench, bench

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
UNREADABLE = [
    (b"[1]", JSON),
    (b"null", JSON),
    (b"5", JSON),
    (b'"x"', JSON),
    (b"{", JSON),
    (b"[" * 100_000, JSON),
    (b'{"type":' * 20_000, JSON),
    (b"payload=null", FORM),
    (b"payload=[1]", FORM),
    (b"payload=" + b"[" * 100_000, FORM),
    (b"{}", "application/json; charset=no-such"),
]


def signed(secret: str, body: bytes, at: float | None = None) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


@asynccontextmanager
async def hooked() -> AsyncIterator[tuple[Bench, int]]:
    async with bench(http=True) as made:
        runner = await start(create_hooks({"/slack": made.chat.hook}), "127.0.0.1", 0)
        await made.slack.until(lambda: made.slack.calls)
        try:
            yield made, runner.addresses[0][1]
        finally:
            await runner.cleanup()
    assert made.heard == []


async def told(port: int, body: bytes, type: str, headers: Mapping[str, str]) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"http://127.0.0.1:{port}/slack", data=body, headers={"Content-Type": type, **headers}
        ) as answer,
    ):
        return answer.status


async def test_what_cannot_be_read_orders_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async with hooked() as (made, port):
        for body, type in [*UNREADABLE, (b"\xff", JSON)]:
            assert await told(port, body, type, {}) == 401, body[:20]
            assert await told(port, body, type, signed("another", body)) == 401, body[:20]
        for body, type in UNREADABLE:
            status = await told(port, body, type, signed(made.slack.signing_secret, body))
            assert status == 400, body[:20]
    assert not [line for line in caplog.records if line.exc_info]
    assert not [line for line in caplog.records if line.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    "altered",
    [
        {"X-Slack-Signature": "v0=é"},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": "9" * 5000},
        {"X-Slack-Request-Timestamp": "١٢"},
    ],
)
async def test_odd_headers_are_refused(
    altered: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    async with hooked() as (made, port):
        headers = signed(made.slack.signing_secret, b"{}") | altered
        assert await told(port, b"{}", JSON, headers) == 401
    assert not [line for line in caplog.records if line.exc_info]


@pytest.mark.parametrize(
    "headers", [{}, signed("another", b"{}", time.time() - 400), {"X-Slack-Signature": "v0=1"}]
)
async def test_nothing_is_read_of_an_unsigned_or_old_call(headers: dict[str, str]) -> None:
    async with hooked() as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = ["POST /slack HTTP/1.1", "Host: x", "Content-Length: 900000"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", "{"]).encode())
        async with asyncio.timeout(4):  # less than a body may take
            assert (await reader.readline()).split()[1] == b"401"
        writer.close()
