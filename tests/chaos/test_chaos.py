"""Killed again and again, at random and at each step of a run's way: nothing lost or done twice.

The seed is printed; AAROC_TEST_SEED repeats one. AAROC_TEST_KILLS has the scenarios with many
runs go on until so many kills in each, with as many more runs: thousands take hours.
"""

import asyncio
import os
import secrets
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from tests.chaos.checks import explained
from tests.chaos.havoc import Havoc
from tests.chaos.people import People
from tests.chaos.points import FETCHING, HEARING, PLAYING, SWEEPING
from tests.chaos.reading import history, left_over
from tests.chaos.stage import Stage, opened
from tests.chaos.wishes import plain, wishes


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

    def grown(self) -> "Size":
        """Give the size with the kills that are wished for, and with runs and time in proportion."""
        kills = int(os.environ.get("AAROC_TEST_KILLS") or self.kills)
        runs, patience = self.runs * kills // self.kills, self.patience * kills / self.kills
        return replace(
            self, kills=kills, runs=max(runs, self.runs), patience=max(patience, self.patience)
        )


def seed() -> int:
    """Give the seed that is to be repeated, or a new one."""
    return int(os.environ.get("AAROC_TEST_SEED") or secrets.randbelow(1_000_000))


async def survive(stage: Stage, size: Size, number: int) -> None:
    """Have people work amid falls, let all come to its end, and hold the record to account."""
    sys.stdout.write(f"seed {number}\n")  # also if all takes too long
    random = Random(number)
    *wished, first, second = wishes(random, size.runs + 2, stage.ground.sites)
    people = People(stage, wished, size.most)
    if any(member.worker for member in stage.members):
        hearing, playing = [*HEARING, *SWEEPING], [*PLAYING, *FETCHING]
    else:
        hearing, playing = [*HEARING, *PLAYING], []
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
        people.calm = (plain(first), plain(second))
        with suppress(TimeoutError):  # what is left over is told by the checks
            await _while_well((working,), lambda: _quiet(stage, people), size.patience)
    finally:
        working.cancel()
    for member in stage.members:
        await member.stop()
        member.buried()
    found = await history(stage, people)
    states = sorted(run.state for run in found.runs)
    counted = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
    summary = f"{havoc.fallen} kills, {havoc.frozen} freezes; {counted}; fell at"
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
        # Each fall takes all that is played with it, and half of a short life is its start.
        await survive(stage, Size(200, 12, 100, (6.0, 12.0), 1800).grown(), number)


@pytest.mark.chaos
async def test_three_bots_and_four_workers(postgres_url: str, tmp_path: Path) -> None:
    number = seed()
    workers: list[list[str]] = [["ZA-C01", "ZA-C02", "ZA-C03"], ["ZA-C03", "ZA-C04"], [], []]
    async with opened(tmp_path, postgres_url, sites=20, bots=3, workers=workers) as stage:
        size = Size(200, 16, 200, (1.5, 3.0), 1800, (0.0, 4.0)).grown()
        await survive(stage, size, number)


@pytest.mark.chaos
async def test_frozen_for_longer_than_they_may_be_silent(postgres_url: str, tmp_path: Path) -> None:
    number = seed()
    workers: list[list[str]] = [["ZA-C01", "ZA-C02"], []]
    async with opened(tmp_path, postgres_url, sites=10, bots=2, workers=workers) as stage:
        size = Size(60, 10, 10, (2.0, 5.0), 900, freezes=0.7)
        await survive(stage, size, number)
