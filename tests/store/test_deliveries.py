"""GitHub's calls are heard once, by their id and by their body."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from aaroc_bot.store.database import Database
from aaroc_bot.store.deliveries import KEPT, Deliveries


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 6, 8, 14, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def deliveries(database: Database, clock: Clock) -> Deliveries:
    return Deliveries(database, clock)


async def test_a_call_is_heard_once(deliveries: Deliveries, clock: Clock) -> None:
    assert await deliveries.heard("1", "push", b"one")
    assert not await deliveries.heard("1", "push", b"one")
    assert not await deliveries.heard("2", "push", b"one")  # the id is not signed
    assert not await deliveries.heard("1", "push", b"two")
    assert await deliveries.heard("3", "push", b"three")
    clock.at += KEPT + timedelta(minutes=1)
    assert await deliveries.heard("1", "push", b"one")


async def test_of_many_at_once_one_is_heard(deliveries: Deliveries) -> None:
    heard = await asyncio.gather(*(deliveries.heard(str(n), "push", b"one") for n in range(6)))
    assert sum(heard) == 1


async def test_who_is_removed_again_is_heard_again(deliveries: Deliveries) -> None:
    assert await deliveries.heard("1", "membership", b"removed")
    assert not await deliveries.heard("2", "membership", b"removed")
    assert await deliveries.heard("3", "push", b"a push")
    assert not await deliveries.heard("4", "membership", b"removed")
    assert await deliveries.heard("5", "organization", b"added")
    assert await deliveries.heard("6", "membership", b"removed")
    assert not await deliveries.heard("7", "membership", b"removed")
    assert not await deliveries.heard("5", "membership", b"removed")
