"""Whatever is appended is read back as it was hashed, and any change to it shows."""

import asyncio
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aaroc_bot.core.audit import GENESIS, Event, What, chained
from aaroc_bot.store.audit import AuditWriter, append_in, verify
from aaroc_bot.store.database import Database

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=20)
NUMBER = st.none() | st.integers(-(2**63), 2**63 - 1)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
EVENTS = st.builds(
    Event,
    what=st.sampled_from(What),
    at=st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=ZONES),  # noqa: DTZ001
    account=ANYTHING,
    person=NUMBER,
    login=ANYTHING,
    operator=ANYTHING,
    place=ANYTHING,
    text=ANYTHING,
    site=ANYTHING,
    run=NUMBER,
    revision=ANYTHING,
    outcome=ANYTHING,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(EVENTS, max_size=20))
def test_a_chain_of_anything_verifies(database_url: str, events: Sequence[Event]) -> None:
    async def append() -> None:
        database = Database(database_url)
        last, before = await AuditWriter(database).head()
        async with database.write() as connection:
            rows = await append_in(connection, *events)
        assert [row.id for row in rows] == list(range(last + 1, last + 1 + len(events)))
        assert [row.before for row in rows] == [before, *(row.hash for row in rows)][: len(rows)]
        assert all(row.event.at == event.at for row, event in zip(rows, events, strict=True))
        async with database.read() as connection:
            assert await verify(connection) is None
        await database.close()

    asyncio.run(append())


@given(EVENTS, EVENTS, st.integers(1, 2**40))
def test_every_field_is_part_of_the_hash(event: Event, other: Event, id: int) -> None:
    event, other = (replace(each, at=each.at.astimezone(UTC)) for each in (event, other))
    hash = chained(id, event, GENESIS)
    for field in fields(Event):
        changed = replace(event, **{field.name: getattr(other, field.name)})
        assert (chained(id, changed, GENESIS) == hash) == (changed == event)
    assert chained(id + 1, event, GENESIS) != hash
    assert chained(id, event, hash) != hash
