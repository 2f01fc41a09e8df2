"""What a digest tells of rows as the bot writes them: runs that were played, Changes merged."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from aaroc_bot.commands import State
from aaroc_bot.core.changes import ChangeState, Draft, SetVariables
from aaroc_bot.core.entries import Entry
from aaroc_bot.core.message import Message
from aaroc_bot.core.plan import HostCount, Recap
from aaroc_bot.core.rights import Person
from aaroc_bot.core.run import Asked
from aaroc_bot.scheduling import DigestFacts, Wanted
from aaroc_bot.store import changes
from aaroc_bot.store.audit import AuditWriter
from aaroc_bot.store.database import Database
from tests.handlers.ports import HANDLERS, NOW, UJ, Described, written
from tests.handlers.sample import KE_NAIROBI, MAREN, ZA_UJ, channel
from tests.runs.world import (
    CHANNEL,
    ENTRY,
    EXPERT,
    KENET_ADMIN,
    READS,
    UJ_ADMIN,
    World,
    account,
    ending,
)

FRIDAY = NOW - timedelta(days=3)
BROKEN = Recap(counts=(HostCount("bdii1", ok=2, failed=1),))


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    world = World(database, tmp_path)
    world.clock.at = FRIDAY - timedelta(days=1)
    return world


def digests(world: World) -> DigestFacts:
    async def ruled() -> tuple[()]:
        return ()

    return DigestFacts(world.database, Wanted((), ruled), world.clock)


async def played(
    world: World, site: str, by: Person = UJ_ADMIN, *, entry: Entry = ENTRY, well: bool = True
) -> int:
    """Ask for a run, have it approved and played to its end."""
    number = await world.ask(by, entry, site)
    if entry.approvals:
        await world.reaches(number, State.WAITING)
        await world.book.approve(number, world.folk[EXPERT])
    more: dict[str, Any] = {} if well else {"status": 2, "recap": BROKEN}
    world.stage.run = lambda job: ending(job, **more)
    await world.reaches(number, State.SUCCEEDED if well else State.FAILED)
    return number


async def change(world: World, site: str, number: int, state: ChangeState) -> None:
    """Keep a Change of a site that came to this state now."""
    now = world.clock()
    new = changes.NewChange(
        SetVariables(site, (("bdii_port", str(number)),)),
        Draft(f"{site} bdii_port {number}", (), ()),
        "",
        Asked(UJ_ADMIN, account(UJ_ADMIN), CHANNEL, now),
        False,
        "a" * 40,
        now,
    )
    async with world.database.write() as connection:
        kept = await changes.add(connection, new, site.lower())
        await changes.put(connection, kept, number=number, state=state.value, changed_at=now)


async def test_a_busy_week(world: World) -> None:
    async with world.running():
        await played(world, "ZA-UJ")
        world.clock.at = FRIDAY + timedelta(hours=1)
        await change(world, "KE-NAIROBI", 41, ChangeState.MERGED)
        world.clock.forward(hours=1)
        await played(world, "ZA-UJ")
        await played(world, "ZA-UJ", entry=READS)
        failed = await played(world, "KE-NAIROBI", KENET_ADMIN, well=False)
        planned = await world.ask(site="ZA-UJ", plan_only=True)
        await world.reaches(planned, State.PLANNED)
        world.clock.forward(days=2)
        await change(world, "ZA-UJ", 52, ChangeState.OPEN)
        waits = await world.ask()
        await world.reaches(waits, State.WAITING)
    world.clock.at = NOW
    facts = await digests(world).facts(FRIDAY)
    assert facts.ended == {State.SUCCEEDED: 2, State.FAILED: 1}
    assert [run.number for run in facts.failed] == [failed]
    assert (facts.merged, set(facts.merges)) == (1, {"KE-NAIROBI"})
    assert [one.number for one in facts.open] == [52]
    said = await told(world, made=None)
    assert said.splitlines() == [
        "Digest, Monday 8 June: 3 sites, 3 need somebody",
        "1 failed · 1 read in part · 1 waiting.",
        f"Waiting: run {waits} at ZA-UJ for an expert (roc-expert) for 22 h"
        " · #52 waiting for a review for 22 h",
        "Since Friday: 3 runs (2 succeeded, 1 failed), 1 Change merged",
        f"Ended badly: run {failed} deploy site-bdii at KE-NAIROBI failed",
        "Merged and not deployed yet: KE-NAIROBI.",
        f"KE-NAIROBI | failed | run {failed}, deploy site-bdii, 2 days ago",
        "maren | in part | Ansible/group_vars/maren is a vault and I have no password for it",
        "Record: 1,490 events, head 77ab…01.",
    ]
    assert max(map(len, said.splitlines())) < 120


async def test_a_quiet_week_and_a_late_digest(world: World) -> None:
    async with world.running():
        for site, by in (("ZA-UJ", UJ_ADMIN), ("KE-NAIROBI", KENET_ADMIN)):
            await played(world, site, by)
    world.clock.at = NOW
    quiet = await shown(world, made=None)
    assert (written(quiet), quiet.state) == (
        "All 2 sites quiet since Friday. Record: 1,490 events, head 77ab…01.",
        "quiet",
    )
    async with world.running():
        await world.reaches(await world.ask(), State.WAITING)
    late = (await told(world, made=NOW)).splitlines()
    assert late[0] == (
        "Digest, Monday 8 June (for 08:00 UTC, 6 h 40 min late): 2 sites, 1 needs somebody"
    )


async def told(world: World, made: datetime | None) -> str:
    return written(await shown(world, made))


async def shown(world: World, made: datetime | None) -> Message:
    """Render the digest's card over the world's rows; with `maren` if anything failed."""
    facts = digests(world)
    failed = (await facts.facts(FRIDAY)).failed
    sites = (KE_NAIROBI, MAREN, ZA_UJ) if failed else (KE_NAIROBI, ZA_UJ)
    room = channel(sites=Described(sites), runs=world.book, digests=facts)
    due = datetime(2026, 6, 8, 8, tzinfo=UTC)
    data = {
        "name": "weekly",
        "for": due.isoformat(),
        "zone": "UTC",
        "made": made and made.isoformat(),
        "since": FRIDAY.isoformat(),
        "events": 1490,
        "head": "77ab" + "0" * 58 + "01",
    }
    return await HANDLERS.cards["digest"](room.desk(), "weekly", data)


async def test_whatever_is_looked_up_has_an_index(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """A record of years must not make `status`, `history` or the digest slow."""
    world = World(sqlite_database, tmp_path)
    asked: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            asked.append((statement, parameters))

    async with sqlite_database.read() as connection:
        engine = connection.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    await digests(world).facts(NOW)
    await digests(world).last()
    await AuditWriter(sqlite_database).history("ZA-UJ")
    book = world.book
    await book.get(1)
    await book.newest(site="ZA-UJ")
    await book.active()
    await book.lasts()
    await book.outcomes()
    await book.last("ZA-UJ")
    await book.usual("deploy", "site-bdii", UJ.login)
    event.remove(engine, "before_cursor_execute", note)
    assert len(asked) > 12
    async with sqlite_database.read() as connection:
        for statement, parameters in asked:
            explain = f"EXPLAIN QUERY PLAN {statement}"
            steps = [row.detail for row in await connection.exec_driver_sql(explain, parameters)]
            bare = [
                step
                for step in steps
                if step.startswith(("SCAN runs", "SCAN audit", "SCAN changes"))
                and "INDEX" not in step
            ]
            assert not bare, (statement, steps)
