"""What experts accepted of the repository: its rules, and lines that execute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.audit import Event
from aaroc_bot.core.rights import AccountLink, Person
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.database import Database
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import accepted_lines, accepted_rules
from aaroc_bot.store.ties import still_speaks

LOCK = 0x72756C65
"""PostgreSQL's advisory lock on the accepted rules; SQLite has one writer anyway."""

FRESH = 2.0
"""Seconds for which the accepted revision is believed: another process may accept one."""


class SpeaksNoMore(Exception):
    """Who accepts was frozen, or their account's link ended, a moment ago."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The revision whose rules are in force, and since when."""

    sha: str
    at: datetime


class Acceptances:
    """Each acceptance is one transaction with its audit event. All raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        """Keep them in `database`."""
        self._database = database
        self._read: tuple[float, Accepted] | None = None

    async def rules(self) -> Accepted | None:
        """Give what was accepted last; None before the first start."""
        if self._read and monotonic() - self._read[0] < FRESH:
            return self._read[1]
        async with self._database.read() as connection:
            return self._remember(await _last(connection))

    async def sha(self) -> str | None:
        """Give the revision accepted last, as the repository's reader asks for it."""
        accepted = await self.rules()
        return accepted.sha if accepted else None

    async def accept_rules(
        self, sha: str, *, after: str, by: Person, event: Event, link: AccountLink | None = None
    ) -> bool:
        """Put `sha` in force; False if `after` is not (any more) what is in force.

        Raises `SpeaksNoMore` where `by` is frozen, or does not speak by `link` any more.
        """
        async with self._database.write() as connection:
            await _lock(connection)
            await _must_speak(connection, by, link, event.at)
            last = await _last(connection)
            if last is None or last.sha != after:
                self._remember(last)
                return False
            await _put_in_force(connection, sha, by.id, by.login, event.at)
            await append_in(connection, event)
        self._remember(Accepted(sha, event.at))
        return True

    async def begin(
        self, sha: str, lines: Mapping[str, Sequence[str]], operator: str, events: Sequence[Event]
    ) -> bool:
        """Accept what the very first start finds; False if there was a first start already.

        `lines` are digests by site.
        """
        at = events[0].at
        async with self._database.write() as connection:
            await _lock(connection)
            if last := await _last(connection):
                self._remember(last)
                return False
            await _put_in_force(connection, sha, None, operator, at)
            for site, digests in lines.items():
                await _accept(connection, site, digests, (None, operator), at)
            await append_in(connection, *events)
        self._remember(Accepted(sha, at))
        return True

    async def lines(self, site: str) -> frozenset[str]:
        """Give the digests of the lines that were accepted for a site."""
        found = select(accepted_lines.c.digest).where(accepted_lines.c.site == site)
        async with self._database.read() as connection:
            return frozenset((await connection.execute(found)).scalars())

    async def accept_lines(
        self,
        site: str,
        digests: Sequence[str],
        *,
        by: Person,
        event: Event,
        link: AccountLink | None = None,
    ) -> None:
        """Accept lines of a site; one that was accepted meanwhile stays as it is.

        Raises `SpeaksNoMore` as above.
        """
        async with self._database.write() as connection:
            await _must_speak(connection, by, link, event.at)
            await _accept(connection, site, digests, (by.id, by.login), event.at)
            await append_in(connection, event)

    def _remember(self, accepted: Accepted | None) -> Accepted | None:
        self._read = (monotonic(), accepted) if accepted else None
        return accepted


async def _lock(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        # A statement of its own: what is in force must be read after the lock is had.
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


async def _must_speak(
    connection: AsyncConnection, by: Person, link: AccountLink | None, at: datetime
) -> None:
    if not await still_speaks(connection, by.id, link, at):
        raise SpeaksNoMore


async def _last(connection: AsyncConnection) -> Accepted | None:
    newest = select(accepted_rules).order_by(accepted_rules.c.id.desc()).limit(1)
    row = (await connection.execute(newest)).first()
    return Accepted(row.revision, row.at) if row else None


async def _put_in_force(
    connection: AsyncConnection, sha: str, person: int | None, login: str, at: datetime
) -> None:
    row = {"revision": sha, "person": person, "login": storable(login), "at": at}
    await connection.execute(insert(accepted_rules).values(**row))


async def _accept(
    connection: AsyncConnection,
    site: str,
    digests: Sequence[str],
    by: tuple[int | None, str],
    at: datetime,
) -> None:
    who = {"person": by[0], "login": storable(by[1]), "at": at}
    for digest in sorted(set(digests)):
        await connection.execute(
            inserting(connection, accepted_lines)
            .values(site=site, digest=digest, **who)
            .on_conflict_do_nothing(index_elements=["site", "digest"])
        )
