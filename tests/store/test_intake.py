"""What was said is kept once, in order, and forgotten when it has been worked on."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from aaroc_bot.core.message import Button, Incoming, Place
from aaroc_bot.core.ports import Pressed
from aaroc_bot.store.database import Database
from aaroc_bot.store.intake import Intake
from aaroc_bot.store.processes import begin
from aaroc_bot.store.tables import buttons, incoming, processes
from tests.store.examples import AT, PLACE, UJ, said


async def test_what_was_said_comes_back_as_it_was(database: Database) -> None:
    whole = Incoming(
        "e1",
        UJ,
        Place("slack", "C1", "t"),
        "nul \0 half \ud83d «x»",
        AT,
        "r",
        "b",
        True,
        "Asia/Aden",
    )
    assert await Intake(database).take_in(whole)
    assert await Intake(database).pending() == [whole]


async def test_an_event_is_taken_in_once(database: Database) -> None:
    intake = Intake(database)
    assert await asyncio.gather(*(intake.take_in(said("e1")) for _ in range(3))) == [
        True,
        False,
        False,
    ]
    assert not await Intake(database).take_in(said("e1", "other"))
    await intake.done("e1")
    await intake.settle()
    assert not await intake.take_in(said("e1"))
    assert await intake.pending() == []


async def test_what_it_heard_itself_was_not_left_by_another(database: Database) -> None:
    """It is worked on already: a start that takes a while must not work on it again."""
    assert await Intake(database).take_in(said("left"))
    intake = Intake(database)
    assert await intake.take_in(said("heard"))
    assert not await intake.take_in(said("left"))
    assert [one.event for one in await intake.pending()] == ["left"]


async def test_what_was_taken_in_too_late_is_not_worked_on_after_a_restart(
    database: Database,
) -> None:
    intake = Intake(database, lambda: AT)
    await intake.take_in(replace(said("late"), until=AT - timedelta(seconds=1)))
    await intake.take_in(replace(said("in time"), until=AT + timedelta(seconds=1)))
    after = Intake(database, lambda: AT)
    assert [one.event for one in await after.pending()] == ["in time"]


async def test_pending_is_in_order(database: Database) -> None:
    intake = Intake(database, lambda: AT)
    events = [f"e{n}" for n in (5, 3, 9, 1, 7)]
    await asyncio.gather(*(intake.take_in(said(event)) for event in events))
    await intake.take_in(said("e0"))
    await intake.done("e9")
    await intake.settle()
    assert [one.event for one in await Intake(database).pending()] == ["e5", "e3", "e1", "e7", "e0"]


async def test_two_processes_take_in_the_same_events(database_url: str) -> None:
    databases = Database(database_url), Database(database_url)
    intakes = [Intake(database) for database in databases]
    answers = await asyncio.gather(
        *(intake.take_in(said(f"e{n}")) for n in range(30) for intake in intakes),
    )
    assert sum(answers) == 30
    for database in databases:
        await database.close()


async def test_text_goes_once_it_was_worked_on(database: Database) -> None:
    intake = Intake(database)
    await intake.take_in(said("e1", "my password is hunter2"))
    await intake.done("e1")
    await intake.settle()
    async with database.read() as connection:
        assert (await connection.execute(select(incoming.c.body))).scalar_one() == ""


async def test_what_is_old_is_pruned(database: Database) -> None:
    now = AT
    intake = Intake(database, lambda: now)
    await intake.take_in(said("done"))
    await intake.done("done")
    await intake.take_in(said("waits"))
    await intake.offer(PLACE, [Button("Old", "approve 1")], 1, "run:1")
    now = AT + timedelta(days=100)
    await intake.offer(PLACE, [Button("New", "approve 2")], 2, "run:2")
    await intake.take_in(said("new"))
    async with database.read() as connection:
        kept = await connection.scalars(select(incoming.c.event).order_by(incoming.c.taken_at))
        assert kept.all() == ["waits", "new"]
        assert (await connection.scalars(select(buttons.c.label))).all() == ["New"]


async def test_a_button_means_what_it_was_offered_for(database: Database) -> None:
    intake = Intake(database)
    place = replace(PLACE, thread="t1")
    wanted = Button("Approve 12", "approve 12"), Button("status", "status", only_for=UJ)
    approve, mine = await intake.offer(place, wanted, 12, "run:12")
    assert await intake.pressed(approve.id) == Pressed("approve 12", place, None, 12)
    assert await intake.pressed(mine.id) == Pressed("status", place, "slack:T1:U1", 12)
    assert await intake.pressed("made up") is None
    assert await intake.pressed("nul \0") is None
    assert len({approve.id, mine.id}) == 2
    assert max(len(approve.id), len(mine.id)) <= 64


async def test_a_button_keeps_its_id_for_its_message_only(database: Database) -> None:
    intake = Intake(database)
    wanted = [Button("Approve 12", "approve 12")]
    first = await intake.offer(PLACE, wanted, 12, "run:12")
    more = [Button("Deny 12", "deny 12"), *wanted]
    assert (await intake.offer(PLACE, more, 12, "run:12"))[1] == first[0]
    assert await intake.offer(PLACE, wanted, 12, "run:13") != first
    assert await intake.offer(Place("slack", "C2"), wanted, 12, "run:12") != first
    assert await intake.offer(PLACE, [], None, "run:12") == ()


async def test_a_button_offered_twice_at_once_has_one_id(database: Database) -> None:
    intake = Intake(database)
    wanted = [Button("Approve 12", "approve 12")]
    offered = await asyncio.gather(
        *(intake.offer(PLACE, wanted, 12, "run:12") for _ in range(4)),
    )
    assert len(set(offered)) == 1
    async with database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(buttons)) == 1


async def test_what_a_process_left_is_taken_over_by_one(postgres_database: Database) -> None:
    now = datetime.now(UTC)
    dead, alive, one, other = (
        Intake(postgres_database, lambda: now, name, timedelta(seconds=30))
        for name in ("dead", "alive", "one", "other")
    )
    async with postgres_database.write() as connection:
        for name in ("dead", "alive", "one", "other"):
            await begin(connection, name, worker=False, sites=None, slots=1, now=lambda: now)
        silent = processes.c.name == "dead"
        ago = datetime.now(UTC) - timedelta(minutes=1)
        await connection.execute(update(processes).where(silent).values(seen_at=ago))
    for intake, event in (dead, "e2"), (dead, "e1"), (alive, "e3"):
        await intake.take_in(said(event))
    given = await asyncio.gather(one.take_over(), other.take_over())
    assert sorted([[s.event for s in each] for each in given]) == [[], ["e2", "e1"]]
    again = Intake(postgres_database, name="alive")
    assert [s.event for s in await again.pending()] == ["e3"]
    assert await dead.pending() == []


async def test_all_that_waits_on_one_machine_is_its_own(sqlite_database: Database) -> None:
    await Intake(sqlite_database, name="before").take_in(said("e1"))
    now = Intake(sqlite_database, name="renamed")
    assert [s.event for s in await now.pending()] == ["e1"]
    assert await now.take_over() == []
