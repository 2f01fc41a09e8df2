"""Changes of links inside the caller's own write transaction, which also records them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import AccountLink, Person
from aaroc_bot.store import logins
from aaroc_bot.store.frozen import is_frozen
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import links


class PersonFrozen(Exception):
    """No account may be linked to this person until the operator lifts it."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A link to be made. With a `code` it counts only once that was said for it."""

    account: Account
    person: Person
    since: datetime
    by_operator: bool = False
    code: str | None = None


def key_of(account: Account) -> str | None:
    """Write an account as it is stored; None for one that could be taken for another."""
    key = str(account)
    try:
        return key if key == storable(key) and Account.read(key) == account else None
    except ValueError:
        return None


async def put(connection: AsyncConnection, tie: Tie) -> None:
    """Tie an account to a person, whoever it spoke for, and end its login that waits.

    Raises `PersonFrozen`, and `ValueError` if no database takes the account's name.
    """
    key = key_of(tie.account)
    if key is None:
        raise ValueError("an account that cannot be stored")
    if await is_frozen(connection, tie.person.id):
        raise PersonFrozen
    values = {
        "person": tie.person.id,
        "login": storable(tie.person.login),
        "since": tie.since,
        "by_operator": tie.by_operator,
        "confirmed": tie.code is None,
        "code": tie.code,
        "vouched_by": None,
        "vouched_login": None,
    }
    await connection.execute(
        inserting(connection, links)
        .values(account=key, **values)
        .on_conflict_do_update(index_elements=["account"], set_=values)
    )
    await logins.end(connection, [key])


async def still_speaks(
    connection: AsyncConnection, person: int, link: AccountLink | None, now: datetime
) -> bool:
    """Say whether a person is not frozen and, if they speak by a link, that this very one stands.

    What decides asks it inside its own transaction: another process may have ended either.
    """
    if await is_frozen(connection, person):
        return False
    if link is None:
        return True
    same = (
        links.c.account == str(link.account),
        links.c.person == person,
        links.c.confirmed,
        links.c.since == link.since,
    )
    stands = await connection.scalar(select(exists(select(links.c.account).where(*same))))
    return bool(stands) and now < link.until


async def waiting(connection: AsyncConnection, account: Account, since: datetime) -> Person | None:
    """Give the person for whom an account waits to be confirmed since `since` at the earliest."""
    query = select(links.c.person, links.c.login).where(
        links.c.account == str(account), ~links.c.confirmed, links.c.since > since
    )
    row = (await connection.execute(query)).first()
    return Person(row.person, row.login) if row else None


async def confirm(
    connection: AsyncConnection, code: str, person: int, since: datetime, now: datetime
) -> Account | None:
    """Have an account of a person count from now on; None if none waits for this code."""
    mine = (
        links.c.person == person,
        links.c.code == storable(code),
        ~links.c.confirmed,
        links.c.since > since,
    )
    key = await connection.scalar(select(links.c.account).where(*mine).with_for_update())
    if key is None:
        return None
    await connection.execute(
        update(links).where(links.c.account == key).values(confirmed=True, code=None, since=now)
    )
    return Account.read(key)


async def vouch(
    connection: AsyncConnection, person: int, by: Person, since: datetime
) -> list[Account]:
    """Note who vouches for a person's confirmed accounts that are newer than `since`."""
    new = (
        links.c.person == person,
        links.c.confirmed,
        ~links.c.by_operator,
        links.c.vouched_by.is_(None),
        links.c.since > since,
    )
    keys = list(await connection.scalars(select(links.c.account).where(*new).with_for_update()))
    await connection.execute(
        update(links)
        .where(links.c.account.in_(keys))
        .values(vouched_by=by.id, vouched_login=storable(by.login))
    )
    return [Account.read(key) for key in keys]


async def end(connection: AsyncConnection, account: Account) -> bool:
    """End an account's link and its login that waits; say whether there was one of them."""
    key = storable(str(account))
    ended = await logins.end(connection, [key])
    gone = await connection.execute(delete(links).where(links.c.account == key))
    return bool(ended + gone.rowcount)


async def end_all(connection: AsyncConnection, person: int) -> Sequence[str]:
    """End every link of a person, and what waits at those accounts; give the accounts."""
    mine = select(links.c.account).where(links.c.person == person)
    keys = list(await connection.scalars(mine))
    await connection.execute(delete(links).where(links.c.person == person))
    await logins.end(connection, keys)
    return keys
