"""After a fall: what a dead process left is found, ended, marked and told, and nothing is lost."""

import asyncio
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from aaroc_bot.core.plan import Progress
from aaroc_bot.core.ports import Unavailable, Verdict
from aaroc_bot.core.run import State
from aaroc_bot.engine.sweep import Sweep
from aaroc_bot.execution import play
from aaroc_bot.process import marked
from aaroc_bot.runs.machine import this_machine
from aaroc_bot.runs.rows import PROGRESS, text
from aaroc_bot.store.database import Database
from aaroc_bot.store.moment import database_now
from aaroc_bot.store.tables import attempts, holds, outbox, runs
from tests.runs.world import EXPERT, READS, World, until


async def left_behind(
    world: World,
    number: int,
    state: State,
    *,
    attempt: int = 1,
    machine: str | None = this_machine(),
) -> None:
    """Leave rows as a process does that was killed during a play."""
    now, plan = world.clock(), state is State.PLANNING
    progress = text(PROGRESS, Progress(7, 11, "site-bdii : configure port", 1))
    async with world.database.write() as connection:
        await connection.execute(
            update(runs)
            .where(runs.c.number == number)
            .values(state=state.value, attempt=attempt, progress=progress, started_at=now)
        )
        row = {"run": number, "attempt": attempt, "plan": plan, "engine": "test", "mark": "0" * 32}
        row |= {"machine": machine, "started_at": now, "seen_at": now}
        await connection.execute(insert(attempts).values(row))
        if not plan:
            hold = {"site": "ZA-UJ", "run": number, "attempt": attempt, "since": now}
            await connection.execute(insert(holds).values(hold))


async def away(world: World) -> list[dict[str, object]]:
    async with world.database.read() as connection:
        rows = await connection.scalars(select(outbox.c.data).where(outbox.c.card == "away"))
        return [json.loads(row) for row in rows]


async def test_a_run_that_was_cut_off_is_marked_and_its_site_freed(world: World) -> None:
    number, waits = await world.ask(), await world.ask(entry=READS)
    await left_behind(world, number, State.RUNNING)
    world.clock.forward(seconds=40)
    assert await world.engine().recover() == (number,)
    run = await world.run(number)
    assert run.state is State.INTERRUPTED
    assert run.reason == "cut off at task 7 of 11 (site-bdii : configure port)"
    assert await world.held() == {} and await world.open_attempts() == 0
    assert await world.outcomes(number) == ["planning", f"interrupted: {run.reason}"]
    [told] = await away(world)
    assert told["from"] == "2026-06-08T14:00:00+00:00" and told["to"] == "2026-06-08T14:00:40+00:00"
    assert told["interrupted"] == [number] and told["waiting"] == [waits]
    async with world.running():
        await world.reaches(waits, State.SUCCEEDED)
    assert len(await away(world)) == 1


@pytest.mark.parametrize("machine", ["another", None])
async def test_a_name_that_moved_to_another_machine_keeps_its_sites(
    world: World, machine: str | None
) -> None:
    """What the dead one had started may live there until the dead-man's limit."""
    number = await world.ask()
    await left_behind(world, number, State.RUNNING, machine=machine)
    assert await world.engine().recover() == (number,)
    assert (await world.run(number)).state is State.INTERRUPTED
    if machine is None and world.database.path is not None:  # before machines were on record
        assert await world.held() == {} and await world.open_attempts() == 0
        return
    assert await world.held() == {"ZA-UJ": number}
    assert await world.engine().recover() == () and len(await away(world)) == 1
    free = timedelta(seconds=130)
    for ago, held in ((free / 2, {"ZA-UJ": number}), (free * 2, {})):
        async with world.database.write() as connection:
            seen = await database_now(connection, world.clock) - ago
            await connection.execute(update(attempts).values(seen_at=seen))
        await Sweep(world.needs(), lost=timedelta(seconds=30), free=free).step()
        assert await world.held() == held
    assert await world.open_attempts() == 0


async def test_an_attempt_says_where_its_processes_can_be_found(world: World) -> None:
    async with world.running():
        await world.reaches(await world.ask(), State.WAITING)
    async with world.database.read() as connection:
        assert await connection.scalar(select(attempts.c.machine)) == this_machine()


async def test_a_plan_that_was_cut_off_is_made_again_once(world: World) -> None:
    number = await world.ask()
    await left_behind(world, number, State.PLANNING)
    assert await world.engine().recover() == ()
    await left_behind(world, number, State.PLANNING, attempt=2)
    assert await world.engine().recover() == (number,)
    run = await world.run(number)
    assert (run.state, run.reason) == (State.INTERRUPTED, "its plan was cut off twice")
    again = await world.ask()
    await left_behind(world, again, State.PLANNING)
    async with world.running():
        await world.reaches(again, State.WAITING)
    assert [card for card, _ in await world.notices()].count("away") == 1


async def test_a_plan_that_really_runs_tasks_is_not_made_again(world: World) -> None:
    number = await world.ask()
    world.depot.playbook += "      check_mode: false\n"
    await left_behind(world, number, State.PLANNING)
    assert await world.engine().recover() == (number,)
    run = await world.run(number)
    assert run.state is State.INTERRUPTED and "really runs some of its tasks" in run.reason


async def test_what_a_fall_left_in_the_private_folder_is_removed(world: World) -> None:
    engine = world.engine()
    left = engine._needs.folder / "7-0" / "tree"
    left.mkdir(parents=True)
    (left / "parameters.json").write_text("{}")
    await engine.recover()
    assert not list(engine._needs.folder.iterdir())


async def test_nothing_to_recover_says_nothing(world: World) -> None:
    number = await world.ask()
    async with world.running():
        await world.reaches(number, State.WAITING)
    assert await world.engine().recover() == ()
    assert await away(world) == [] and (await world.run(number)).state is State.WAITING


async def test_an_attempt_that_was_thought_dead_changes_nothing(world: World) -> None:
    """The row went on meanwhile: whoever comes late ends its process and writes nothing."""
    number = await world.ask(entry=READS)
    world.stage.keep_runs = True
    async with world.running():
        playing = await world.plays(number)
        await world.engine().recover()
        assert (await world.run(number)).state is State.INTERRUPTED
        await asyncio.wait_for(playing.stop.wait(), 5)
        await world.lands()
    run = await world.run(number)
    assert run.state is State.INTERRUPTED and run.recap is None
    assert await world.outcomes(number) == [
        "planning",
        "queued",
        "running",
        "interrupted: cut off before its first task was seen",
    ]


async def test_no_room_for_the_log_is_told_and_the_state_is_true(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_room(*_: object) -> None:
        raise Unavailable("the database")

    monkeypatch.setattr("aaroc_bot.runs.executing.keep_log", no_room)
    async with world.running():
        run = await world.reaches(await world.ask(entry=READS), State.SUCCEEDED)
    assert run.reason == "its log could not be kept" and not run.log
    assert await world.held() == {}


async def test_ansible_plans_and_runs_and_the_second_time_there_is_nothing(
    sqlite_database: Database, tmp_path: Path
) -> None:
    world = World(sqlite_database, tmp_path)
    async with world.running(play):
        number = await world.ask(parameters=(("text", "{{ 1 + 1 }}"),))
        run = await world.reaches(number, State.WAITING, State.FAILED)
        assert run.state is State.WAITING, run.reason
        assert run.plan is not None and [i.task for i in run.plan.items] == ["write"]
        assert not (tmp_path / "written").exists()
        assert await world.book.approve(number, world.folk[EXPERT]) is Verdict.YES
        run = await world.reaches(number, State.SUCCEEDED, State.FAILED)
        assert run.state is State.SUCCEEDED, run.reason
        assert (tmp_path / "written").read_text() == "{{ 1 + 1 }}"
        assert run.recap is not None and run.recap.changed == 1
        again = await world.ask(parameters=(("text", "{{ 1 + 1 }}"),))
        assert (await world.reaches(again, State.SUCCEEDED)).checked_only
    assert list((tmp_path / "runs").iterdir()) == []


async def test_killed_while_ansible_runs(
    sqlite_database: Database, sqlite_url: str, tmp_path: Path
) -> None:
    world = World(sqlite_database, tmp_path)
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.runs.bot", sqlite_url, str(tmp_path)
    )

    async def sleeps() -> str | None:
        async with sqlite_database.read() as connection:
            query = select(attempts).where(attempts.c.pid.is_not(None), ~attempts.c.plan)
            row = (await connection.execute(query)).first()
        begun = row is not None and (tmp_path / "begun").exists()
        return row.mark if row is not None and begun else None

    try:
        mark = await until(sleeps, 60)
    finally:
        os.kill(bot.pid, signal.SIGKILL)
        await bot.wait()
    [run] = await world.book.active()
    assert run.state is State.RUNNING
    assert await world.engine().recover() == (run.number,)
    assert not marked(mark)
    run = await world.run(run.number)
    assert run.state is State.INTERRUPTED and run.reason.startswith("cut off ")
    assert await world.held() == {}
    assert (await away(world))[0]["interrupted"] == [run.number]
