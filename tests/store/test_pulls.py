"""Pull requests as rows, and back."""

from dataclasses import replace
from datetime import UTC, datetime

from aaroc_bot.core.pulls import PullState, Review, ReviewState
from aaroc_bot.core.rights import Person
from aaroc_bot.store import pulls
from aaroc_bot.store.database import Database

AT = datetime(2026, 6, 8, 14, tzinfo=UTC)
REVIEW = Review(Person(2, "roc-expert"), ReviewState.CHANGES_REQUESTED, "b" * 40, AT)
PULL = pulls.KnownPull(
    52, "ZA-UJ bdii_port", Person(1, "uj-admin"), PullState.OPEN, "a" * 40, (), AT, told=False
)


async def test_what_is_kept_comes_back(database: Database) -> None:
    changed = replace(PULL, reviews=(REVIEW,), state=PullState.MERGED, author=None)
    async with database.write() as connection:
        assert await pulls.load(connection, 52, lock=True) is None
        assert await pulls.add(connection, PULL)
        assert not await pulls.add(connection, changed)
        assert await pulls.load(connection, 52) == PULL
        await pulls.keep(connection, changed)
        await pulls.add(connection, replace(changed, number=53, told=True))
        await pulls.add(connection, replace(PULL, number=54))
    async with database.read() as connection:
        assert await pulls.load(connection, 52) == changed
        assert set(await pulls.among(connection, [52, 55])) == {52}
        assert await pulls.untold(connection) == [52]
        assert await pulls.unended(connection) == [54]


async def test_no_title_breaks_the_database(database: Database) -> None:
    async with database.write() as connection:
        await pulls.add(connection, replace(PULL, title="a\0b\ud800"))
        kept = await pulls.load(connection, 52)
    assert kept is not None and kept.title == "a\ufffdb\ufffd"
