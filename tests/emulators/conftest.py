"""The emulated Telegram and a bot on it."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from tests.emulators.telegram import Telegram
from tests.emulators.telegram_client import bot_of


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with Telegram() as emulator:
        yield emulator


@pytest.fixture
async def bot(telegram: Telegram) -> AsyncIterator[Bot]:
    async with bot_of(telegram) as client:
        yield client
