"""What is told of links: which card says it, to whom, with which data.

A link is told in every ROC channel, so that nobody speaks for somebody in silence; what
concerns one account alone goes to it by direct message.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.message import Account
from aaroc_bot.core.ports import Froze
from aaroc_bot.core.rights import AccountLink, Person
from aaroc_bot.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells within one transaction, of what happened `at` a moment."""

    box: Outbox
    connection: AsyncConnection
    at: datetime

    async def linked(self, account: Account, person: Person, operator: str = "") -> None:
        """Tell everybody that an account speaks for a person from now on."""
        data = {
            "chat": account.chat,
            "login": person.login,
            "person": person.id,
            "operator": operator,
        }
        await self._all("account-linked", account, data)

    async def unlinked(self, account: Account, person: Person, operator: str) -> None:
        """Tell everybody that the operator ended a link."""
        data = {"chat": account.chat, "login": person.login, "operator": operator}
        await self._all("account-unlinked", account, data)

    async def speaks(self, link: AccountLink) -> None:
        """Tell an account for whom it speaks."""
        new = link.decides_from > self.at
        data = {
            "login": link.person.login,
            "person": link.person.id,
            "until": link.until.isoformat(),
            "decides_from": link.decides_from.isoformat() if new else None,
        }
        await self._one("link-made", link.account, data)

    async def waits(self, account: Account, person: Person) -> None:
        """Tell a further account of a person that it waits to be confirmed."""
        await self._one("link-waits", account, {"login": person.login})

    async def asks(self, first: Account, account: Account, code: str, until: datetime) -> None:
        """Ask an account that speaks for a person whether another may."""
        data = {"account": str(account), "code": code, "until": until.isoformat()}
        await self._one("link-asks", first, data, about=f"{first} {account}")

    async def answered(self, first: Account, account: Account) -> None:
        """Show on the question to `first` that it is decided."""
        await self.box.again(self.connection, "link-asks", f"{first} {account}")

    async def came_to_nothing(self, account: Account, why: str) -> None:
        """Tell an account that its login is over, in GitHub's word for why."""
        await self._one("login-over", account, {"why": why})

    async def vouched(self, account: Account, person: Person, by: Person) -> None:
        """Tell an account of an expert that it decides from now on."""
        await self._one("link-vouched", account, {"login": person.login, "by": by.login})

    async def vouched_for(self, person: Person, by: Person) -> None:
        """Tell everybody who vouches for an expert's new accounts."""
        data = {"login": person.login, "person": person.id, "by": by.login}
        await self._all("account-vouched", person.id, data)

    async def frozen(self, person: Person, by: str, ended: Froze) -> None:
        """Tell everybody that nobody speaks for a person any more, and what ended by that."""
        data = {
            "login": person.login,
            "person": person.id,
            "by": by,
            "accounts": ended.accounts,
            "requests": ended.requests,
            "approvals": ended.approvals,
        }
        await self._all("person-frozen", person.id, data)

    async def lifted(self, person: Person, operator: str) -> None:
        """Tell everybody that a person can be linked again."""
        data = {"login": person.login, "person": person.id, "operator": operator}
        await self._all("person-lifted", person.id, data)

    async def _all(self, card: str, about: object, data: Mapping[str, Any]) -> None:
        await self.box.notice(self.connection, card, self._subject(about), data)

    async def _one(
        self, card: str, account: Account, data: Mapping[str, Any], about: object = None
    ) -> None:
        subject = self._subject(about or account)
        await self.box.tell(self.connection, card, subject, data, account)

    def _subject(self, about: object) -> str:
        """Name what is told of, so that the same happening again is told again."""
        return f"{about} {self.at.isoformat()}"
