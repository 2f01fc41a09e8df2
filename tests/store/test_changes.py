"""Changes as they are kept, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from aaroc_bot.core.changes import (
    Change,
    ChangeState,
    DisableService,
    Draft,
    Effect,
    EnableService,
    FileChange,
    NewSite,
    RollBack,
    SetVariables,
    UnsetVariable,
    VariableEffect,
    Wish,
)
from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.pulls import Review, ReviewState
from aaroc_bot.core.rights import Person
from aaroc_bot.core.run import Asked, State
from aaroc_bot.core.sites import Finding, Level
from aaroc_bot.store import changes
from aaroc_bot.store.changes import NewChange
from aaroc_bot.store.database import Database
from aaroc_bot.store.pulls import REVIEWS
from aaroc_bot.store.tables import pulls, runs
from tests.changes.bench import a_deployment

AT = datetime(2026, 6, 8, 14, 5, tzinfo=UTC)
UJ = Person(1, "uj-admin")
ASKED = Asked(UJ, Account("slack", "T1", "U1"), Place("slack", "C1", "1.2"), AT, "root", "e1")
DRAFT = Draft(
    "ZA-UJ bdii_port 2170 → 2171",
    (FileChange("a.yml", 2, 1), FileChange("b.yml", None, 3, gone=True)),
    (Effect("ZA-UJ", (VariableEffect("bdii_port", "2170", None, ("bdii1",)),), (("s", "h"),)),),
    (Finding("a.yml", 2, Level.WARNING, "too long"),),
    ("x",),
    ("a.yml: password",),
    ("all.yml",),
)
NEW = NewChange(
    SetVariables("ZA-UJ", (("bdii_port", "2171"),)), DRAFT, "because", ASKED, True, "a" * 40, AT
)
WISHES: list[Wish] = [
    SetVariables("ZA-UJ", (("a", "1"), ("b", ""))),
    UnsetVariable("ZA-UJ", "a"),
    EnableService("ZA-UJ", "top-bdii", "h"),
    DisableService("ZA-UJ", "top-bdii"),
    DisableService("ZA-UJ", "top-bdii", "h"),
    NewSite("ZA-XYZ", "ZA-UJ"),
    RollBack("ZA-UJ", "a" * 40, 12, "deploy site-bdii at ZA-UJ"),
]


def but_event(event: str = "", **more: object) -> NewChange:
    return replace(NEW, asked=replace(ASKED, event=event), **more)  # type: ignore[arg-type]


async def test_it_comes_back_as_it_went_in(database: Database) -> None:
    async with database.write() as connection:
        kept = await changes.add(connection, NEW, "za-uj")
        assert kept == await changes.load(connection, kept.id, lock=True)
        assert kept == await changes.of_event(connection, "e1")
        assert await changes.of_event(connection, "") is None
    assert kept == Change(
        id=kept.id,
        wish=NEW.wish,
        site="ZA-UJ",
        draft=DRAFT,
        reason="because",
        asked=ASKED,
        bounded=True,
        base="a" * 40,
        branch=f"aaroc/{kept.id}-za-uj",
        state=ChangeState.OPENING,
        changed_at=AT,
    )


@pytest.mark.parametrize("wish", WISHES)
async def test_every_wish_comes_back(sqlite_database: Database, wish: Wish) -> None:
    async with sqlite_database.write() as connection:
        kept = await changes.add(connection, but_event(wish=wish), "")
    assert kept.wish == wish and kept.branch == f"aaroc/{kept.id}"
    assert kept.site == ("ZA-XYZ" if isinstance(wish, NewSite) else "ZA-UJ")


async def test_the_same_wish_of_the_same_person_under_way(database: Database) -> None:
    async with database.write() as connection:
        await changes.take_turns(connection)
        kept = await changes.add(connection, NEW, "x")
        other = replace(ASKED, by=Person(2, "other"), event="")
        moved = replace(DRAFT, title="ZA-UJ bdii_port 2172 → 2171")
        assert await changes.same(connection, but_event()) == kept
        assert await changes.same(connection, replace(NEW, asked=other)) is None
        assert await changes.same(connection, but_event(draft=moved)) is None
        assert await changes.same(connection, but_event(wish=WISHES[0])) is None
        assert await changes.put(connection, kept, state=ChangeState.CLOSED.value)
        assert await changes.same(connection, but_event()) is None


async def test_only_who_read_it_last_changes_it(database: Database) -> None:
    async with database.write() as connection:
        kept = await changes.add(connection, NEW, "x")
        assert await changes.put(connection, kept, state=ChangeState.OPEN.value, number=52)
        assert not await changes.put(connection, kept, why="late\0")
        now = await changes.of_number(connection, 52, lock=True)
        assert now is not None and now.state is ChangeState.OPEN
        assert await changes.redraft(connection, now, "b" * 40, replace(DRAFT, title="t"))
        now = await changes.load(connection, kept.id)
        assert now is not None and (now.base, now.draft.title) == ("b" * 40, "t")
        assert await changes.put(connection, now, ended_by=7, ended_login="roc-expert")
        now = await changes.load(connection, kept.id)
        assert now is not None and now.by == Person(7, "roc-expert")


async def test_head_and_its_reviews_are_as_github_told_last(database: Database) -> None:
    reviews = tuple(
        Review(Person(n, "x"), ReviewState.APPROVED, head * 40, AT) for n, head in ((7, "a"), (8, "b"))
    )  # fmt: skip
    row = {
        "number": 52, "title": "t", "author_login": "", "state": "open", "head": "b" * 40,
        "reviews": REVIEWS.dump_json(reviews).decode(), "updated_at": AT, "told": False,
    }  # fmt: skip
    async with database.write() as connection:
        kept = await changes.add(connection, NEW, "x")
        await changes.put(connection, kept, number=52)
        await connection.execute(insert(pulls).values(**row))
        now = await changes.of_number(connection, 52)
        assert now is not None and (now.head, now.reviews) == ("b" * 40, reviews[1:])
        assert await changes.of_number(connection, 53) is None


async def test_what_is_open_and_of_whom(database: Database) -> None:
    async with database.write() as connection:
        first = await changes.add(connection, NEW, "x")
        other = replace(ASKED, by=Person(2, "other"), event="e2")
        second = await changes.add(connection, replace(NEW, asked=other), "x")
        third = await changes.add(connection, but_event(), "x")
        assert await changes.open_ones(connection) == [first, second, third]
        await changes.put(connection, third, state=ChangeState.MERGED.value)
        assert await changes.open_ones(connection) == [first, second]
        assert await changes.open_ones_of(connection, UJ.id) == [first]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=30))
async def test_whatever_is_typed_is_taken(sqlite_database: Database, text: str) -> None:
    wish = SetVariables("ZA-UJ", ((text, text),))
    async with sqlite_database.write() as connection:
        new = but_event(wish=wish, reason=text, draft=replace(DRAFT, title=text))
        kept = await changes.add(connection, new, "")
        assert isinstance(kept.wish, SetVariables)
        assert await changes.same(connection, replace(new, draft=kept.draft)) is not None


async def test_where_a_site_was_deployed(database: Database) -> None:
    rows = [
        a_deployment("a"), a_deployment("b"), a_deployment("a"), a_deployment("c", state=State.FAILED.value),
        a_deployment("d", plan_only=True), a_deployment("e", verb="run"), a_deployment("f", site="ZA-UFS"),
        a_deployment("g", changes=False), a_deployment("h", changed_at=AT + timedelta(1)),
    ]  # fmt: skip
    async with database.write() as connection:
        for row in rows:
            await connection.execute(insert(runs).values(**row))
        found = await changes.deployed(connection, "ZA-UJ")
    assert [revision for revision, _ in found] == ["h", "a", "b"]
    assert found[1][1] - found[2][1] == 1
