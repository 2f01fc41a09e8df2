"""python-telegram-bot on the emulated Telegram, and a webhook: what its tests share."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, TelegramError
from telegram.request import HTTPXRequest

from tests.emulators.telegram import Telegram


def client() -> HTTPXRequest:
    """Make a connection that asks no proxy."""
    return HTTPXRequest(connection_pool_size=8, httpx_kwargs={"trust_env": False})


@asynccontextmanager
async def bot_of(telegram: Telegram) -> AsyncIterator[Bot]:
    """Give a bot with its own connections."""
    bot = Bot(
        telegram.token, base_url=telegram.api_url, request=client(), get_updates_request=client()
    )
    async with bot:
        yield bot


async def refused(call: Awaitable[Any], kind: type[TelegramError] = BadRequest) -> str:
    """Give the refusal's words, which python-telegram-bot turns into lower case but for the first."""
    with pytest.raises(kind) as refusal:
        await call
    return str(refusal.value)


@asynccontextmanager
async def hook(
    handler: Callable[[web.Request], Awaitable[web.Response]],
) -> AsyncIterator[str]:
    """Serve a webhook on loopback and give its address."""
    app = web.Application()
    app.router.add_post("/telegram", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    finally:
        await runner.cleanup()
