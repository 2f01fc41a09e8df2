"""Updates that cannot be read, and a bot that stumbles over Telegram's answers."""

from datetime import timedelta
from typing import Any

import pytest

from aaroc_bot.chat import telegram_connection
from aaroc_bot.chat.telegram_reading import number
from aaroc_bot.chat.telegram_taking import Taking
from tests.chat.telegram_adapter import scene, unreadable, until


@pytest.mark.parametrize("change", [{}, {"chat": None, "migrate_to_chat_id": 5, "entities": []}])
async def test_an_update_that_cannot_be_read_is_let_go_and_named_without_its_text(
    caplog: pytest.LogCaptureFixture, change: dict[str, Any]
) -> None:
    async with scene() as here, here.bot() as chat:
        await here.telegram.say(here.uj, here.roc, "before")
        lost = here.telegram.deliver("message", unreadable(here.uj) | change)
        await here.telegram.say(here.uj, here.roc, "after")
        await until(lambda: here.telegram.waiting == 0 and len(here.heard.said) == 2)
        assert here.heard.texts == ["before", "after"]
        await until(lambda: here.telegram.polling)
        assert chat.trouble is None
    assert caplog.text.count(f"update {lost} cannot be read") == 1
    assert "hush" not in caplog.text


@pytest.mark.parametrize("raw", [None, [], "x", {}, {"update_id": "7"}, {"update_id": None}])
def test_what_has_no_number_is_no_update(raw: object) -> None:
    with pytest.raises(ValueError, match="no number"):
        number(raw)


@pytest.mark.parametrize("slowly", [False, True])
async def test_stumbling_again_and_again_is_told_until_it_is_over(
    monkeypatch: pytest.MonkeyPatch, slowly: bool
) -> None:
    times, taken = 0, Taking.all

    async def stumble(*_: object) -> None:
        nonlocal times
        times += 1
        raise RuntimeError("words of somebody")

    monkeypatch.setattr(Taking, "all", stumble)
    monkeypatch.setattr(telegram_connection, "LONGEST_PAUSE", 0.1)
    async with scene() as here, here.bot() as chat:
        await here.telegram.say(here.uj, here.roc, "status")
        await until(lambda: times == 1)
        assert chat.trouble is None
        if slowly:
            here.clock.ahead = timedelta(minutes=1)
        await until(lambda: chat.trouble)
        assert times == 2 if slowly else times >= 5
        told = "Telegram cannot be read: a fault of the bot (RuntimeError), see its log"
        assert chat.trouble == told
        seen = times
        await until(lambda: times > seen)
        assert chat.trouble == told
        monkeypatch.setattr(Taking, "all", taken)
        await until(lambda: here.heard.texts == ["status"] and chat.trouble is None)
