"""Logins that wait for GitHub's confirmation, so that a restart goes on with them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.message import Account
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import logins


@dataclass(frozen=True, slots=True)
class Login:
    """A login under way. Only GitHub and the bot know `device`; the person enters `code`.

    GitHub is asked `every` so often, not before `due`, until it is over (`until`).
    """

    account: Account
    device: str = field(repr=False)
    code: str
    address: str
    every: timedelta
    due: datetime
    until: datetime


async def begin(connection: AsyncConnection, login: Login) -> None:
    """Keep a login; it takes the place of an earlier one of the same account."""
    values = {
        "device_code": login.device,
        "user_code": login.code,
        "address": login.address,
        "every": round(login.every.total_seconds()),
        "due": login.due,
        "until": login.until,
    }
    await connection.execute(
        inserting(connection, logins)
        .values(account=str(login.account), **values)
        .on_conflict_do_update(index_elements=["account"], set_=values)
    )


async def of(connection: AsyncConnection, account: Account, now: datetime) -> Login | None:
    """Give the login of an account that is not over, None if there is none."""
    key = storable(str(account))
    found = await _all(connection, logins.c.account == key, logins.c.until > now)
    return found[0] if found else None


async def due(connection: AsyncConnection, now: datetime) -> list[Login]:
    """Give every login about which GitHub may be asked now, or that is over."""
    return await _all(connection, (logins.c.due <= now) | (logins.c.until <= now))


async def next_due(connection: AsyncConnection) -> datetime | None:
    """Say when the next login is due, None if none waits."""
    return await connection.scalar(select(logins.c.due).order_by(logins.c.due).limit(1))


async def wait(connection: AsyncConnection, login: Login, every: timedelta, now: datetime) -> None:
    """Ask about a login again only after `every`, and so often from now on."""
    await connection.execute(
        update(logins)
        .where(logins.c.account == str(login.account), logins.c.device_code == login.device)
        .values(every=round(every.total_seconds()), due=now + every)
    )


async def take(connection: AsyncConnection, login: Login) -> bool:
    """End this very login; False if it was ended, or another took its place, meanwhile."""
    gone = await connection.execute(
        delete(logins).where(
            logins.c.account == str(login.account), logins.c.device_code == login.device
        )
    )
    return gone.rowcount > 0


async def end(connection: AsyncConnection, accounts: Collection[str]) -> int:
    """End the logins of accounts; give how many there were."""
    gone = await connection.execute(delete(logins).where(logins.c.account.in_(accounts)))
    return gone.rowcount


async def _all(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> list[Login]:
    rows = await connection.execute(select(logins).where(*conditions).order_by(logins.c.due))
    return [
        Login(
            Account.read(row.account),
            row.device_code,
            row.user_code,
            row.address,
            timedelta(seconds=row.every),
            row.due,
            row.until,
        )
        for row in rows
    ]
