"""A worker beside a bot, on one PostgreSQL: it plays its site's runs, and its fall is told."""

import time
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from aaroc_bot.core.run import State
from aaroc_bot.store.tables import attempts
from tests.alive.several import (
    ADMIN,
    EXPERT,
    FREE,
    LOST,
    PATIENCE,
    SITE,
    approved,
    begun,
    in_slack,
    killed,
    logged,
    member,
    played,
    said,
    several,
    shown,
    started,
    still,
    until_run,
    work,
)
from tests.chaos.processes import Member
from tests.chaos.processes import until as holds
from tests.chaos.stage import Stage

WORKER = [[SITE]]


async def ended(one: Member) -> int | None:
    """Wait until a process ended by itself; give its exit status."""
    assert one.process is not None
    process = one.process
    await holds(lambda: not process.is_alive(), PATIENCE)
    return process.exitcode


async def last_sign(stage: Stage, run: int) -> datetime:
    """Give when whoever played a run last gave a sign of it."""
    async with stage.database.read() as connection:
        query = select(func.max(attempts.c.seen_at)).where(attempts.c.run == run)
        found: datetime = (await connection.execute(query)).scalar_one()
        return found


async def test_a_site_waits_for_its_worker_which_plays_and_is_cancelled(
    postgres_url: str, tmp_path: Path
) -> None:
    async with several(tmp_path, postgres_url, workers=WORKER) as stage:
        bot, worker = member(stage, "bot-1"), member(stage, "worker-1")
        assert not {name for name in worker.environment if "SLACK" in name or "GITHUB" in name}
        worker.start()
        await logged(worker, f"worker worker-1 is for {SITE}")
        await started(bot)
        await worker.stop()
        await said(stage, ADMIN, work(1, beats=30))
        await until_run(stage, 1, State.PLANNING, reason=f"no worker for {SITE} is there: worker-1")
        await shown(stage, "Asked by", f"no worker for {SITE} is there: worker-1 was last seen")

        worker.start()
        await approved(stage, 1)
        await begun(stage, 1)
        await shown(stage, "Asked by", "running")
        assert (await until_run(stage, 1, State.SUCCEEDED)).attempt >= 1
        await said(stage, ADMIN, "log 1")
        await holds(lambda: any("PLAY [Work]" in t for t in in_slack(stage)), PATIENCE)

        await said(stage, ADMIN, work(2, beats=2000))
        await approved(stage, 2)
        await begun(stage, 2)
        since = time.monotonic()
        await said(stage, EXPERT, "cancel 2 now", "telegram")
        await until_run(stage, 2, State.CANCELLED)
        assert time.monotonic() - since < 20
        await still(stage, 0.3)
        assert ("end", 2) not in played(stage)


async def test_a_worker_that_falls_is_told_and_its_site_is_kept_until_it_is_over(
    postgres_url: str, tmp_path: Path
) -> None:
    async with several(tmp_path, postgres_url, workers=WORKER) as stage:
        bot, worker = member(stage, "bot-1"), member(stage, "worker-1")
        worker.start()
        await started(bot)
        await said(stage, ADMIN, work(1, beats=2000))
        await approved(stage, 1)
        await begun(stage, 1)
        await killed(worker)
        ended_at = (await until_run(stage, 1, State.INTERRUPTED)).ended_at
        since = await last_sign(stage, 1)
        assert LOST < (ended_at - since).total_seconds() < 60
        await shown(stage, "worker-1 has given no sign of life since", f"{SITE}: kept until")
        await shown(stage, "Asked by", "interrupted")
        await still(stage, 0.5)  # its supervisor ended it with the worker
        worker.environment = {**worker.environment, "AAROC_ENGINE__NAME": "worker-2"}
        worker.start()  # another one: who bears the name of the fallen frees its site at once
        await said(stage, ADMIN, work(2))
        await approved(stage, 2)
        await until_run(stage, 2, State.QUEUED, reason="which is kept until it is over there")
        started_at = (await until_run(stage, 2, State.SUCCEEDED)).started_at
        assert (started_at - since).total_seconds() > FREE
        assert [one for one in played(stage) if one[1] == 2] == [("begin", 2), ("end", 2)]


async def test_a_worker_that_cannot_be_says_why(
    postgres_url: str, sqlite_url: str, tmp_path: Path
) -> None:
    wrong = [["ZA-NONE"], [SITE], [SITE], [SITE], [SITE]]
    async with several(tmp_path, postgres_url, bots=0, workers=wrong) as stage:
        unknown, lite, one, twin, guest = stage.members
        lite.environment = {**lite.environment, "AAROC_DATABASE": sqlite_url}
        twin.environment = {**twin.environment, "AAROC_ENGINE__NAME": one.name}
        home = {"AAROC_STATE_DIR": one.environment["AAROC_STATE_DIR"]}
        guest.environment = {**guest.environment, **home}
        for each in (unknown, lite, one):
            each.start()
        await logged(one, "is for")
        twin.start()
        guest.start()
        assert [await ended(each) for each in (unknown, lite, twin, guest)] == [2, 2, 2, 2]
        assert f"ZA-NONE is no site. There are: {SITE}, ZA-C02" in unknown.said
        assert "A worker and its bots need one PostgreSQL" in lite.said
        assert f"A process called {one.name} is alive on this database" in twin.said
        assert "is used by another bot or worker; AAROC_STATE_DIR names another" in guest.said
        assert one.alive
