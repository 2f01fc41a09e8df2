"""What is kept of acceptances, on both databases: one transaction, once, in order."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Account
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.rights import AccountLink, Person
from aaroc_bot.store import frozen
from aaroc_bot.store.acceptances import Acceptances, SpeaksNoMore
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import audit

AT = datetime(2026, 6, 8, 14, 0, tzinfo=UTC)
EVENT = Event(What.ACCEPTANCE, AT, outcome="accepted")
EXPERT = Person(7, "roc-expert")
A, B, C = "a" * 40, "b" * 40, "c" * 40


async def _events(database: Database) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(audit))).scalar_one()


async def test_one_first_start(database: Database) -> None:
    starts = [Acceptances(database) for _ in range(5)]
    lines = {"ZA-UJ": ["one", "two"]}
    done = await asyncio.gather(*(s.begin(A, lines, "root", [EVENT]) for s in starts))
    assert sorted(done) == [False, False, False, False, True]
    assert await _events(database) == 1
    for each in starts:
        assert await each.sha() == A
    assert await starts[0].lines("ZA-UJ") == {"one", "two"}
    assert await starts[0].lines("KE-NAIROBI") == frozenset()


async def test_only_on_top_of_what_was_judged(database: Database) -> None:
    kept = Acceptances(database)
    assert not await kept.accept_rules(B, after=A, by=EXPERT, event=EVENT)
    await kept.begin(A, {}, "root", [EVENT])
    others = [Acceptances(database) for _ in range(4)]
    done = await asyncio.gather(
        *(
            o.accept_rules(sha, after=A, by=EXPERT, event=EVENT)
            for o, sha in zip(others, (B, C, B, C), strict=True)
        )
    )
    assert sum(done) == 1 and await _events(database) == 2
    shas = {await Acceptances(database).sha()} | {await other.sha() for other in others}
    assert len(shas) == 1 and shas < {B, C}
    assert (await Acceptances(database).rules()) is not None


async def test_lines_are_accepted_once(database: Database) -> None:
    kept = Acceptances(database)
    for _ in range(2):
        await kept.accept_lines("ZA-UJ", ["one", "one"], by=EXPERT, event=EVENT)
    assert await kept.lines("ZA-UJ") == {"one"}


async def test_without_its_audit_event_nothing_is_accepted(database: Database) -> None:
    kept = Acceptances(database)
    wrong = Event(What.ACCEPTANCE, datetime(2026, 6, 8))  # noqa: DTZ001
    await kept.begin(A, {}, "root", [EVENT])
    with pytest.raises(Exception, match="zone"):
        await kept.accept_rules(B, after=A, by=EXPERT, event=wrong)
    assert await Acceptances(database).sha() == A


async def test_a_database_that_is_away(tmp_path: object) -> None:
    away = Acceptances(Database(f"sqlite:///{tmp_path}/none.sqlite"))
    with pytest.raises(Unavailable):
        await away.sha()


async def test_who_was_frozen_or_unlinked_a_moment_ago_accepts_nothing(
    database: Database,
) -> None:
    kept = Acceptances(database)
    await kept.begin(A, {}, "root", [EVENT])
    gone = AccountLink(Account("telegram", "", "77"), EXPERT, AT, AT + timedelta(days=90), AT)
    with pytest.raises(SpeaksNoMore):
        await kept.accept_rules(B, after=A, by=EXPERT, event=EVENT, link=gone)
    with pytest.raises(SpeaksNoMore):
        await kept.accept_lines("ZA-UJ", ["one"], by=EXPERT, event=EVENT, link=gone)
    async with database.write() as connection:
        await frozen.freeze(connection, EXPERT, "root", AT)
    with pytest.raises(SpeaksNoMore):
        await kept.accept_rules(B, after=A, by=EXPERT, event=EVENT)
    with pytest.raises(SpeaksNoMore):
        await kept.accept_lines("ZA-UJ", ["one"], by=EXPERT, event=EVENT)
    assert await Acceptances(database).sha() == A and await _events(database) == 1
    assert await kept.lines("ZA-UJ") == frozenset()
