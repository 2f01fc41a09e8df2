"""What one bot learns about people, every bot on the database asks for anew."""

import asyncio

from aaroc_bot.clock import now
from aaroc_bot.joining.forgetting import Forgetting
from aaroc_bot.store.database import Database


async def test_every_bot_forgets(database: Database) -> None:
    forgot = asyncio.Queue[None]()
    told = Forgetting(database, lambda: None, now)
    await told.tell()
    other = Forgetting(database, lambda: forgot.put_nowait(None), now)
    running = asyncio.create_task(other.run())
    async with asyncio.timeout(30):
        await forgot.get()  # what happened before it began
        await told.tell()
        await forgot.get()
    assert forgot.empty()
    running.cancel()
