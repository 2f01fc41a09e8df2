"""The `People` port where no GitHub is configured: nobody can be told, and that is said."""

from collections.abc import Sequence
from dataclasses import replace

from aaroc_bot.core.message import Account
from aaroc_bot.core.ports import Links, Unavailable
from aaroc_bot.core.rights import Person, Standing

AT_THE_MACHINE = "say"
"""The chat of `aaroc-bot say`: workspace is the operating system's user, user the login."""

REASON = "no GitHub is configured (AAROC_GITHUB__ORG and AAROC_GITHUB__TOKEN)"


class UnknownPeople:
    """Cannot tell about anybody. Who speaks at the machine is still known as its operator."""

    def __init__(self, links: Links, *, org: str = "") -> None:
        """Take the links, which may know from earlier who a chat's account is."""
        self._links = links
        self._org = org

    async def standing(self, account: Account, *, now: bool = False) -> Standing:
        """Say who an account is linked to, and that nothing more can be told."""
        if account.chat == AT_THE_MACHINE:
            return replace(at_the_machine(account, bounded=True), reason=REASON)
        link = await self._links.of(account, now=now)
        return Standing(account, link.person if link else None, reason=REASON, link=link)

    async def of_person(self, person: Person, *, now: bool = False) -> Standing:
        """Say that nothing can be told about a person."""
        return Standing(Account("github", "", person.login), person, reason=REASON)

    async def named(self, login: str) -> Person | None:
        """Raise `Unavailable`: nobody can be found."""
        raise Unavailable("GitHub")

    async def experts(self) -> Sequence[Person] | None:
        """Give None: it cannot be told."""
        return None

    async def admins(self, site: str) -> Sequence[Person] | None:
        """Give None: it cannot be told."""
        return None

    def organisation(self) -> str:
        """Give the organisation's name if the operator set one."""
        return self._org or "the organisation"


def at_the_machine(account: Account, *, bounded: bool) -> Standing:
    """Give the standing of a speaker of `say` before GitHub was asked."""
    return Standing(account, operator=account.workspace, bounded=bounded)
