"""A process without channels: cards that stand are changed, notices come into their threads."""

from datetime import UTC, datetime

from sqlalchemy import select

from aaroc_bot.core.message import Place
from aaroc_bot.outbox import Outbox
from aaroc_bot.standing import StandingCards
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import outbox

CHANNELS = [Place("slack", "C1"), Place("telegram", "-1")]


def now() -> datetime:
    return datetime(2026, 6, 8, tzinfo=UTC)


async def test_a_card_is_changed_where_it_stands_and_nowhere_else(database: Database) -> None:
    async with database.write() as connection:
        await Outbox(CHANNELS, now).bump(connection, "run", "1")
        await StandingCards(now).bump(connection, "run", "1")
        await StandingCards(now).bump(connection, "run", "2")
    async with database.read() as connection:
        rows = (await connection.execute(select(outbox))).all()
    assert [(row.subject, row.wanted) for row in rows] == [("1", 2), ("1", 2)]


async def test_a_notice_comes_once_into_each_thread(database: Database) -> None:
    cards = StandingCards(now)
    async with database.write() as connection:
        await Outbox(CHANNELS, now).bump(connection, "run", "1")
        for _ in range(2):
            await cards.notice(connection, "run-ended", "1", {"a": 1}, under=("run", "1"))
            await cards.notice(connection, "away", "today", {})
    async with database.read() as connection:
        rows = (await connection.execute(select(outbox).order_by(outbox.c.id))).all()
    parents = {row.id: row.chat for row in rows if row.card == "run"}
    ended = [row for row in rows if row.card == "run-ended"]
    assert [parents[row.under] for row in ended] == ["slack", "telegram"]
    away = [(row.chat, row.channel, row.under) for row in rows if row.card == "away"]
    assert sorted(away) == [("slack", "C1", None), ("telegram", "-1", None)]
