"""Pull requests as GitHub told of them last: one row each, with every review."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.pulls import PullState, Review
from aaroc_bot.core.rights import Person
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import pulls

REVIEWS: TypeAdapter[tuple[Review, ...]] = TypeAdapter(tuple[Review, ...])
"""The column `reviews`: those of any head."""


@dataclass(frozen=True, slots=True)
class KnownPull:
    """What is kept of a pull request; `title` is redacted, `told` whether its merge was told."""

    number: int
    title: str
    author: Person | None
    state: PullState
    head: str
    reviews: tuple[Review, ...]
    updated_at: datetime
    told: bool


async def load(connection: AsyncConnection, number: int, *, lock: bool = False) -> KnownPull | None:
    """Read one; `lock` keeps its row for the rest of a writing transaction."""
    query = select(pulls).where(pulls.c.number == number)
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    return None if row is None else _known(row)


async def among(connection: AsyncConnection, numbers: Collection[int]) -> Mapping[int, KnownPull]:
    """Read those of `numbers` that are known."""
    rows = await connection.execute(select(pulls).where(pulls.c.number.in_(numbers)))
    return {row.number: _known(row) for row in rows}


async def untold(connection: AsyncConnection) -> Sequence[int]:
    """Give the numbers of those that are merged and whose merge was not told yet."""
    merged = pulls.c.state == PullState.MERGED.value
    query = select(pulls.c.number).where(merged, pulls.c.told.is_(False))
    return list(await connection.scalars(query))


async def unended(connection: AsyncConnection) -> Sequence[int]:
    """Give the numbers of those that were open when they were last looked at."""
    query = select(pulls.c.number).where(pulls.c.state == PullState.OPEN.value)
    return list(await connection.scalars(query))


async def add(connection: AsyncConnection, pull: KnownPull) -> bool:
    """Write one down that is not known, and keep its row; False if it is known.

    Of two who found the same at once the second waits for the first here.
    """
    row = {"number": pull.number} | _values(pull)
    insertion = inserting(connection, pulls).values(row).on_conflict_do_nothing()
    return await connection.scalar(insertion.returning(pulls.c.number)) is not None


async def keep(connection: AsyncConnection, pull: KnownPull) -> None:
    """Write down anew what is known."""
    await connection.execute(
        update(pulls).where(pulls.c.number == pull.number).values(_values(pull))
    )


async def ends_at(connection: AsyncConnection, number: int, head: str) -> None:
    """Note where the bot itself just moved one's branch; the rest is read at the next look."""
    await connection.execute(update(pulls).where(pulls.c.number == number).values(head=head))


def _values(pull: KnownPull) -> dict[str, object]:
    return {
        "title": storable(pull.title),
        "author": pull.author.id if pull.author else None,
        "author_login": storable(pull.author.login) if pull.author else "",
        "state": pull.state.value,
        "head": pull.head,
        "reviews": storable(REVIEWS.dump_json(pull.reviews).decode()),
        "updated_at": pull.updated_at,
        "told": pull.told,
    }


def _known(row: Row[tuple[object, ...]]) -> KnownPull:
    return KnownPull(
        number=row.number,
        title=row.title,
        author=None if row.author is None else Person(row.author, row.author_login),
        state=PullState(row.state),
        head=row.head,
        reviews=REVIEWS.validate_json(row.reviews),
        updated_at=row.updated_at,
        told=row.told,
    )
