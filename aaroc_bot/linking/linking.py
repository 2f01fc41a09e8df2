"""What people wish of links: log in and out, confirm, vouch, freeze. One transaction each."""

from collections.abc import Callable, Sequence
from datetime import datetime

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Account
from aaroc_bot.core.ports import Froze, LoginCode, People, Unavailable
from aaroc_bot.core.rights import AccountLink, Person, Standing
from aaroc_bot.linking.announcing import CONFIRMED, REMOVED, concerns_all, told_lately
from aaroc_bot.linking.device_logins import TO_CONFIRM, DeviceLogins
from aaroc_bot.linking.naming import meant
from aaroc_bot.linking.telling import Telling
from aaroc_bot.outbox import Outbox
from aaroc_bot.runs.freezing import end_all_of
from aaroc_bot.runs.moves import Moves
from aaroc_bot.store import frozen, ties
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.database import Database
from aaroc_bot.store.links import Links


class AccountLinking:
    """Fills the port `Linking`; without `logins` nobody can log in by themselves.

    `wake` tells the engine of this process, if there is one.
    """

    def __init__(
        self,
        database: Database,
        *,
        links: Links,
        people: People,
        moves: Moves,
        box: Outbox,
        logins: DeviceLogins | None,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self.possible = logins is not None
        self._database = database
        self._links = links
        self._people = people
        self._moves = moves
        self._box = box
        self._logins = logins
        self._wake = wake

    async def login(self, account: Account) -> LoginCode | datetime:
        """Begin a login, or give the code of the one that waits. Raises `Unavailable`.

        A moment: the account began too many, and may begin another from then on.
        """
        if self._logins is None:
            raise Unavailable("GitHub's login")
        return await self._logins.begin(account)

    async def waiting(self, account: Account) -> Person | None:
        """Give the person by whose other account this one must be confirmed, None if none."""
        since = self._moves.now() - TO_CONFIRM
        async with self._database.read() as connection:
            return await ties.waiting(connection, account, since)

    async def confirm(self, code: str, by: Standing) -> Account | None:
        """Let another account of the same person speak for them; None if none has this code."""
        if by.person is None or by.link is None:
            return None
        now, person = self._moves.now(), by.person
        for_all = await concerns_all(self._people, person)
        async with self._database.write() as connection:
            if not await ties.still_speaks(connection, person.id, by.link, now):
                return None
            since = now - TO_CONFIRM
            account = await ties.confirm(connection, code.lower(), person.id, since, now)
            if account is None:
                return None
            made = await self._links.others(connection, person.id, by.account)
            link = next(one for one in made if one.account == account)
            telling = Telling(self._box, connection, now)
            outcome = f"{CONFIRMED} {by.account}"
            if for_all and not await told_lately(connection, account, person, now):
                await telling.linked(account, person)
            else:
                outcome = f"not told, {outcome}"
            await telling.speaks(link)
            for asked in (by.account, *(one.account for one in made)):
                await telling.answered(asked, account)
            event = _event(now, account, person, by, outcome)
            await append_in(connection, event)
        self._changed()
        return account

    async def logout(self, by: Standing) -> bool:
        """End the account's link and login; False if there was neither."""
        now = self._moves.now()
        async with self._database.write() as connection:
            if not await ties.end(connection, by.account):
                return False
            await append_in(connection, _event(now, by.account, by.person, by, "logged out"))
        self._changed()
        return True

    async def vouch(self, person: Person, by: Standing) -> Sequence[Account]:
        """Let an expert's new accounts decide from now on, and give them."""
        if by.person is None or by.person.id == person.id:
            return ()
        now, voucher = self._moves.now(), by.person
        async with self._database.write() as connection:
            if not await ties.still_speaks(connection, voucher.id, by.link, now):
                return ()
            since = now - self._links.worth.expert_wait
            accounts = await ties.vouch(connection, person.id, voucher, since)
            if not accounts:
                return ()
            telling = Telling(self._box, connection, now)
            await telling.vouched_for(person, voucher)
            for account in accounts:
                await telling.vouched(account, person, voucher)
            outcome = f"vouched for by {voucher.login}"
            events = [_event(now, account, person, by, outcome) for account in accounts]
            await append_in(connection, *events)
        self._changed()
        return accounts

    async def known(self, login: str) -> Sequence[Person]:
        """Give whom a login or GitHub id means, see `naming`.

        Raises `Unavailable` where GitHub is silent and the links know none.
        """
        return await meant(login, self._people, self._links)

    async def freeze(self, person: Person, by: Standing) -> Froze:
        """End all that speaks or waits for a person, and let nothing begin anew."""
        now = self._moves.now()
        who = by.person.login if by.person else by.operator or ""
        async with self._database.write() as connection:
            await frozen.freeze(connection, person, who, now)
            accounts = await ties.end_all(connection, person.id)
            ended = await end_all_of(self._moves, connection, person, by)
            froze = Froze(len(accounts), ended.requests, ended.approvals)
            await Telling(self._box, connection, now).frozen(person, who, froze)
            await append_in(connection, _event(now, None, person, by, f"frozen by {who}"))
        self._changed()
        self._wake()
        return froze

    async def put(self, account: Account, person: Person, by: Standing) -> None:
        """Link an account as the operator: it counts at once.

        Raises `ties.PersonFrozen`, and ValueError if no database takes the account's name.
        """
        now = self._moves.now()
        async with self._database.write() as connection:
            await ties.put(connection, ties.Tie(account, person, now, by_operator=True))
            telling = Telling(self._box, connection, now)
            await telling.linked(account, person, by.operator or "")
            until = now + self._links.worth.lifetime
            await telling.speaks(AccountLink(account, person, now, until, now, by_operator=True))
            await append_in(connection, _event(now, account, person, by, "linked"))
        self._changed()

    async def remove(self, account: Account, by: Standing) -> Person | None:
        """End a link as the operator, and say whose it was; None if it counted for nobody."""
        now, person = self._moves.now(), await self._links.person(account)
        async with self._database.write() as connection:
            if not await ties.end(connection, account):
                return None
            if person is not None:
                telling = Telling(self._box, connection, now)
                await telling.unlinked(account, person, by.operator or "")
            await append_in(connection, _event(now, account, person, by, REMOVED))
        self._changed()
        return person

    async def lift(self, person: Person, by: Standing) -> bool:
        """Let a person be linked again; False if they were not frozen."""
        now = self._moves.now()
        async with self._database.write() as connection:
            if not await frozen.lift(connection, person.id):
                return False
            await ties.end_all(connection, person.id)
            await Telling(self._box, connection, now).lifted(person, by.operator or "")
            await append_in(connection, _event(now, None, person, by, "lifted"))
        self._changed()
        return True

    async def frozen_as(self, word: str) -> Sequence[Person]:
        """Find everybody who was frozen under a login, or has this GitHub id."""
        async with self._database.read() as connection:
            return await frozen.frozen_as(connection, word)

    def _changed(self) -> None:
        self._links.forget()
        self._box.wake()


def _event(
    now: datetime, account: Account | None, person: Person | None, by: Standing, outcome: str
) -> Event:
    return Event(
        What.LINK,
        now,
        account=str(account or ""),
        person=person.id if person else None,
        login=person.login if person else "",
        operator=by.operator or "",
        outcome=outcome,
    )
