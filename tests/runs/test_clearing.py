"""A clearance is good for a minute: while a run was delivered and has not begun it is renewed."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from aaroc_bot.core.entries import Entry
from aaroc_bot.core.rights import Membership
from aaroc_bot.core.run import State
from aaroc_bot.store.moment import database_now
from aaroc_bot.store.tables import runs
from tests.runs.test_wishes import waiting
from tests.runs.world import EXPERT, World, until


class Slow:
    """Has each export of a run wait until the test lets it go on."""

    def __init__(self, world: World) -> None:
        self._export = world.depot.export
        self.begun, self.go = asyncio.Event(), asyncio.Event()

    async def export(self, sha: str, site: str, entry: Entry, folder: Path) -> Any:
        self.begun.set()
        await self.go.wait()
        return await self._export(sha, site, entry, folder)


async def delivered(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[int, Slow]:
    """Have a run approved that, once it is delivered, is long in being exported."""
    number = await waiting(world)
    await world.book.approve(number, world.folk[EXPERT])
    slow = Slow(world)
    monkeypatch.setattr(world.depot, "export", slow.export)
    return number, slow


async def given_back(world: World) -> None:
    """Wait until what was delivered has come to its end."""
    [engine] = world.alive

    async def there() -> bool | None:
        async with world.database.read() as connection:
            return not await engine.deliverer.under_way(connection) or None

    await until(there)


async def test_a_right_that_is_lost_after_the_delivery_ends_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, slow = await delivered(world, monkeypatch)
    async with world.running():
        await asyncio.wait_for(slow.begun.wait(), 60)
        world.folk.change(EXPERT, membership=Membership.OUTSIDER)
        await world.cleared(number, ago=timedelta(seconds=31))
        run = await world.reaches(number, State.EXPIRED)
        slow.go.set()
        await given_back(world)
    assert run.reason == "roc-expert may not approve any more"
    assert not [job for job in world.stage.jobs if not job.check]
    assert await world.held() == {} and await world.open_attempts() == 0


async def test_it_is_renewed_and_then_it_begins(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, slow = await delivered(world, monkeypatch)

    async def renewed() -> bool | None:
        async with world.database.read() as connection:
            at = await connection.scalar(select(runs.c.cleared_at).where(runs.c.number == number))
            now = await database_now(connection, world.clock)
        return (at is not None and at > now - timedelta(seconds=30)) or None

    async with world.running():
        await asyncio.wait_for(slow.begun.wait(), 60)
        await world.cleared(number, ago=timedelta(seconds=61))
        await until(renewed)
        slow.go.set()
        await world.reaches(number, State.SUCCEEDED)
    assert [job.check for job in world.stage.jobs] == [True, False]


async def test_too_old_a_clearance_begins_nothing_while_github_is_silent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, slow = await delivered(world, monkeypatch)
    async with world.running():
        await asyncio.wait_for(slow.begun.wait(), 60)
        world.folk.silence()
        await world.cleared(number, ago=timedelta(seconds=61))
        await world.waits_because(number, "GitHub does not tell who uj-admin is")
        slow.go.set()
        await given_back(world)
        assert (await world.run(number)).state is State.QUEUED
    assert not [job for job in world.stage.jobs if not job.check]


async def test_what_was_found_long_before_does_not_count_as_found_now(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository that takes its time makes no right younger than it is."""
    number = await waiting(world)
    await world.book.approve(number, world.folk[EXPERT])
    asked, go = asyncio.Event(), asyncio.Event()

    async def refresh() -> bool:
        asked.set()
        await go.wait()
        return False

    monkeypatch.setattr(world.depot, "refresh", refresh)
    async with world.database.read() as connection:
        before = await database_now(connection, world.clock)
    async with world.running():
        await asyncio.wait_for(asked.wait(), 60)
        world.clock.forward(minutes=5)
        async with world.database.read() as connection:
            after = await database_now(connection, world.clock)
        noted = world.alive[0].clearing._deliver
        found: list[datetime] = []

        async def deliver(number: int, queue: str | None, asked_at: datetime) -> None:
            found.append(asked_at)
            await noted(number, queue, asked_at)

        monkeypatch.setattr(world.alive[0].clearing, "_deliver", deliver)
        go.set()
        await world.reaches(number, State.SUCCEEDED)
    assert before <= found[0] <= after
    if world.database.path is not None:  # its clock is the test's: it had to be asked again
        assert len(found) > 1 and found[0] == before
