"""Links and freezes made at the operator's machine: ``aaroc-bot link`` and ``freeze``.

Whoever sits there is trusted (RULES.md): what they link counts at once, and only they lift
a freeze. All of it is on record with the operating system's user, and told in the channels.
"""

import re
from collections.abc import Sequence

from aaroc_bot.core.message import Account
from aaroc_bot.core.ports import People, Unavailable
from aaroc_bot.core.rights import Person, Standing
from aaroc_bot.linking.linking import AccountLinking
from aaroc_bot.store.ties import PersonFrozen

FORMS = {
    "slack": re.compile(r"slack:[A-Z0-9]{2,20}:[A-Z0-9]{2,20}"),
    "telegram": re.compile(r"telegram:[1-9][0-9]{0,15}"),
    "web": re.compile(r"web:[\w-]{1,64}"),
}
"""How each chat's accounts are written."""


class NotDone(Exception):
    """What was wished at the machine cannot be; the text says why and what to do."""


class AtTheMachine:
    """What the command line does. Each method gives a sentence of what was done.

    All raise `NotDone`, and `Unavailable` where GitHub or the database is silent.
    """

    def __init__(self, linking: AccountLinking, people: People, operator: str) -> None:
        """Act as `operator`, the operating system's user."""
        self._linking = linking
        self._people = people
        self._by = Standing(Account("say", operator, "link"), operator=operator)

    async def link(self, account: str, login: str) -> str:
        """Link an account to the GitHub user who bears a login now."""
        found = _account(account)
        person = await self._people.named(login)
        if person is None:
            raise NotDone(f"Nobody on GitHub is called {login}.")
        try:
            await self._linking.put(found, person, self._by)
        except PersonFrozen:
            raise NotDone(
                f"{person.login} is frozen; first: aaroc-bot freeze --lift {person.login}"
            ) from None
        return f"{found} speaks for {person.login} (GitHub id {person.id}) from now on."

    async def unlink(self, account: str) -> str:
        """End an account's link, or its login that waits."""
        found = _account(account)
        person = await self._linking.remove(found, self._by)
        return f"{found} speaks for nobody now" + (f"; it was {person.login}'s." if person else ".")

    async def freeze(self, login: str) -> str:
        """Freeze whoever is linked under a login, bears it, or has this GitHub id."""
        person = _one(await self._linking.known(login), login, "")
        if person is None:
            raise NotDone(f"Nobody is known as {login}.")
        ended = await self._linking.freeze(person, self._by)
        return (
            f"{_named(person)} is frozen. Ended: {ended.accounts} linked, "
            f"{len(ended.requests)} requested, {len(ended.approvals)} approved. "
            f"To lift it: aaroc-bot freeze --lift {person.id}"
        )

    async def lift(self, login: str) -> str:
        """Let somebody be linked again, by today's login, that of the freeze, or their id."""
        found = list(await self._linking.frozen_as(login))
        if not login.isdecimal():
            found += await self._frozen_bearer(login, found)
        person = _one(found, login, "--lift ")
        if person is None or not await self._linking.lift(person, self._by):
            raise NotDone(f"Nobody called {login} is frozen.")
        return f"{_named(person)} can be linked again."

    async def _frozen_bearer(self, login: str, found: Sequence[Person]) -> Sequence[Person]:
        """Give who bears the login today, if they are frozen under another.

        Where GitHub is silent, who was frozen under the login is enough.
        """
        try:
            bearer = await self._people.named(login)
        except Unavailable:
            if not found:
                raise
            return []
        if bearer is None or bearer.id in {person.id for person in found}:
            return []
        return [bearer] if await self._linking.frozen_as(str(bearer.id)) else []


def _one(found: Sequence[Person], login: str, option: str) -> Person | None:
    if len(found) > 1:
        ids = [str(person.id) for person in found]
        raise NotDone(
            f"{login} is or was the login of several people: GitHub ids {' and '.join(ids)}. "
            f"Say which one: aaroc-bot freeze {option}{ids[0]}"
        )
    return found[0] if found else None


def _account(text: str) -> Account:
    form = FORMS.get(text.partition(":")[0])
    if form is None or not form.fullmatch(text):
        raise NotDone(
            f"{text} is no account. One is written slack:WORKSPACE:USER or telegram:ID, "
            "as `whoami` shows it there."
        )
    return Account.read(text)


def _named(person: Person) -> str:
    return f"{person.login} (GitHub id {person.id})"
