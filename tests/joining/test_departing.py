"""Who left loses what waits of theirs, is told of once, and nobody else loses anything."""

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from aaroc_bot.core.changes import ChangeState, Draft, SetVariables
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.rights import Membership, Person, Standing
from aaroc_bot.core.run import Asked, State
from aaroc_bot.joining.departing import Departing
from aaroc_bot.store import changes as store
from aaroc_bot.store.changes import NewChange
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import outbox
from tests.runs.test_wishes import waiting
from tests.runs.world import CHANNEL, EXPERT, KENET_ADMIN, UJ_ADMIN, World, account, until

WHY = "uj-admin is no longer a member of AAROC"


@dataclass
class Book:
    """Closes Changes as the real one does, unless GitHub is away."""

    world: World
    away: bool = False
    closed: list[tuple[int, str]] = field(default_factory=list)

    async def close_all_of(self, person: Person, why: str) -> Sequence[int]:
        if self.away:
            raise Unavailable("GitHub")
        async with self.world.database.write() as connection:
            mine = await store.open_ones_of(connection, person.id)
            for change in mine:
                await store.put(connection, change, state=ChangeState.CLOSED.value, why=why)
        self.closed += [(change.id, why) for change in mine]
        return [change.number or 0 for change in mine]


@dataclass
class Desk:
    """Everything together."""

    world: World
    book: Book
    departing: Departing
    woken: list[None]

    async def change(self, by: Person, number: int | None) -> int:
        asked = Asked(by, account(by), CHANNEL, self.world.clock())
        new = NewChange(
            SetVariables("ZA-UJ", (("bdii_port", str(number)),)),
            Draft(f"ZA-UJ bdii_port {number}", (), ()),
            "",
            asked,
            bounded=False,
            base="a" * 40,
            at=self.world.clock(),
        )
        async with self.world.database.write() as connection:
            change = await store.add(connection, new, "bdii-port")
            if number is not None:
                open = ChangeState.OPEN.value
                await store.put(connection, change, state=open, number=number)
        return change.id

    async def told(self) -> list[dict[str, Any]]:
        query = select(outbox.c.data).where(outbox.c.card == "member-left").order_by(outbox.c.id)
        async with self.world.database.read() as connection:
            return [json.loads(data) for data in await connection.scalars(query)]


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def desk(world: World) -> Desk:
    book, woken = Book(world), list[None]()
    departing = Departing(
        database=world.database,
        people=world.folk,
        moves=world.moves,
        changes=book,
        wake=lambda: woken.append(None),
        clock=world.clock,
        every=timedelta(milliseconds=10),
    )
    return Desk(world, book, departing, woken)


async def test_what_waits_of_who_left_ends_and_is_told_once(desk: Desk) -> None:
    world = desk.world
    queued = await waiting(world)
    await world.book.approve(queued, world.folk[EXPERT])
    planning = await world.ask(parameters=(("port", 1),))
    others = await world.ask(by=KENET_ADMIN)
    open, opening = await desk.change(UJ_ADMIN, 52), await desk.change(UJ_ADMIN, None)
    await desk.change(KENET_ADMIN, 53)
    await desk.departing.look()
    assert await desk.told() == [] and not desk.book.closed

    world.folk.change(UJ_ADMIN, membership=Membership.OUTSIDER)
    await desk.departing.look()
    for number in (queued, planning):
        run = await world.run(number)
        assert run.state is State.EXPIRED and run.reason == WHY and run.decided is None
    assert (await world.run(others)).state is State.PLANNING
    assert desk.book.closed == [(open, WHY), (opening, WHY)]
    told = {
        "login": "uj-admin",
        "why": "uj-admin is no longer a member of AAROC",
        "runs": [queued, planning],
        "changes": [52],
    }
    assert await desk.told() == [told] and desk.woken
    await desk.departing.look()
    assert await desk.told() == [told]


@pytest.mark.parametrize(
    "changes",
    [
        {"membership": Membership.CANNOT_TELL},
        {"membership": Membership.PENDING},
        {"membership": Membership.OUTSIDER, "fresh": False},
        {"membership": Membership.MEMBER, "expert": None, "sites": None},
    ],
)
async def test_only_a_clear_no_ends_anything(desk: Desk, changes: dict[str, Any]) -> None:
    number = await desk.world.ask()
    await desk.change(UJ_ADMIN, 52)
    desk.world.folk.change(UJ_ADMIN, **changes)
    await desk.departing.look()
    assert (await desk.world.run(number)).state is State.PLANNING
    assert not desk.book.closed and await desk.told() == []


async def test_what_was_known_a_minute_ago_ends_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    folk, asked = desk.world.folk, list[bool]()

    async def of_person(person: Person, *, now: bool = False) -> Standing:
        asked.append(now)
        member = Membership.MEMBER if now else Membership.OUTSIDER
        return Standing(account(person), person, member, expert=False, sites=frozenset())

    monkeypatch.setattr(folk, "of_person", of_person)
    number = await desk.world.ask()
    await desk.departing._all(now=False)
    assert asked == [False, True]
    assert (await desk.world.run(number)).state is State.PLANNING


async def test_what_runs_goes_on(desk: Desk) -> None:
    world = desk.world
    async with world.running():
        world.stage.keep_runs = True
        number = await world.ask()
        await world.reaches(number, State.WAITING)
        await world.book.approve(number, world.folk[EXPERT])
        await world.plays(number)
        await world.reaches(number, State.RUNNING)
        world.folk.change(UJ_ADMIN, membership=Membership.OUTSIDER)
        await desk.departing.look()
        world.stage.finish(number)
        await world.reaches(number, State.SUCCEEDED)
    assert await desk.told() == []


async def test_a_change_that_cannot_be_closed_yet_is_told_of_once(desk: Desk) -> None:
    await desk.change(UJ_ADMIN, 52)
    await desk.change(KENET_ADMIN, 53)
    number = await desk.world.ask(by=KENET_ADMIN)
    for person in (UJ_ADMIN, KENET_ADMIN):
        desk.world.folk.change(person, membership=Membership.OUTSIDER)
    desk.book.away = True
    for _ in range(2):
        with pytest.raises(Unavailable):
            await desk.departing.look()
    assert (await desk.world.run(number)).state is State.EXPIRED
    told = [
        {
            "login": "kenet-admin",
            "why": "kenet-admin is no longer a member of AAROC",
            "runs": [number],
            "changes": [53],
        },
        {
            "login": "uj-admin",
            "why": "uj-admin is no longer a member of AAROC",
            "runs": [],
            "changes": [52],
        },
    ]
    assert sorted(await desk.told(), key=lambda one: one["login"]) == told
    desk.book.away = False
    await desk.departing.look()
    assert len(desk.book.closed) == 2 and len(await desk.told()) == 2
    await desk.change(UJ_ADMIN, 54)  # let in again, and gone again
    await desk.departing.look()
    assert (await desk.told())[-1] == {
        "login": "uj-admin",
        "why": "uj-admin is no longer a member of AAROC",
        "runs": [],
        "changes": [54],
    }


async def test_it_goes_on_looking_and_says_once_what_is_away(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "aaroc_bot.joining")
    await desk.change(UJ_ADMIN, 52)
    desk.world.folk.change(UJ_ADMIN, membership=Membership.OUTSIDER)
    desk.book.away, tries = True, list[None]()
    closing = desk.book.close_all_of

    async def counted(person: Person, why: str) -> Sequence[int]:
        tries.append(None)
        return await closing(person, why)

    desk.book.close_all_of = counted  # type: ignore[method-assign]
    task = asyncio.create_task(desk.departing.run())

    async def tried() -> bool | None:
        return len(tries) >= 3 or None

    async def closed() -> bool | None:
        return bool(desk.book.closed) or None

    await until(tried)
    assert len(caplog.records) == 1
    desk.book.away = False
    await until(closed)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_change_that_is_opened_again_on_github_is_closed_again(desk: Desk) -> None:
    id = await desk.change(UJ_ADMIN, 52)
    desk.world.folk.change(UJ_ADMIN, membership=Membership.OUTSIDER)
    await desk.departing.look()
    async with desk.world.database.write() as connection:
        change = await store.load(connection, id)
        assert change is not None and change.state is ChangeState.CLOSED
        assert await store.put(connection, change, state=ChangeState.OPEN.value)
    await desk.departing.look()
    assert desk.book.closed == [(id, WHY)] * 2
    assert len(await desk.told()) == 1
