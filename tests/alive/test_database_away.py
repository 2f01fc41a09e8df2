"""The database is away for a while in the middle of everything: refused, and nothing is lost."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from aaroc_bot.core.run import State
from tests.alive.several import (
    ADMIN,
    PATIENCE,
    SITE,
    approved,
    begun,
    in_slack,
    in_telegram,
    logged,
    member,
    played,
    record,
    said,
    settled,
    several,
    shown,
    started,
    until_run,
    work,
)
from tests.chaos.processes import until as holds
from tests.chaos.reading import left_over
from tests.chaos.stage import Stage
from tests.runs.world import until

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
REFUSED = "Not taken in, try again."
LATER = "Not taken in yet: the database does not answer."


def is_known_once(texts: Callable[[Stage], list[str]], stage: Stage) -> bool:
    """Whether what was said while the database was away was answered, once."""
    return known(texts(stage)) == 1


@asynccontextmanager
async def away(server: str, url: str) -> AsyncIterator[None]:
    """Have a database take no connections, and end those that it has."""
    name = make_url(url).database
    assert name is not None
    switch = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as admin:
        await admin.execute(switch.format(sql.Identifier(name), sql.SQL("false")))
        try:
            await admin.execute(CUT, [name])
            yield
        finally:
            await admin.execute(switch.format(sql.Identifier(name), sql.SQL("true")))


async def refused(stage: Stage) -> None:
    """See that a command is refused with a sentence."""
    user = stage.in_slack[ADMIN]
    told = await stage.slack.command(user, stage.channel, "/aaroc", f"lock {SITE} 2h switch")
    assert told is not None and told["text"] == REFUSED


def told_later(stage: Stage) -> int:
    """Count who was told in Slack that what they said waits."""
    return sum(text.startswith(LATER) for text in in_slack(stage))


def known(texts: list[str]) -> int:
    """Count the answers to `whoami`."""
    return sum("AAROC: member" in text for text in texts)


async def test_a_postgresql_that_hangs_is_told_of_and_loses_nothing(
    postgres_url: str, tmp_path: Path
) -> None:
    async with several(tmp_path, postgres_url) as stage:
        await started(member(stage, "bot-1"))
        await stage.slack.until(lambda: stage.slack.sockets, PATIENCE)
        async with await psycopg.AsyncConnection.connect(postgres_url) as holder:
            await holder.execute("LOCK TABLE incoming IN ACCESS EXCLUSIVE MODE")
            await refused(stage)
            for chat in ("slack", "telegram"):
                await said(stage, ADMIN, "whoami", chat)
            await holds(lambda: told_later(stage) == 1, PATIENCE)
            await holds(lambda: any(t.startswith(LATER) for t in in_telegram(stage)), PATIENCE)
            await holder.rollback()
        for texts in (in_slack, in_telegram):
            await holds(partial(is_known_once, texts, stage), PATIENCE)
        await settled(stage)
        assert await record(stage, "lock") == []
        assert known(in_slack(stage)) == known(in_telegram(stage)) == told_later(stage) == 1


async def test_postgresql_is_away_while_a_bot_and_a_worker_play(
    postgres_server: str, postgres_url: str, tmp_path: Path
) -> None:
    async with several(tmp_path, postgres_url, workers=[[SITE]]) as stage:
        bot, worker = member(stage, "bot-1"), member(stage, "worker-1")
        worker.start()
        await logged(worker, "is for")
        await started(bot)
        for wish, site in enumerate((SITE, "ZA-C02"), start=1):
            await said(stage, ADMIN, work(wish, beats=90, site=site))
            await approved(stage, wish)
        await begun(stage, 1)
        await begun(stage, 2, "ZA-C02")
        before = [bot.process, worker.process]
        async with away(postgres_server, postgres_url):
            await refused(stage)
            await said(stage, ADMIN, "whoami")
            await holds(lambda: told_later(stage) == 1, PATIENCE)
            await said(stage, ADMIN, "good morning all")  # nobody's business
            await said(stage, ADMIN, "whoami", "telegram")  # kept by Telegram meanwhile
            await holds(lambda: any(t.startswith(LATER) for t in in_telegram(stage)), PATIENCE)
            await holds(lambda: ("end", 1) in played(stage), PATIENCE)
            await holds(lambda: ("end", 2) in played(stage, "ZA-C02"), PATIENCE)
        for number in (1, 2):
            await until_run(stage, number, State.SUCCEEDED)
        await shown(stage, "Run 1", "Asked by", "succeeded")
        await shown(stage, "Run 2", "Asked by", "succeeded")
        for chat in (in_slack, in_telegram):
            await holds(partial(is_known_once, chat, stage), PATIENCE)
        await said(stage, ADMIN, work(3))
        await approved(stage, 3, "telegram")
        await until_run(stage, 3, State.SUCCEEDED)
        await settled(stage)
        assert before == [bot.process, worker.process] and bot.alive and worker.alive
        assert await record(stage, "lock") == []
        assert played(stage) == [("begin", 1), ("end", 1), ("begin", 3), ("end", 3)]
        assert not any("no sign of life" in text for text in in_slack(stage))
        assert told_later(stage) == 1 and known(in_slack(stage)) == 1
        assert bot.said.count("goes on unseen") == 1 == worker.said.count("goes on unseen")
        assert stage.slack.faults == [] and stage.telegram.faults == []

        async def none_left() -> bool | None:
            return await left_over(stage.database) == [] or None

        await until(none_left, PATIENCE)


async def test_sqlite_cannot_be_written_while_a_run_is_under_way(
    sqlite_url: str, tmp_path: Path
) -> None:
    path = make_url(sqlite_url).database
    assert path is not None
    async with several(tmp_path, sqlite_url) as stage:
        bot = member(stage, "bot-1")
        await started(bot)
        await said(stage, ADMIN, work(1, beats=70))
        await approved(stage, 1)
        await begun(stage, 1)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await refused(stage)
        await holds(lambda: ("end", 1) in played(stage), PATIENCE)
        other.execute("ROLLBACK")
        other.close()
        await until_run(stage, 1, State.SUCCEEDED)
        await shown(stage, "Run 1", "Asked by", "succeeded")
        await settled(stage)
        assert bot.alive and await record(stage, "lock") == []
        assert await left_over(stage.database) == []
