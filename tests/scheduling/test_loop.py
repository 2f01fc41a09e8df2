"""What is due is done once, however many look; what was missed once, late, and says so."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from aaroc_bot.core.message import Message, Place
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.schedules import Schedule, Task
from aaroc_bot.outbox import Outbox
from aaroc_bot.scheduling import DigestFacts, Firing, Scheduling, Wanted
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import audit, outbox, schedules

DAILY = Schedule("daily", Task.DIGEST, "0 8 * * *")


class World:
    """A database, a clock that the test moves, and what it says the rules are."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.at = datetime(2026, 6, 8, 7, 0, tzinfo=UTC)
        self.own: Sequence[Schedule] = (DAILY,)
        self.ruled: Sequence[Schedule] = ()
        self.away = False
        self.says = True
        self.quiet = False
        self.refreshed = 0

    def loop(self) -> Scheduling:
        firing = Firing(
            database=self.database,
            box=Outbox([Place("web", "roc")], self.now),
            render=self.render,
            refresh=self.refresh,
            quiet=self.quiet,
            now=self.now,
        )
        wanted = Wanted(self.own, self.rules)
        return Scheduling(database=self.database, wanted=wanted, firing=firing, now=self.now)

    async def look(self, **later: float) -> None:
        self.at += timedelta(**later)
        await self.loop().step()

    def now(self) -> datetime:
        return self.at

    async def rules(self) -> Sequence[Schedule]:
        if self.away:
            raise Unavailable("the repository")
        return self.ruled

    async def render(self, card: str, subject: str, data: Mapping[str, Any]) -> Message:
        return Message("", state=None if self.says else "quiet")

    async def refresh(self) -> None:
        self.refreshed += 1

    async def said(self) -> list[dict[str, Any]]:
        async with self.database.read() as connection:
            rows = await connection.execute(select(outbox).order_by(outbox.c.id))
            return [json.loads(row.data) | {"card": row.card} for row in rows]

    async def events(self) -> list[str]:
        async with self.database.read() as connection:
            return list(await connection.scalars(select(audit.c.outcome).order_by(audit.c.id)))

    async def dues(self) -> dict[str, str]:
        async with self.database.read() as connection:
            rows = await connection.execute(select(schedules.c.name, schedules.c.due))
            return {row.name: f"{row.due:%d %H:%M}" for row in rows}


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


async def test_a_digest_is_said_at_its_time_once(world: World) -> None:
    await world.look()
    assert await world.dues() == {"daily": "08 08:00"}
    assert await world.said() == []
    await world.look(hours=1)
    await world.look(seconds=1)
    (said,) = await world.said()
    assert (said["card"], said["made"], said["events"]) == ("digest", None, 0)
    assert await world.events() == ["digest of the schedule daily for 2026-06-08 08:00 UTC"]
    await world.look(days=1)
    last = (await world.said())[-1]
    assert (last["since"], last["events"]) == ("2026-06-08T08:00:00+00:00", 1)


async def test_of_several_who_look_at_once_one_says_it(world: World) -> None:
    await world.look()
    world.at += timedelta(hours=1)
    await asyncio.gather(*(world.loop().step() for _ in range(4)))
    assert len(await world.said()) == len(await world.events()) == 1


async def test_what_was_missed_for_days_is_done_once_and_late(world: World) -> None:
    await world.look()
    await world.look(days=3, hours=4)
    await world.look(seconds=1)
    (said,) = await world.said()
    assert said["for"] == "2026-06-08T08:00:00+00:00"
    assert said["made"] == "2026-06-11T11:00:00+00:00"
    assert (await world.events())[0].endswith("for 2026-06-08 08:00 UTC, 3 days late")
    assert await world.dues() == {"daily": "12 08:00"}


async def test_a_clock_that_was_put_forward_for_a_while_silences_nothing(world: World) -> None:
    await world.look()
    await world.look(days=3650)
    world.at -= timedelta(days=3650)
    await world.look()
    async with world.database.read() as connection:
        due = await connection.scalar(select(schedules.c.due))
    assert due == datetime(2026, 6, 8, 8, 0, tzinfo=UTC)


async def test_nothing_to_say_is_on_record_and_not_said_if_so_set(world: World) -> None:
    world.quiet, world.says = True, False
    await world.look()
    await world.look(hours=1)
    assert await world.said() == []
    assert (await world.events())[0].endswith("; nothing to say")


async def test_reminders_are_said_only_where_something_waits(world: World) -> None:
    world.own = (Schedule("nudge", Task.REMINDERS, "0 8 * * *"),)
    world.says = False
    await world.look()
    await world.look(hours=1)
    assert await world.said() == []
    world.says = True
    await world.look(days=1)
    assert [one["card"] for one in await world.said()] == ["reminders"]


async def test_a_refresh_looks_at_the_repository(world: World) -> None:
    world.own = (Schedule("look", Task.REFRESH, "0 8 * * *"),)
    await world.look()
    await world.look(hours=1)
    await world.look(seconds=1)
    assert world.refreshed == 1


async def test_rows_follow_settings_and_accepted_rules(world: World) -> None:
    late = Schedule("late", Task.DIGEST, "0 20 * * *", "Africa/Johannesburg")
    world.ruled = (late, Schedule("daily", Task.DIGEST, "0 12 * * *"))
    await world.look()
    assert await world.dues() == {"daily": "08 08:00", "late": "08 18:00"}
    world.away = True  # what cannot be read is not gone
    await world.look()
    assert set(await world.dues()) == {"daily", "late"}
    world.away, world.ruled = False, ()
    world.own = (Schedule("daily", Task.DIGEST, "30 9 * * *"),)
    await world.look()
    assert await world.dues() == {"daily": "08 09:30"}


async def test_the_facts_of_an_empty_database_and_the_clash_of_names(world: World) -> None:
    world.ruled = (DAILY,)
    facts = DigestFacts(world.database, Wanted(world.own, world.rules), world.now)
    assert await facts.last() is None
    told = await facts.facts(world.at)
    assert (told.ended, told.merged, told.open) == ({}, 0, ())
    assert told.broken == (
        "the schedule daily of .aaroc.yml does not count: the operator's has the same name",
    )
    await world.look()
    await world.look(hours=1)
    assert await facts.last() == world.at
