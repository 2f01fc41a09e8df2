"""Logins by GitHub's device flow: begun in a chat, seen through here, whatever happens between.

Each is a row from the moment it begins, so that a restart goes on with it. The token that
GitHub gives at its end lives for one question and is kept nowhere.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Account
from aaroc_bot.core.ports import LoginCode, People, Unavailable
from aaroc_bot.core.rights import AccountLink, Person
from aaroc_bot.github.device import Confirmed, DeviceFlow, Over, Pending, SlowDown
from aaroc_bot.linking.announcing import LINKED, concerns_all, told_lately
from aaroc_bot.linking.pace import LoginPace
from aaroc_bot.linking.telling import Telling
from aaroc_bot.outbox import Outbox
from aaroc_bot.store import logins, ties
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.database import Database
from aaroc_bot.store.links import Links
from aaroc_bot.store.logins import Login

log = logging.getLogger(__name__)

TO_CONFIRM = timedelta(hours=24)
"""How long a further account of a person waits to be confirmed."""
LOOK = 1.0
"""Seconds between looks at the logins that wait, at most."""
AT_ONCE = 8
"""Questions to GitHub at the same time."""
TRIES = 3
"""How often GitHub is asked whose a token is: it cannot be had again."""

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What a code to confirm is made of: no two of them look alike."""


class DeviceLogins:
    """Begins logins and sees them through. `run` is for who holds the presence alone."""

    def __init__(
        self,
        database: Database,
        links: Links,
        people: People,
        box: Outbox,
        flow: DeviceFlow,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._links = links
        self._people = people
        self._pace = LoginPace()
        self._box = box
        self._flow = flow
        self._clock = clock
        self._begun = asyncio.Event()
        self._asking = asyncio.Semaphore(AT_ONCE)
        # Two accounts of one person that are confirmed at once must not both be the first.
        self._linking = asyncio.Lock()

    async def begin(self, account: Account) -> LoginCode | datetime:
        """Begin a login, or give the code of the one that waits. Raises `Unavailable`.

        A moment: the account began too many, and may begin another from then on.
        """
        async with self._database.read() as connection:
            login = await logins.of(connection, account, self._clock())
        if login is None:
            if again := self._pace.again(account, self._clock()):
                return again
            begun, now = await self._flow.begin(), self._clock()
            login = Login(
                account,
                begun.device,
                begun.code,
                begun.address,
                begun.every,
                due=now + begun.every,
                until=now + begun.lasts,
            )
            async with self._database.write() as connection:
                await logins.begin(connection, login)
            self._pace.begins(account, now)
            self._begun.set()
        return LoginCode(login.code, login.address, login.until)

    async def run(self) -> None:
        """See logins through until cancelled."""
        while True:
            self._begun.clear()
            try:
                due = await self.look()
            except Unavailable as away:
                log.warning("%s is away; logins wait", away.what)
                due = self._clock() + timedelta(seconds=LOOK)
            wait = None if due is None else (due - self._clock()).total_seconds()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait if wait is None else min(max(wait, 0.05), LOOK)):
                    await self._begun.wait()

    async def look(self) -> datetime | None:
        """Ask about every login that is due; say when the next is, None if none waits."""
        async with self._database.read() as connection:
            due = await logins.due(connection, self._clock())
        await asyncio.gather(*map(self._see_to, due))
        async with self._database.read() as connection:
            return await logins.next_due(connection)

    async def _see_to(self, login: Login) -> None:
        try:
            async with self._asking:
                await self._ask(login)
        except Unavailable as away:
            log.warning("a login waits: %s does not answer", away.what)
            await self._wait(login, login.every)
        except Exception:
            log.exception("a login failed")
            await self._end(login, "failed")

    async def _ask(self, login: Login) -> None:
        if login.until <= self._clock():
            return await self._end(login, "expired_token")
        match await self._flow.outcome(login.device, login.every):
            case Pending():
                await self._wait(login, login.every)
            case SlowDown(every):
                await self._wait(login, every)
            case Over(why):
                await self._end(login, why)
            case Confirmed(token):
                person = await self._owner(token)
                await (self._link(login, person) if person else self._end(login, "unknown"))

    async def _owner(self, token: str) -> Person | None:
        for _ in range(TRIES):
            with suppress(Unavailable):
                return await self._flow.owner(token)
        return None

    async def _wait(self, login: Login, every: timedelta) -> None:
        with suppress(Unavailable):  # then it is asked about again sooner
            async with self._database.write() as connection:
                await logins.wait(connection, login, every, self._clock())

    async def _end(self, login: Login, why: str) -> None:
        """End a login that came to nothing, and tell the account."""
        now = self._clock()
        async with self._database.write() as connection:
            if await logins.take(connection, login):
                await Telling(self._box, connection, now).came_to_nothing(login.account, why)
        self._box.wake()

    async def _link(self, login: Login, person: Person) -> None:
        """Link the account, however long the database is away: GitHub says it only once."""
        while True:
            try:
                for_all = await concerns_all(self._people, person)
                async with self._linking, self._database.write() as connection:
                    if await logins.take(connection, login):
                        await self._make(connection, login.account, person, for_all=for_all)
                break
            except Unavailable:
                if login.until <= self._clock():
                    raise
                await asyncio.sleep(LOOK)
        self._links.forget()
        self._box.wake()

    async def _make(
        self, connection: AsyncConnection, account: Account, person: Person, *, for_all: bool
    ) -> None:
        now = self._clock()
        telling = Telling(self._box, connection, now)
        first = await self._links.others(connection, person.id, account)
        code = "".join(secrets.choice(LETTERS) for _ in range(8)) if first else None
        try:
            await ties.put(connection, ties.Tie(account, person, now, code=code))
        except ties.PersonFrozen:
            outcome = "not linked: frozen"
            await telling.came_to_nothing(account, "frozen")
        else:
            if code:
                outcome = "linked, to be confirmed"
                await telling.waits(account, person)
                for one in first:
                    await telling.asks(one.account, account, code, now + TO_CONFIRM)
            else:
                outcome = await self._announce(telling, account, person, for_all=for_all)
                await telling.speaks(self._new(account, person, now))
        event = Event(
            What.LINK,
            now,
            account=str(account),
            person=person.id,
            login=person.login,
            outcome=outcome,
        )
        await append_in(connection, event)

    async def _announce(
        self, telling: Telling, account: Account, person: Person, *, for_all: bool
    ) -> str:
        """Tell everybody of a link whom it concerns; give what the record says of it."""
        if not for_all:
            return f"{LINKED}, outside the organisation"
        if await told_lately(telling.connection, account, person, telling.at):
            return f"{LINKED} again"
        await telling.linked(account, person)
        return LINKED

    def _new(self, account: Account, person: Person, now: datetime) -> AccountLink:
        worth = self._links.worth
        until, decides_from = now + worth.lifetime, now + worth.expert_wait
        return AccountLink(account, person, now, until, decides_from)
