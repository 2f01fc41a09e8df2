"""An account speaks for a person once that is proven and on record."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import DBAPIError

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import Person
from aaroc_bot.store.audit import AuditWriter
from aaroc_bot.store.database import Database
from aaroc_bot.store.links import Links

UJ = Account("slack", "T1", "U1")
LINKED = Event(What.LINK, datetime(2026, 6, 8, 14, 5, tzinfo=UTC), account=str(UJ), person=7)


async def test_a_linked_account_speaks_for_its_person(database: Database) -> None:
    links = Links(database)
    assert await links.person(UJ) is None
    await links.link(UJ, Person(7, "uj-admin"), LINKED)
    assert await links.person(UJ) == Person(7, "uj-admin")
    assert await Links(database).person(UJ) == Person(7, "uj-admin")
    assert await links.person(Account("slack", "T2", "U1")) is None
    assert (await AuditWriter(database).head())[0] == 1


async def test_the_last_link_counts_at_once(database: Database) -> None:
    links = Links(database)
    await links.link(UJ, Person(7, "uj-admin"), LINKED)
    assert await links.person(UJ) == Person(7, "uj-admin")
    await links.link(UJ, Person(8, "kenet-admin"), LINKED)
    assert await links.person(UJ) == Person(8, "kenet-admin")


async def test_a_link_without_its_event_is_none(database: Database) -> None:
    links = Links(database)
    with pytest.raises((OverflowError, DBAPIError)):
        await links.link(UJ, Person(7, "uj-admin"), replace(LINKED, run=2**70))
    assert await links.person(UJ) is None


async def test_accounts_that_would_be_stored_alike_are_nobodys(database: Database) -> None:
    links = Links(database)
    with pytest.raises(ValueError, match="account"):
        await links.link(Account("slack", "T1", "\ud800"), Person(7, "uj-admin"), LINKED)
    await links.link(Account("slack", "T1", "\ufffd"), Person(7, "uj-admin"), LINKED)
    assert await links.person(Account("slack", "T1", "\ud801")) is None
