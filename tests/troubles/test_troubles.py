"""A chat in trouble is told in the others, once, and so is its return."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from aaroc_bot import troubles
from aaroc_bot.core.message import Place
from aaroc_bot.outbox import Outbox
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import outbox
from aaroc_bot.troubles import Troubles
from tests.runs.world import Clock, until


async def cards(database: Database) -> list[tuple[str, str]]:
    async with database.read() as connection:
        rows = await connection.execute(select(outbox).order_by(outbox.c.id))
        return [(row.card, row.chat) for row in rows]


async def test_trouble_is_told_elsewhere_and_its_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(troubles, "EVERY", 0)
    slack = SimpleNamespace(name="slack", trouble=None)
    telegram = SimpleNamespace(name="telegram", trouble=None)
    box = Outbox((Place("slack", "C1"), Place("telegram", "-5")), Clock())
    clock = Clock()
    watching = Troubles(database, box, (slack, telegram), clock)
    task = asyncio.create_task(watching.watch())

    async def told(*expected: tuple[str, str]) -> bool | None:
        return await cards(database) == list(expected) or None

    async def seen_well() -> bool | None:
        return "slack" in watching._well or None

    try:
        slack.trouble = "Slack refuses the bot's token (token_revoked)"
        await until(lambda: told(("chat-trouble", "telegram")))
        for _ in range(3):  # it comes and goes
            slack.trouble = None
            await asyncio.sleep(0)
            clock.forward(seconds=30)
            slack.trouble = "Slack has not answered since 14:03 UTC"
            await asyncio.sleep(0)
        await until(lambda: told(("chat-trouble", "telegram")))
        slack.trouble = None
        await until(seen_well)
        clock.forward(seconds=90)
        await until(lambda: told(("chat-trouble", "telegram"), ("chat-back", "telegram")))
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
