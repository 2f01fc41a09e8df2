"""GitHub's rate limit is told once for each window, before it is used up."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from aaroc_bot import allowance
from aaroc_bot.allowance import Allowance
from aaroc_bot.core.message import Place
from aaroc_bot.github.headers import Limit
from aaroc_bot.outbox import Outbox
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import outbox
from tests.runs.world import Clock, until


@dataclass
class Desk:
    """One process that watches; `limit` is what GitHub's last answer said."""

    database: Database
    clock: Clock
    limit: Limit | None = None
    looks: int = 0

    def watching(self) -> Allowance:
        def limit() -> Limit | None:
            self.looks += 1
            return self.limit

        box = Outbox((Place("slack", "C1"), Place("telegram", "-5")), self.clock)
        return Allowance(self.database, box, limit, self.clock)

    def says(self, remaining: int, minutes: int = 40) -> None:
        self.limit = Limit(remaining, 5000, self.clock() + timedelta(minutes=minutes))

    async def told(self) -> list[tuple[str, dict[str, Any]]]:
        query = select(outbox).where(outbox.c.card == "github-limit").order_by(outbox.c.id)
        async with self.database.read() as connection:
            return [(row.chat, json.loads(row.data)) for row in await connection.execute(query)]

    async def looked(self) -> None:
        """Let it look once more at what GitHub says now, whole."""
        seen = self.looks

        async def twice() -> bool | None:
            return self.looks >= seen + 2 or None

        await until(twice)


@pytest.fixture
async def desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(allowance, "EVERY", 0)
    desk = Desk(database, Clock())
    task = asyncio.create_task(desk.watching().watch())
    yield desk
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_low_limit_is_told_once_in_every_chat(desk: Desk) -> None:
    await desk.looked()
    desk.says(500)
    await desk.looked()
    assert await desk.told() == []
    desk.says(499)
    assert desk.limit is not None
    first = desk.limit
    for left in (499, 20, 0):
        desk.limit = replace(first, remaining=left, resets_at=first.resets_at)
        await desk.looked()
    desk.limit = replace(first, resets_at=first.resets_at + timedelta(seconds=1))
    await desk.looked()
    ends = first.resets_at.isoformat()
    data = {"remaining": 499, "limit": 5000, "resets_at": ends}
    assert await desk.told() == [("slack", data), ("telegram", data)]


async def test_after_the_window_nothing_is_said_and_the_next_is_another(desk: Desk) -> None:
    desk.says(100)
    await desk.looked()
    desk.clock.forward(minutes=41)
    await desk.looked()
    desk.says(5000, minutes=60)
    await desk.looked()
    assert len(await desk.told()) == 2
    desk.says(50, minutes=60)
    await desk.looked()
    assert [data["remaining"] for _, data in await desk.told()] == [100, 100, 50, 50]


async def test_what_is_long_over_is_not_told(desk: Desk) -> None:
    desk.says(3, minutes=-1)
    await desk.looked()
    assert await desk.told() == []


async def test_after_a_fall_it_is_not_told_again(desk: Desk) -> None:
    desk.says(100)
    await desk.looked()
    other = asyncio.create_task(desk.watching().watch())
    try:
        await desk.looked()
        await desk.looked()
    finally:
        other.cancel()
        with suppress(asyncio.CancelledError):
            await other
    assert len(await desk.told()) == 2


async def test_while_the_database_is_away_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(allowance, "EVERY", 0)
    nowhere = Database(f"sqlite:///{tmp_path / 'none' / 'bot.db'}")
    desk = Desk(nowhere, Clock())
    desk.says(100)
    task = asyncio.create_task(desk.watching().watch())
    try:
        await desk.looked()
        assert not task.done() and "told later" in caplog.text
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await nowhere.close()
