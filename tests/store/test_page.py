"""The web chat's page is kept change by change."""

import asyncio

from aaroc_bot.store.database import Database
from aaroc_bot.store.page import Page


async def test_changes_come_back_in_order(database: Database) -> None:
    page = Page(database)
    assert await page.newest() == 0
    first = await page.add("m1", '{"text": "one"}')
    second = await page.add("m2", '{"text": "two"}')
    third = await page.add("m1", '{"text": "one, edited"}')
    assert first < second < third == await page.newest()
    assert await page.since(0, 10) == [
        (first, '{"text": "one"}'),
        (second, '{"text": "two"}'),
        (third, '{"text": "one, edited"}'),
    ]
    assert await page.since(first, 1) == [(second, '{"text": "two"}')]
    assert await page.since(third, 10) == []


async def test_the_newest_body_of_a_message(database: Database) -> None:
    page = Page(database)
    await page.add("m1", "1")
    await page.add("m2", "2")
    await page.add("m1", "3")
    assert (await page.latest("m1"), await page.latest("m2")) == ("3", "2")
    assert await page.latest("m3") is None


async def test_a_reader_misses_nothing_that_is_added_meanwhile(database: Database) -> None:
    page = Page(database)
    adding = asyncio.gather(*(page.add("m", str(n)) for n in range(30)))
    seen: list[int] = []
    while len(seen) < 30:
        seen += [seq for seq, _ in await page.since(seen[-1] if seen else 0, 7)]
    assert sorted(await adding) == seen
