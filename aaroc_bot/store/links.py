"""Which account speaks for which person: what counts now.

A link counts if it is confirmed, its time is not over and its person is not frozen; every
question here asks for all three. `linking` changes links, by `store.ties`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.clock import now
from aaroc_bot.core.audit import Event
from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import AccountLink, Person
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.database import Database
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import frozen, links
from aaroc_bot.store.ties import Tie, key_of, put

FRESH = 2.0
"""Seconds for which what was read is believed. Short, because another process may end it;
yet somebody's thirty commands a second ask the database once."""

KNOWN = 10_000
"""Accounts, and people, remembered at most."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a link is worth: for how long, and how long an expert's decides nothing."""

    lifetime: timedelta = timedelta(days=90)
    expert_wait: timedelta = timedelta(hours=24)


class Links:
    """Fills the port `Links`."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime] = now, worth: Worth = Worth()
    ) -> None:
        """Read them from `database`."""
        self.worth = worth
        self._database = database
        self._clock = clock
        self._read: dict[str, tuple[float, AccountLink]] = {}
        self._frozen: dict[int, tuple[float, bool]] = {}
        self._users: dict[str, tuple[float, Sequence[tuple[Person, str]]]] = {}

    def forget(self) -> None:
        """Read everything anew: something about a link was changed by this process."""
        self._read.clear()
        self._frozen.clear()
        self._users.clear()

    async def of(self, account: Account, *, now: bool = False) -> AccountLink | None:
        """Give the link by which an account speaks for a person now, None if there is none.

        Raises `Unavailable`. `now` believes nothing that was read before; an account without
        a link is asked for each time anyway.
        """
        key = key_of(account)
        if key is None:
            return None
        known = None if now else self._read.get(key)
        if known and monotonic() - known[0] < FRESH:
            return known[1] if self._clock() < known[1].until else None
        async with self._database.read() as connection:
            found = select(links).where(links.c.account == key, self.valid())
            row = (await connection.execute(found)).first()
        if row is None:
            self._read.pop(key, None)
            return None
        link = self._link(account, row)
        _remember(self._read, key, link)
        return link

    async def person(self, account: Account) -> Person | None:
        """Give the person whom an account speaks for now, None if for nobody."""
        link = await self.of(account)
        return link.person if link else None

    async def frozen(self, person: int, *, now: bool = False) -> bool:
        """Say whether no account speaks for a person until the operator lifts it."""
        known = None if now else self._frozen.get(person)
        if known and monotonic() - known[0] < FRESH:
            return known[1]
        async with self._database.read() as connection:
            found = bool(await connection.scalar(select(_is_frozen(person))))
        _remember(self._frozen, person, found)
        return found

    async def users(self, chat: str) -> Sequence[tuple[Person, str]]:
        """Give who speaks in a chat, each with their user id there, newest link first."""
        if (known := self._users.get(chat)) and monotonic() - known[0] < FRESH:
            return known[1]
        of_chat = links.c.account.startswith(f"{chat}:", autoescape=True)
        query = select(links).where(of_chat, self.valid()).order_by(links.c.since.desc())
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        found = tuple((Person(r.person, r.login), Account.read(r.account).user) for r in rows)
        _remember(self._users, chat, found)
        return found

    async def logged_in_as(self, login: str) -> Sequence[Person]:
        """Find everybody who was linked under a login, by their ids."""
        query = (
            select(links.c.person, links.c.login)
            .where(func.lower(links.c.login) == storable(login).lower())
            .order_by(links.c.person)
        )
        async with self._database.read() as connection:
            found = {row.person: row.login for row in await connection.execute(query)}
        return [Person(*one) for one in found.items()]

    async def numbered(self, id: int) -> Person | None:
        """Find a person who was linked by their GitHub id, as they were written last."""
        query = select(links.c.person, links.c.login).where(links.c.person == id)
        async with self._database.read() as connection:
            row = (await connection.execute(query.order_by(links.c.since.desc()))).first()
        return Person(row.person, row.login) if row else None

    async def link(self, account: Account, person: Person, event: Event) -> None:
        """Tie an account to a person as the operator does, with its audit event: it counts at once.

        An account that spoke for somebody else speaks for this person from now on.
        `ValueError` if no database takes the account's name; `PersonFrozen` if they are.
        """
        async with self._database.write() as connection:
            await put(connection, Tie(account, person, event.at, by_operator=True))
            await append_in(connection, event)
        self.forget()

    async def others(
        self, connection: AsyncConnection, person: int, account: Account
    ) -> list[AccountLink]:
        """Give the links of a person that count, but for one account's, oldest first."""
        query = (
            select(links)
            .where(links.c.person == person, links.c.account != str(account), self.valid())
            .order_by(links.c.since)
        )
        rows = await connection.execute(query)
        return [self._link(Account.read(row.account), row) for row in rows]

    def valid(self) -> ColumnElement[bool]:
        """Give the condition under which a row of `links` counts now."""
        return (
            links.c.confirmed
            & (links.c.since > self._clock() - self.worth.lifetime)
            & ~exists(select(frozen.c.person).where(frozen.c.person == links.c.person))
        )

    def _link(self, account: Account, row: Row[Any]) -> AccountLink:
        at_once = row.by_operator or row.vouched_by is not None
        return AccountLink(
            account,
            Person(row.person, row.login),
            since=row.since,
            until=row.since + self.worth.lifetime,
            decides_from=row.since if at_once else row.since + self.worth.expert_wait,
            by_operator=row.by_operator,
        )


def _is_frozen(person: int) -> Any:
    return exists(select(frozen.c.person).where(frozen.c.person == person))


def _remember(shelf: dict[Any, tuple[float, Any]], key: object, value: object) -> None:
    if len(shelf) >= KNOWN:
        shelf.clear()
    shelf[key] = monotonic(), value
