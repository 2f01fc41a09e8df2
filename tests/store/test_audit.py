"""The record: whole under concurrency, refused to be altered, read back as a history."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import event as engine_event
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.audit import GENESIS, Event, Recorded, What, chained
from aaroc_bot.store.audit import AuditWriter, append_in, verify
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import audit, logs
from tests.store.examples import AT, command


async def broken(database: Database) -> int | None:
    async with database.read() as connection:
        return await verify(connection)


async def test_an_appended_event_is_chained_and_committed(database: Database) -> None:
    record = AuditWriter(database)
    assert await record.head() == (0, GENESIS)
    first = await record.append(command("status"))
    second = await record.append(command("runs", person=2**40, run=7))
    assert (first.id, first.before) == (1, GENESIS)
    assert (second.id, second.before) == (2, first.hash)
    assert second.hash == chained(2, second.event, first.hash)
    assert await record.head() == (2, second.hash)
    assert await broken(database) is None


async def test_64_concurrent_appends_share_commits(database: Database) -> None:
    record = AuditWriter(database)
    commits = 0

    def count(_: object) -> None:
        nonlocal commits
        commits += 1

    engine_event.listen(database._writer.sync_engine, "commit", count)
    rows: Sequence[Recorded] = await asyncio.gather(
        *(record.append(command(f"status {n}")) for n in range(64))
    )
    assert [row.id for row in rows] == list(range(1, 65))
    assert [row.event.text for row in rows] == [f"status {n}" for n in range(64)]
    assert commits <= 4
    assert await broken(database) is None


async def test_two_processes_append_to_one_chain(database_url: str) -> None:
    first, second = Database(database_url), Database(database_url)
    records = AuditWriter(first), AuditWriter(second)

    async def transition(database: Database, n: int) -> None:
        async with database.write() as connection:
            await connection.execute(logs.insert().values(run=n, text=""))
            await append_in(connection, command(), command(run=n))

    await asyncio.gather(
        *(records[n % 2].append(command(str(n))) for n in range(20)),
        *(transition((first, second)[n % 2], n) for n in range(10)),
    )
    assert (await records[0].head())[0] == 40
    assert await broken(first) is None
    await first.close()
    await second.close()


async def test_a_transition_that_fails_leaves_no_event(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await append_in(connection, command())
            await connection.execute(logs.insert(), [{"run": 1, "text": ""}] * 2)
    assert await AuditWriter(database).head() == (0, GENESIS)


async def test_one_bad_event_fails_alone(database: Database) -> None:
    record = AuditWriter(database)
    answers = await asyncio.gather(
        record.append(command("one")),
        record.append(command("two", run=2**70)),
        record.append(command("three")),
        return_exceptions=True,
    )
    assert [isinstance(answer, Recorded) for answer in answers] == [True, False, True]
    assert await broken(database) is None


async def test_text_that_a_database_refuses_is_made_storable(database: Database) -> None:
    said = "nul \0, half \ud83d, whole \U0001f44d, line\n, \u202e"
    record = AuditWriter(database)
    kept = await record.append(command(said, site="A", what=What.ACCEPTANCE, outcome=said))
    assert kept.event.text == "nul \ufffd, half \ufffd, whole \U0001f44d, line\n, \u202e"
    assert (await record.history("A")).rows == (kept,)
    assert await broken(database) is None


async def test_a_moment_is_kept_in_utc(database: Database) -> None:
    there = AT.astimezone(timezone(timedelta(hours=2)))
    kept = await AuditWriter(database).append(command(at=there))
    assert kept.event.at == AT
    assert kept.event.at.utcoffset() == timedelta(0)
    with pytest.raises(ValueError, match="zone"):
        await AuditWriter(database).append(command(at=AT.replace(tzinfo=None)))


ALTERATIONS = [
    "UPDATE audit SET outcome = 'succeeded' WHERE id = 1",
    "UPDATE audit SET id = 9 WHERE id = 2",
    "DELETE FROM audit WHERE id = 2",
    "DELETE FROM audit",
    "INSERT INTO audit SELECT 2, what, at, account, person, login, operator, place, text, site,"
    " run, revision, outcome, before, hash FROM audit WHERE id = 2",
    "INSERT INTO audit SELECT 4, what, at, account, person, login, operator, place, text, site,"
    " run, revision, outcome, before, hash FROM audit WHERE id = 2",
    "INSERT INTO audit SELECT 3, what, at, account, person, login, operator, place, text, site,"
    " run, revision, outcome, before, hash FROM audit WHERE id = 2",
]
SQLITE_ALTERATIONS = [
    "INSERT OR REPLACE INTO audit SELECT 1, what, at, account, person, login, operator, place,"
    " text, site, run, revision, outcome, before, hash FROM audit WHERE id = 2",
    "UPDATE OR REPLACE audit SET id = 1 WHERE id = 2",
    "INSERT INTO audit SELECT NULL, what, at, account, person, login, operator, place, text, site,"
    " run, revision, outcome, before, hash FROM audit WHERE id = 2",
]
POSTGRES_ALTERATIONS = [
    "TRUNCATE audit",
    "INSERT INTO audit SELECT * FROM audit WHERE id = 1"
    " ON CONFLICT (id) DO UPDATE SET outcome = 'other'",
    "SET session_replication_role = replica; UPDATE audit SET outcome = 'x'",
    "SET session_replication_role = replica; DELETE FROM audit",
]


async def refuses(database: Database, statement: str) -> None:
    record = AuditWriter(database)
    await record.append(command())
    _, head = await record.head(), await record.append(command())
    with pytest.raises(IntegrityError, match=r"append-only|next row"):
        async with database.write() as connection:
            for part in statement.split("; "):
                await connection.execute(text(part))
    assert await record.head() == (2, head.hash)
    assert await broken(database) is None


@pytest.mark.parametrize("statement", ALTERATIONS)
async def test_the_record_refuses(database: Database, statement: str) -> None:
    await refuses(database, statement)


@pytest.mark.parametrize("statement", SQLITE_ALTERATIONS)
async def test_the_record_refuses_on_sqlite(sqlite_database: Database, statement: str) -> None:
    await refuses(sqlite_database, statement)


@pytest.mark.parametrize("statement", POSTGRES_ALTERATIONS)
async def test_the_record_refuses_on_postgres(postgres_database: Database, statement: str) -> None:
    await refuses(postgres_database, statement)


async def without_triggers(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        return
    for name in ("audit_no_update", "audit_no_delete", "audit_follows"):
        await connection.execute(text(f"DROP TRIGGER {name}"))


TAMPERINGS = [
    ("UPDATE audit SET outcome = 'succeeded' WHERE id = 3", 3),
    ("UPDATE audit SET person = 8 WHERE id = 1", 1),
    ("UPDATE audit SET what = 'nonsense' WHERE id = 2", 2),
    ("UPDATE audit SET at = 'yesterday' WHERE id = 2", 2),
    ("UPDATE audit SET id = id + 10 WHERE id = 5", 5),
    ("DELETE FROM audit WHERE id = 2", 2),
    ("DELETE FROM audit WHERE id = 1", 1),
    ("UPDATE audit SET hash = before WHERE id = 4", 4),
]


@pytest.mark.parametrize(("statement", "number"), TAMPERINGS)
async def test_the_chain_tells_where_it_was_tampered_with(
    sqlite_database: Database, statement: str, number: int
) -> None:
    async with sqlite_database.write() as connection:
        await append_in(connection, *(command(run=n) for n in range(5)))
        await without_triggers(connection)
        await connection.execute(text(statement))
    assert await broken(sqlite_database) == number


async def test_a_chain_longer_than_a_chunk_is_walked_whole(sqlite_database: Database) -> None:
    async with sqlite_database.write() as connection:
        await append_in(connection, *(command() for _ in range(1203)))
        await without_triggers(connection)
    assert await broken(sqlite_database) is None
    async with sqlite_database.write() as connection:
        await connection.execute(text("UPDATE audit SET text = '' WHERE id = 1201"))
    assert await broken(sqlite_database) == 1201


async def test_history_shows_each_run_once_by_its_last_event(database: Database) -> None:
    record = AuditWriter(database)
    for event in (
        command("deploy site-bdii at ZA-UJ", run=1),
        command(what=What.RUN, run=1, outcome="waiting"),
        command(what=What.REFUSAL, run=1, outcome="own request: no"),
        command(what=What.REFUSAL, outcome="No site ZA-UF."),
        command(what=What.LOCK, outcome="locked"),
        command(what=What.APPROVAL, run=1, outcome="yes"),
        command(what=What.RUN, run=2, site="KE-NAIROBI", outcome="waiting"),
        command(what=What.RUN, run=1, outcome="succeeded"),
        command("log 1", run=1),
        command(what=What.ACCEPTANCE, outcome="accepted"),
        command(what=What.CHANGE, outcome="being opened: ZA-UJ bdii_port 2170 → 2171"),
        command(what=What.CHANGE, outcome="#1 open"),
        command(what=What.CHANGE, outcome="merge of #1 at 4f2c1d9 begins"),
        command(what=What.CHANGE, outcome="#1 merged"),
        command(what=What.CHANGE, outcome="#1 merged by roc-expert: path"),
        command(what=What.CHANGE, outcome="not opened: GitHub said no"),
        command(what=What.CHANGE, outcome="4f2c1d9 without a pull request, by x: merged"),
    ):
        await record.append(event)
    history = await record.history("ZA-UJ")
    assert [row.event.outcome for row in history.rows] == [
        "4f2c1d9 without a pull request, by x: merged",
        "#1 merged by roc-expert: path",
        "#1 open",
        "accepted",
        "succeeded",
        "locked",
        "own request: no",
    ]
    assert (history.page, history.left) == (1, 0)
    assert (await record.history("ZA-WITS")).rows == ()


async def test_history_tells_equal_refusals_of_a_person_and_day_once(database: Database) -> None:
    def refused(login: str, text: str = "approve 1", **more: Any) -> Event:
        outcome = "not an expert: That is for ROC experts."
        return command(text, what=What.REFUSAL, login=login, outcome=outcome, **more)

    async with database.write() as connection:
        await append_in(
            connection,
            refused("kenet-admin", at=AT - timedelta(days=1)),
            refused("kenet-admin"),
            refused("uj-admin"),
            refused("kenet-admin", "deny 1"),
            refused("", account="web:stranger"),
            refused("kenet-admin", account="telegram:2"),
            refused("", account="web:other"),
        )
    history = await AuditWriter(database).history("ZA-UJ")
    assert [row.id for row in history.rows] == [7, 6, 5, 4, 3, 1]
    assert history.times == {6: 2}


async def test_history_is_paged(database: Database) -> None:
    record = AuditWriter(database)
    async with database.write() as connection:
        await append_in(
            connection, *(command(what=What.RUN, run=n % 23, outcome=str(n)) for n in range(46))
        )
    pages = [await record.history("ZA-UJ", page) for page in (1, 2, 3, 4)]
    assert [page.left for page in pages] == [13, 3, 0, 0]
    shown = [row.event.outcome for page in pages for row in page.rows]
    assert shown == [str(n) for n in range(45, 22, -1)]


async def test_history_reads_an_index_only(sqlite_database: Database) -> None:
    async with sqlite_database.read() as connection:
        plan = await connection.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT max(id) FROM audit WHERE site = 'A'"
                " AND what IN ('run', 'approval') AND run IS NOT NULL GROUP BY run"
            )
        )
        assert "COVERING INDEX ix_audit_site_what_run_id" in str(plan.all())
        assert (await connection.execute(select(func.count()).select_from(audit))).scalar() == 0
