"""An account speaks for a person once that is proven and on record, and only for a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import Person
from aaroc_bot.store import frozen, logins, ties
from aaroc_bot.store.audit import AuditWriter
from aaroc_bot.store.database import Database
from aaroc_bot.store.links import Links, Worth
from aaroc_bot.store.logins import Login
from aaroc_bot.store.ties import PersonFrozen, Tie

UJ = Account("slack", "T1", "U1")
PHONE = Account("telegram", "", "77")
ADMIN, EXPERT = Person(7, "uj-admin"), Person(8, "roc-expert")
NOW = datetime(2026, 6, 8, 14, 5, tzinfo=UTC)
DAY = timedelta(days=1)
LINKED = Event(What.LINK, NOW, account=str(UJ), person=7)


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


def at(database: Database, now: datetime = NOW) -> Links:
    """Read the links as a process does that begins now."""
    return Links(database, lambda: now, Worth())


async def put(database: Database, *made: Tie) -> None:
    async with database.write() as connection:
        for tie in made:
            await ties.put(connection, tie)


async def test_a_linked_account_speaks_for_its_person(database: Database) -> None:
    links = at(database)
    assert await links.person(UJ) is None
    await links.link(UJ, ADMIN, LINKED)
    assert await links.person(UJ) == ADMIN
    assert await at(database).person(UJ) == ADMIN
    assert await links.person(Account("slack", "T2", "U1")) is None
    assert (await AuditWriter(database).head())[0] == 1


async def test_the_last_link_counts_at_once(database: Database) -> None:
    links = at(database)
    await links.link(UJ, ADMIN, LINKED)
    assert await links.person(UJ) == ADMIN
    await links.link(UJ, EXPERT, LINKED)
    assert await links.person(UJ) == EXPERT


async def test_a_link_without_its_event_is_none(database: Database) -> None:
    links = at(database)
    with pytest.raises((OverflowError, DBAPIError)):
        await links.link(UJ, ADMIN, replace(LINKED, run=2**70))
    assert await links.person(UJ) is None


async def test_accounts_that_would_be_stored_alike_are_nobodys(database: Database) -> None:
    links = at(database)
    with pytest.raises(ValueError, match="account"):
        await links.link(Account("slack", "T1", "\ud800"), ADMIN, LINKED)
    await links.link(Account("slack", "T1", "\ufffd"), ADMIN, LINKED)
    assert await links.person(Account("slack", "T1", "\ud801")) is None


async def test_accounts_that_would_be_written_alike_are_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="account"):
        await at(database).link(Account("telegram", "", "T1:U1"), ADMIN, LINKED)
    await put(database, Tie(Account("telegram", "T1", "U1"), ADMIN, NOW))
    assert await at(database).of(Account("telegram", "", "T1:U1")) is None
    assert await at(database).of(Account("telegram", "", "")) is None


async def test_a_link_ends_after_its_lifetime(database: Database) -> None:
    clock = Clock()
    links = Links(database, clock, Worth())
    await links.link(UJ, ADMIN, LINKED)
    found = await links.of(UJ)
    assert found and (found.until, found.decides_from) == (NOW + 90 * DAY, NOW)
    clock.at = NOW + 90 * DAY
    assert await links.of(UJ) is None, "neither by what was read a moment ago"
    assert await at(database, clock.at).of(UJ) is None
    assert await at(database, clock.at - timedelta(seconds=1)).of(UJ) is not None


async def test_a_link_that_is_not_confirmed_speaks_for_nobody(database: Database) -> None:
    await put(database, Tie(UJ, ADMIN, NOW), Tie(PHONE, ADMIN, NOW, code="abc"))
    assert await at(database).of(PHONE) is None
    assert await at(database).users("telegram") == ()
    later = NOW + timedelta(hours=1)
    async with database.write() as connection:
        assert await ties.waiting(connection, PHONE, NOW - DAY) == ADMIN
        assert await ties.waiting(connection, PHONE, NOW) is None
        assert await ties.confirm(connection, "abd", 7, NOW - DAY, later) is None
        assert await ties.confirm(connection, "abc", 8, NOW - DAY, later) is None
        assert await ties.confirm(connection, "abc", 7, NOW, later) is None, "its day is over"
        assert await ties.confirm(connection, "abc", 7, NOW - DAY, later) == PHONE
        assert await ties.confirm(connection, "abc", 7, NOW - DAY, later) is None, "once"
    found = await at(database).of(PHONE)
    assert found and found.since == later and found.decides_from == later + DAY


async def test_an_experts_link_decides_after_a_wait_or_a_word(database: Database) -> None:
    machine = Account("slack", "T1", "U9")
    await put(
        database,
        Tie(UJ, EXPERT, NOW),
        Tie(PHONE, EXPERT, NOW, code="abc"),
        Tie(machine, EXPERT, NOW, by_operator=True),
    )
    found, made = await at(database).of(UJ), await at(database).of(machine)
    assert found and found.decides_from == NOW + DAY and not found.by_operator
    assert made and made.decides_from == NOW and made.by_operator
    async with database.write() as connection:
        assert await ties.vouch(connection, 8, ADMIN, NOW) == [], "their wait is over"
        assert await ties.vouch(connection, 8, ADMIN, NOW - DAY) == [UJ]
        assert await ties.vouch(connection, 8, ADMIN, NOW - DAY) == []
    found = await at(database).of(UJ)
    assert found and found.decides_from == NOW
    await put(database, Tie(UJ, EXPERT, NOW))
    found = await at(database).of(UJ)
    assert found and found.decides_from == NOW + DAY, "a new link takes a new word"


async def test_who_is_frozen_is_spoken_for_by_nobody(database: Database) -> None:
    links = at(database)
    await put(database, Tie(UJ, ADMIN, NOW), Tie(PHONE, ADMIN, NOW, code="abc"))
    assert not await links.frozen(7)
    async with database.write() as connection:
        await frozen.freeze(connection, ADMIN, "roc-expert", NOW)
        await frozen.freeze(connection, ADMIN, "another", NOW)
    links.forget()
    assert await links.frozen(7) and not await links.frozen(8)
    assert await links.of(UJ) is None and await links.users("slack") == ()
    with pytest.raises(PersonFrozen):
        await links.link(Account("telegram", "", "78"), ADMIN, LINKED)
    async with database.write() as connection:
        assert await frozen.frozen_as(connection, "UJ-Admin") == [ADMIN]
        assert await frozen.frozen_as(connection, "7") == [ADMIN]
        assert sorted(await ties.end_all(connection, 7)) == [str(UJ), str(PHONE)]
        assert await frozen.lift(connection, 7) and not await frozen.lift(connection, 7)
    links.forget()
    assert not await links.frozen(7) and await links.of(UJ) is None


async def test_the_users_of_a_chat_newest_first(database: Database) -> None:
    second = Account("slack", "T2", "U5")
    await put(database, Tie(UJ, ADMIN, NOW), Tie(second, EXPERT, NOW + DAY), Tie(PHONE, ADMIN, NOW))
    links = at(database, NOW + DAY)
    assert await links.users("slack") == ((EXPERT, "U5"), (ADMIN, "U1"))
    assert await links.users("telegram") == ((ADMIN, "77"),)
    assert await links.users("sla%") == ()
    assert await at(database, NOW + 90 * DAY).users("slack") == ((EXPERT, "U5"),)


async def test_a_person_is_known_by_the_login_of_the_link(database: Database) -> None:
    await put(database, Tie(UJ, ADMIN, NOW), Tie(PHONE, ADMIN, NOW))
    links = at(database)
    assert await links.logged_in_as("UJ-admin") == [ADMIN]
    assert await links.logged_in_as("nobody") == []
    await put(database, Tie(Account("telegram", "", "78"), Person(9, "uj-admin"), NOW))
    assert await links.logged_in_as("uj-admin") == [ADMIN, Person(9, "uj-admin")]
    assert await links.numbered(7) == ADMIN and await links.numbered(8) is None


async def test_a_login_waits_for_one_account_alone_and_ends_with_its_link(
    database: Database,
) -> None:
    login = Login(UJ, "device", "BCDF-GHJK", "https://x", timedelta(seconds=5), NOW, NOW + DAY)
    async with database.write() as connection:
        await logins.begin(connection, replace(login, device="earlier"))
        await logins.begin(connection, login)
        assert await logins.of(connection, UJ, NOW) == login
        assert await logins.of(connection, PHONE, NOW) is None
        assert await logins.of(connection, UJ, NOW + DAY) is None
        assert await logins.due(connection, NOW) == [login]
        await logins.wait(connection, login, timedelta(seconds=9), NOW)
        assert await logins.due(connection, NOW) == []
        assert await logins.next_due(connection) == NOW + timedelta(seconds=9)
        assert not await logins.take(connection, replace(login, device="earlier"))
        await ties.put(connection, Tie(UJ, ADMIN, NOW))
        assert not await logins.take(connection, login)
        assert await logins.next_due(connection) is None
        await logins.begin(connection, login)
        assert await ties.end(connection, UJ) and not await ties.end(connection, UJ)
        assert await logins.next_due(connection) is None
    assert "earlier" not in repr(replace(login, device="earlier"))


async def test_what_another_process_ended_is_seen_at_once_by_who_asks_now(
    database: Database,
) -> None:
    links, other = at(database), at(database)
    await other.link(UJ, ADMIN, LINKED)
    assert await links.of(UJ) is not None and not await links.frozen(7)
    async with database.write() as connection:
        await frozen.freeze(connection, ADMIN, "root", NOW)
    assert await links.of(UJ, now=True) is None and await links.frozen(7, now=True)
    assert await links.of(UJ) is None and await links.frozen(7), "and it is remembered"
