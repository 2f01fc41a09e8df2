"""Which account speaks for which person."""

from time import monotonic

from sqlalchemy import select

from aaroc_bot.core.audit import Event
from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import Person
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.database import Database
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import links

FRESH = 2.0
"""Seconds for which a link that was read is believed. Short, because another process may
end it; yet somebody's thirty commands a second ask the database once."""

KNOWN = 10_000
"""Accounts remembered at most."""


class Links:
    """Fills the port `Links`."""

    def __init__(self, database: Database) -> None:
        """Keep them in `database`."""
        self._database = database
        self._read: dict[str, tuple[float, Person]] = {}

    async def person(self, account: Account) -> Person | None:
        """Give the person whom an account was proven to speak for, None if none was.

        Raises `Unavailable`. An account without a person is asked for each time.
        """
        key = str(account)
        if key != storable(key):
            return None  # Made storable, it could be somebody else's.
        if (known := self._read.get(key)) and monotonic() - known[0] < FRESH:
            return known[1]
        found = select(links.c.person, links.c.login).where(links.c.account == key)
        async with self._database.read() as connection:
            row = (await connection.execute(found)).first()
        if row is None:
            self._read.pop(key, None)
            return None
        if len(self._read) >= KNOWN:
            self._read.clear()
        self._read[key] = monotonic(), Person(row.person, row.login)
        return self._read[key][1]

    async def link(self, account: Account, person: Person, event: Event) -> None:
        """Tie an account to a person, in one transaction with its audit event.

        An account that spoke for somebody else speaks for this person from now on.
        `ValueError` if no database takes the account's name.
        """
        key = str(account)
        if key != storable(key):
            raise ValueError("an account that cannot be stored")
        values = {"person": person.id, "login": storable(person.login), "since": event.at}
        async with self._database.write() as connection:
            await connection.execute(
                inserting(connection, links)
                .values(account=key, **values)
                .on_conflict_do_update(index_elements=["account"], set_=values)
            )
            await append_in(connection, event)
        self._read.pop(key, None)
