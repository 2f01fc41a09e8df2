"""The emulated Telegram, seen by the client that the bot uses: limits, and faults on purpose."""

import asyncio
import time

import httpx
import pytest
from telegram import (
    Bot,
)
from telegram.error import (
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from tests.emulators.telegram import Telegram
from tests.emulators.telegram_client import refused


@pytest.fixture(autouse=True)
def times_as_the_bot_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


# --- limits -------------------------------------------------------------------------


async def test_a_group_takes_three_a_second(telegram: Telegram, bot: Bot) -> None:
    group = telegram.group("ROC")
    for number in range(3):
        await bot.send_message(group, str(number))
    with pytest.raises(RetryAfter):
        await bot.edit_message_text("x", group, telegram.messages(group)[0].message_id)
    assert len(telegram.flooded) == 1
    assert telegram.faults == [f"flood: {telegram.flooded[0]}"]


async def test_a_group_takes_twenty_a_minute(
    telegram: Telegram, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = telegram.group("ROC")
    start = time.monotonic()
    now = start
    monkeypatch.setattr("tests.emulators.telegram.flood.monotonic", lambda: now)
    for number in range(20):
        now = start + number
        await bot.send_message(group, str(number))
    now = start + 20
    assert "Retry in 0:00:40" in await refused(bot.send_message(group, "too many"), RetryAfter)
    now = start + 60
    await bot.send_message(group, "again")
    assert len(telegram.flooded) == 1


async def test_a_person_takes_one_a_second_and_all_together_thirty(
    telegram: Telegram, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr("tests.emulators.telegram.flood.monotonic", lambda: now)
    people = [telegram.private(telegram.person(f"P{n}"), started=True) for n in range(11)]
    for person in people[:10]:
        for _ in range(3):
            await bot.send_message(person, "hi")
    with pytest.raises(RetryAfter):
        await bot.send_message(people[10], "hi")
    now += 1
    await bot.send_message(people[0], "hi")
    with pytest.raises(RetryAfter):
        await bot.send_message(people[0], "hi")
    telegram.strict = False
    await bot.send_message(people[0], "hi")
    assert len(telegram.flooded) == 2


# --- faults on purpose --------------------------------------------------------------


async def test_errors_come_as_ordered(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    telegram.fail("sendMessage", 429, retry_after=3)
    telegram.fail("sendMessage", 500)
    telegram.fail("sendMessage", 403, "Forbidden: bot was kicked from the group chat")
    with pytest.raises(RetryAfter):
        await bot.send_message(ann, "one")
    assert "Internal Server Error" in await refused(bot.send_message(ann, "two"), NetworkError)
    assert "kicked" in await refused(bot.send_message(ann, "three"), Forbidden)
    await bot.send_message(ann, "four")
    assert telegram.faults == [f"sendmessage in {ann} did not wait as it was told"]
    assert [shown.text for shown in telegram.messages(ann)] == ["four"]


async def test_silence_with_and_without_effect(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    telegram.silent("sendMessage")
    telegram.silent("sendMessage", effect=False)
    await refused(bot.send_message(ann, "one"), NetworkError)
    await refused(bot.send_message(ann, "two"), NetworkError)
    telegram.silent("sendMessage", hang=True)
    with pytest.raises(TelegramError, match="Timed out"):
        await bot.send_message(ann, "three", read_timeout=0.1)
    assert [shown.text for shown in telegram.messages(ann)] == ["one", "three"]


async def test_a_revoked_token_ends_the_poll_too(telegram: Telegram, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await telegram.until(lambda: telegram.polling)
    telegram.revoke()
    assert await refused(poll, InvalidToken) == "Unauthorized"
    assert await refused(bot.get_me(), InvalidToken) == "Unauthorized"
    telegram.restore()
    await bot.get_me()
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{telegram.api_url}nonsense/getMe")).status_code == 404
        other = await client.get(f"{telegram.api_url}1:{'x' * 35}/getMe")
        assert other.status_code == 401


async def test_telegram_is_away_and_comes_back(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    url = telegram.api_url
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await telegram.until(lambda: telegram.polling)
    await telegram.stop()
    await refused(poll, NetworkError)
    await refused(bot.get_updates(), NetworkError)
    await telegram.say(ann, ann, "while away")
    await telegram.start()
    assert telegram.api_url == url
    assert len(await bot.get_updates()) == 1
