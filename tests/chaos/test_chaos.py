"""Killed again and again, at random and at each step of a run's way: nothing lost or done twice.

The seed is printed; AAROC_TEST_SEED repeats one.
"""

import asyncio
import os
import secrets
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.chaos.checks import explained
from tests.chaos.havoc import Havoc
from tests.chaos.people import People
from tests.chaos.reading import history, left_over
from tests.chaos.stage import Stage, opened
from tests.chaos.wishes import wishes

HEARING = (
    "before aaroc_bot.runs.book:RunBook.ask",
    "after aaroc_bot.runs.book:RunBook.ask",
    "before aaroc_bot.runs.book:RunBook.approve",
    "after aaroc_bot.runs.book:RunBook.approve",
    "before aaroc_bot.chat.slack:SlackChat.post",
    "after aaroc_bot.chat.telegram:TelegramChat.post",
    "before aaroc_bot.engine.clearing:Clearing._cleared",
    "before aaroc_bot.engine.clearing:Clearing._deliver",
    "after aaroc_bot.engine.clearing:Clearing._deliver",
)
"""Points that bots come to."""
PLAYING = (
    "before aaroc_bot.engine.performing:Performer.perform",
    "after aaroc_bot.runs.planning:open_attempt",
    "before aaroc_bot.runs.planning:Planner._close",
    "after aaroc_bot.runs.planning:Planner._close",
    "before aaroc_bot.runs.executing:Executor._claim",
    "after aaroc_bot.runs.executing:open_attempt",
    "after aaroc_bot.runs.executing:Executor._claim",
    "after aaroc_bot.runs.flight:note_process",
    "before aaroc_bot.runs.executing:Executor._write_end",
    "after aaroc_bot.runs.executing:keep_log",
    "after aaroc_bot.runs.executing:Executor._write_end",
)
"""Points that whoever performs runs comes to."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much: what is asked for, how many are under way at once, how often somebody falls."""

    runs: int
    most: int
    kills: int
    every: tuple[float, float]
    patience: float
    away: tuple[float, float] = (0.0, 0.5)
    freezes: float = 0.0


def seed() -> int:
    """Give the seed that is to be repeated, or a new one."""
    return int(os.environ.get("AAROC_TEST_SEED") or secrets.randbelow(1_000_000))


async def survive(stage: Stage, size: Size, number: int) -> None:
    """Have people work amid falls, let all come to its end, and hold the record to account."""
    random = Random(number)
    people = People(stage, wishes(random, size.runs, stage.ground.sites), size.most)
    hearing, playing = list(HEARING), list(PLAYING)
    if all(not member.worker for member in stage.members):
        hearing += playing
    random.shuffle(hearing)
    random.shuffle(playing)
    havoc = Havoc(
        random,
        stage.members,
        size.every,
        size.away,
        points=hearing,
        worker_points=playing,
        freezes=size.freezes,
    )
    working = asyncio.create_task(people.work())
    try:
        raging = asyncio.create_task(havoc.rage())
        await _while_well(
            (working, raging),
            lambda: _true(people.done and havoc.fallen >= size.kills),
            size.patience,
        )
        raging.cancel()
        with suppress(asyncio.CancelledError):
            await raging
        await havoc.calm()
        with suppress(TimeoutError):  # what is left over is told by the checks
            await _while_well((working,), lambda: _quiet(stage, people), size.patience)
    finally:
        working.cancel()
    for member in stage.members:
        await member.stop()
        member.buried()
    found = await history(stage, people.asked)
    states = sorted(run.state for run in found.runs)
    counted = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
    summary = f"seed {number}: {havoc.fallen} kills, {havoc.frozen} freezes; {counted}; fell at"
    sys.stdout.write("\n  ".join([summary, *havoc.fell_at, ""]))
    if problem := explained(found):
        pytest.fail(f"seed {number}\n{problem}", pytrace=False)


async def _true(value: bool) -> bool:
    return value


async def _quiet(stage: Stage, people: People) -> bool:
    if stage.telegram.waiting or not people.done:
        return False
    known = {event["event_id"] for event in stage.slack.events}
    given_up = {event["event_id"] for event in stage.slack.given_up}
    if known - given_up - stage.slack.acknowledged:
        return False
    return not await left_over(stage.database)


async def _while_well(
    tasks: tuple[asyncio.Task[None], ...], over: Callable[[], Awaitable[bool]], seconds: float
) -> None:
    """Wait until it is over; a task that ends meanwhile has failed."""
    async with asyncio.timeout(seconds):
        while not await over():
            for task in tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(0.2)


async def test_one_bot_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    number = seed()
    async with opened(tmp_path, sqlite_url, sites=4, bots=1) as stage:
        await survive(stage, Size(8, 8, 12, (2.5, 5.0), 120), number)


async def test_bots_and_workers_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    number = seed()
    workers: list[list[str]] = [["ZA-C01", "ZA-C02"], []]
    async with opened(tmp_path, postgres_url, sites=6, bots=2, workers=workers) as stage:
        await survive(stage, Size(10, 10, 12, (2.0, 4.0), 120), number)


@pytest.mark.chaos
async def test_many_runs_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    number = seed()
    async with opened(tmp_path, sqlite_url, sites=20, bots=1) as stage:
        await survive(stage, Size(120, 12, 60, (3.0, 8.0), 1200), number)


@pytest.mark.chaos
async def test_three_bots_and_four_workers(postgres_url: str, tmp_path: Path) -> None:
    number = seed()
    workers: list[list[str]] = [["ZA-C01", "ZA-C02", "ZA-C03"], ["ZA-C03", "ZA-C04"], [], []]
    async with opened(tmp_path, postgres_url, sites=20, bots=3, workers=workers) as stage:
        await survive(stage, Size(200, 16, 150, (1.5, 3.0), 1800, (0.0, 4.0)), number)


@pytest.mark.chaos
async def test_frozen_for_longer_than_they_may_be_silent(postgres_url: str, tmp_path: Path) -> None:
    number = seed()
    workers: list[list[str]] = [["ZA-C01", "ZA-C02"], []]
    async with opened(tmp_path, postgres_url, sites=10, bots=2, workers=workers) as stage:
        size = Size(60, 10, 10, (2.0, 5.0), 900, freezes=0.7)
        await survive(stage, size, number)
