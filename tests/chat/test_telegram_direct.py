"""Telling one account alone in Telegram, where a bot cannot write first."""

import logging

import pytest

from aaroc_bot.core.message import Account
from aaroc_bot.store.database import Database
from tests.chat.telegram_adapter import scene
from tests.outbox.test_outbox import Desk


@pytest.mark.parametrize(
    "refused",
    [
        None,  # whoever never opened the bot's chat: the emulator's own answer
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (400, "Bad Request: chat not found"),
        (400, "Bad Request: PEER_ID_INVALID"),
    ],
)
async def test_who_cannot_be_told_is_given_up_and_logged_once(
    database: Database, caplog: pytest.LogCaptureFixture, refused: tuple[int, str] | None
) -> None:
    caplog.set_level(logging.INFO)
    desk = Desk(database)
    async with scene() as here, here.bot(serving=False) as chat:
        if refused:
            here.telegram.private(here.uj, started=True)
            here.telegram.fail("sendMessage", *refused, times=100)
        async with database.write() as connection:
            account = Account("telegram", "", str(here.uj))
            await desk.box.tell(connection, "linked", "1", {}, account)
        for _ in range(5):
            await desk.delivery.deliver(chat)
            desk.clock.forward(hours=1)
        assert [call.method for call in here.telegram.calls] == ["sendmessage"]
    logged = [record for record in caplog.records if record.name.startswith("aaroc_bot")]
    assert [record.levelname for record in logged] == ["WARNING"]
    assert "linked 1 cannot be shown in telegram:" in logged[0].getMessage()
