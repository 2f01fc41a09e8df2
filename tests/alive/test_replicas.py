"""Two bots on one PostgreSQL: each thing once, whoever falls, and an upgrade without a gap."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from aaroc_bot.core.run import State
from aaroc_bot.store.tables import schedules
from tests.alive.several import (
    ADMIN,
    EXPERT,
    PATIENCE,
    approved,
    in_slack,
    in_telegram,
    killed,
    member,
    played,
    ready,
    record,
    said,
    settled,
    several,
    shown,
    started,
    until_run,
    work,
)
from tests.chaos.processes import Member
from tests.chaos.processes import until as holds
from tests.chaos.stage import ASKERS, Stage
from tests.runs.world import until

DAILY = {"name": "yearly", "what": "digest", "cron": "0 3 1 1 *"}


def cards(texts: list[str]) -> list[str]:
    """Give the cards of runs; an answer that names a run has one line of it."""
    return [text for text in texts if text.startswith("Run ") and "Asked by" in text]


def digests(texts: list[str]) -> list[str]:
    """Give the digests; one with nothing to say begins with how many are quiet."""
    return [text for text in texts if text.startswith(("Digest, ", "All "))]


async def make_due(stage: Stage) -> None:
    """Have the digest be due for a second."""

    async def planned() -> bool | None:
        async with stage.database.write() as connection:
            due = datetime.now(UTC) - timedelta(seconds=1)
            done = await connection.execute(update(schedules).values(due=due))
        return done.rowcount == 1 or None

    await until(planned, PATIENCE)


async def _keeps(bot: Member) -> bool | None:
    return await ready(bot) == "ready, keeps" or None


async def test_each_thing_is_there_once_whoever_keeps(postgres_url: str, tmp_path: Path) -> None:
    more = {"AAROC_SCHEDULES": json.dumps([DAILY])}
    async with several(tmp_path, postgres_url, bots=2, more=more) as stage:
        first, second = member(stage, "bot-1"), member(stage, "bot-2")
        await started(first)
        await started(second)
        await holds(lambda: stage.slack.sockets == 2, PATIENCE)
        await until(lambda: _keeps(first), PATIENCE)
        assert await ready(second) == "ready, stands by"
        for login in ASKERS:
            await said(stage, login, "whoami")
        await said(stage, ADMIN, work(1), "telegram")
        await make_due(stage)
        await until_run(stage, 1, State.WAITING)
        await holds(lambda: len(digests(in_slack(stage))) == 1, PATIENCE)
        await settled(stage)
        assert sum("AAROC: member" in text for text in in_slack(stage)) == len(ASKERS)

        await killed(first)
        await until(lambda: _keeps(second), PATIENCE)
        await make_due(stage)
        await said(stage, EXPERT, "approve 1", "telegram")
        await until_run(stage, 1, State.SUCCEEDED)
        await shown(stage, "Asked by", "succeeded")
        await holds(lambda: len(digests(in_telegram(stage))) == 2, PATIENCE)
        await settled(stage)
        assert played(stage) == [("begin", 1), ("end", 1)]
        assert len(await record(stage, "approval")) == 1
        for texts in (in_slack(stage), in_telegram(stage)):
            assert (len(cards(texts)), len(digests(texts))) == (1, 2)
        assert stage.slack.faults == [] and stage.telegram.faults == []


async def test_an_approval_waits_through_a_rolling_upgrade(
    postgres_url: str, tmp_path: Path
) -> None:
    async with several(tmp_path, postgres_url, bots=2) as stage:
        old, new = member(stage, "bot-1"), member(stage, "bot-2")
        await started(old)
        await said(stage, ADMIN, work(1))
        await until_run(stage, 1, State.WAITING)
        await started(new)
        await old.stop()
        await approved(stage, 1, "telegram")
        await until_run(stage, 1, State.SUCCEEDED)
        await shown(stage, "Asked by", "succeeded")
        await settled(stage)
        assert played(stage) == [("begin", 1), ("end", 1)]
        assert len(cards(in_slack(stage))) == len(cards(in_telegram(stage))) == 1
