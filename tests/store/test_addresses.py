"""A channel that got another name in its chat, and the open cards that go with it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, update

from aaroc_bot.core.run import State
from aaroc_bot.store.addresses import Addresses
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import outbox, runs

NOW = datetime(2026, 6, 8, tzinfo=UTC)


async def card(database: Database, run: int, state: State, channel: str) -> None:
    """A run whose card stands in a Telegram group."""
    names = (
        *("verb", "word", "subject", "entry", "site", "holds", "given", "parameters", "reason"),
        *("revision", "revision_subject", "revision_author"),
        *("asked_login", "asked_account", "asked_place"),
    )
    texts = dict.fromkeys(names, "")
    async with database.write() as connection:
        await connection.execute(
            insert(runs).values(
                **texts,
                number=run,
                changes=True,
                plan_only=False,
                revision_at=NOW,
                asked_by=1,
                asked_at=NOW,
                needed=1,
                state=state.value,
                changed_at=NOW,
                attempt=0,
            )
        )
        await connection.execute(
            insert(outbox).values(
                card="run",
                subject=str(run),
                data="{}",
                chat="telegram",
                channel=channel,
                ref=f"m{run}",
                wanted=1,
                shown=1,
                tries=0,
                due=NOW,
            )
        )


async def rows(database: Database) -> list[tuple[str, str | None, int]]:
    async with database.read() as connection:
        found = await connection.execute(select(outbox).order_by(outbox.c.subject))
        return [(row.subject, row.ref, row.wanted) for row in found]


async def test_open_cards_are_posted_anew_and_closed_ones_stay(database: Database) -> None:
    await card(database, 1, State.SUCCEEDED, "-5")
    await card(database, 2, State.WAITING, "-5")
    await card(database, 3, State.WAITING, "-6")
    moved = Addresses(database, lambda: NOW)
    await moved.moved("telegram", "-5", "-1005")
    assert await rows(database) == [("1", "m1", 1), ("2", None, 2), ("3", "m3", 1)]
    assert await moved.all("telegram") == {"-5": "-1005"}
    assert await moved.all("slack") == {}


async def test_a_card_that_was_given_up_is_posted_anew_where_the_channel_went(
    database: Database,
) -> None:
    await card(database, 2, State.WAITING, "-5")
    async with database.write() as connection:
        await connection.execute(update(outbox).values(lost=True))
    await Addresses(database, lambda: NOW).moved("telegram", "-5", "-1005")
    async with database.read() as connection:
        assert await connection.scalar(select(outbox.c.lost)) is False


async def test_told_twice_the_second_time_changes_nothing(database: Database) -> None:
    await card(database, 2, State.WAITING, "-5")
    later = NOW + timedelta(minutes=1)
    for at in (NOW, later):
        await Addresses(database, lambda at=at: at).moved("telegram", "-5", "-1005")  # type: ignore[misc]
    assert await rows(database) == [("2", None, 2)]
