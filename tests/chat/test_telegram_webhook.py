"""The webhook: who may call it, and that 200 means kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from aaroc_bot.chat import telegram_connection
from aaroc_bot.chat.telegram import SECRET, TelegramChat
from aaroc_bot.core.message import Button, Message
from tests.chat.telegram_adapter import Scene, scene, unreadable, until

URL = "https://bot.example/telegram"
CARD = Message("Run 12 · waiting", buttons=(Button("Approve 12", "approve 12", id="b-1"),))


@asynccontextmanager
async def hooked(here: Scene) -> AsyncIterator[tuple[TelegramChat, str]]:
    """Serve with a webhook and give the address that stands for the one from outside."""
    async with here.bot(webhook_url=URL, webhook_secret="s3cret") as chat:
        app = web.Application()
        app.router.add_post("/telegram", chat.hook)
        async with TestServer(app, host="127.0.0.1") as server:
            inside = str(server.make_url("/telegram"))
            here.telegram.webhook_at = inside
            yield chat, inside


async def test_what_comes_by_webhook_is_heard_and_presses_are_answered() -> None:
    async with scene() as here, hooked(here) as (chat, _):
        await here.telegram.say(here.uj, here.roc, "status")
        await until(lambda: here.heard.texts == ["status"] and here.telegram.waiting == 0)
        posted = await chat.post(chat.roc, CARD)
        assert await here.telegram.press(here.uj, here.roc, int(posted.ref), "Approve 12") == ""
        assert here.heard.last.button == "b-1"
        assert here.telegram.faults == []


async def test_what_could_not_be_kept_comes_again() -> None:
    async with scene() as here, hooked(here):
        here.heard.away = True
        await here.telegram.say(here.uj, here.roc, "status")
        await until(lambda: here.heard.times >= 2)
        assert here.telegram.waiting == 1
        here.heard.away = False
        await until(lambda: here.telegram.waiting == 0)
        assert here.heard.texts == ["status"]


@pytest.mark.parametrize("secret", [None, "", "wrong", "s3cret\u00e9"])
async def test_nobody_else_is_heard(secret: str | None) -> None:
    async with scene() as here, hooked(here) as (_, address):
        await until(lambda: any(call.method == "setwebhook" for call in here.telegram.calls))
        headers = {} if secret is None else {SECRET: secret}
        async with aiohttp.ClientSession() as session:
            async with session.post(address, data="{}", headers=headers) as answer:
                assert answer.status == 403
            async with session.post(address, data="[", headers={SECRET: "s3cret"}) as answer:
                assert answer.status == 400
        assert here.heard.said == []


async def test_without_a_webhook_nothing_is_heard_that_way() -> None:
    async with scene() as here, here.bot() as chat:
        app = web.Application()
        app.router.add_post("/telegram", chat.hook)
        async with (
            TestServer(app, host="127.0.0.1") as server,
            aiohttp.ClientSession() as session,
            session.post(server.make_url("/telegram"), data="{}") as answer,
        ):
            assert answer.status == 403


async def test_a_webhook_without_a_secret_is_refused() -> None:
    async with scene() as here:
        with pytest.raises(ValueError, match="secret"):
            async with here.bot(serving=False, webhook_url=URL):
                pass


async def test_a_webhook_that_was_taken_away_is_set_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telegram_connection, "CHECK", 0.05)
    async with scene() as here, hooked(here):
        await until(lambda: here.telegram.server.updates.hook)
        here.telegram.server.updates.set_hook(None, drop=False)
        await until(lambda: here.telegram.server.updates.hook)
        await here.telegram.say(here.uj, here.roc, "status")
        await until(lambda: here.heard.said)


async def test_a_webhook_that_telegram_cannot_reach_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telegram_connection, "CHECK", 0.05)
    async with scene() as here, hooked(here) as (chat, address):
        here.telegram.webhook_at = "http://127.0.0.1:1/telegram"
        await here.telegram.say(here.uj, here.roc, "status")
        await until(lambda: chat.trouble)
        assert chat.trouble == "Telegram cannot call the bot (Connection failed)"
        here.telegram.webhook_at = address
        await until(lambda: chat.trouble is None)
        await asyncio.wait_for(here.telegram.until(lambda: here.heard.said), 20)


async def test_polling_takes_a_webhook_away_that_was_left() -> None:
    async with scene() as here:
        async with hooked(here):
            await until(lambda: here.telegram.server.updates.hook)
        async with here.bot():
            await here.telegram.say(here.uj, here.roc, "status")
            await until(lambda: here.heard.said)


async def test_an_update_that_cannot_be_read_is_let_go_by_webhook_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with scene() as here, hooked(here):
        number = here.telegram.deliver("message", unreadable(here.uj))
        await here.telegram.say(here.uj, here.roc, "status")
        await until(lambda: here.telegram.waiting == 0 and here.heard.texts == ["status"])
    assert f"update {number} cannot be read" in caplog.text
    assert "hush" not in caplog.text


@pytest.mark.parametrize("secret", [b"\xff\xfes3cret", b"s3cret\xc3", "s3crét".encode("latin-1")])
async def test_a_secret_of_odd_bytes_is_refused_and_nothing_more(
    secret: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with scene() as here, hooked(here) as (_, address):
        url = urlsplit(address)
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        writer.write(
            b"POST /telegram HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n"
            + SECRET.encode()
            + b": "
            + secret
            + b"\r\n\r\n{}"
        )
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        assert answer.startswith(b"HTTP/1.1 403 ")
    assert not [record for record in caplog.records if record.exc_info]
