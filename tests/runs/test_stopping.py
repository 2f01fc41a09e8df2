"""Whatever wakes a loop at the very moment when it is ended, it ends."""

import asyncio

import pytest

from aaroc_bot.outbox import Delivery
from aaroc_bot.store.database import Database
from tests.outbox.test_outbox import Wall
from tests.runs.world import World


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 20)


async def test_an_engine_that_is_woken_and_ended_at_once_ends(world: World) -> None:
    engine = world.engine()
    task = asyncio.create_task(engine.round.run())
    looked = asyncio.Event()
    step = engine.round.step

    async def noted() -> None:
        await step()
        looked.set()

    engine.round.step = noted  # type: ignore[method-assign]
    await asyncio.wait_for(looked.wait(), 20)
    await asyncio.sleep(0)  # it waits again
    engine.wake()
    await asyncio.sleep(0)  # the waiter is done, who waits for it not yet
    await _ended(task)


async def test_an_outbox_that_is_woken_and_ended_at_once_ends(
    world: World, database: Database
) -> None:
    box, delivered = world.box, asyncio.Event()
    wall = Wall()
    delivery = Delivery(
        database=database, box=box, chats={wall.name: wall}, render=None,  # type: ignore[arg-type]
        leaving=None, now=world.clock,  # type: ignore[arg-type]
    )  # fmt: skip
    deliver = delivery.deliver

    async def noted(chat: object) -> int:
        sent = await deliver(chat)  # type: ignore[arg-type]
        delivered.set()
        return sent

    delivery.deliver = noted  # type: ignore[method-assign]
    task = asyncio.create_task(delivery.run())
    await asyncio.wait_for(delivered.wait(), 20)
    await asyncio.sleep(0)
    box.wake()
    await asyncio.sleep(0)
    await _ended(task)
