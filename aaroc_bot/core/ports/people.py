"""Who somebody is, and by which accounts they speak."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import AccountLink, Person, Standing


class People(Protocol):
    """Who somebody is. Filled by github."""

    async def standing(self, account: Account, *, now: bool = False) -> Standing:
        """Say what is known of an account; `now` asks GitHub again rather than the cache."""
        ...

    async def of_person(self, person: Person, *, now: bool = False) -> Standing:
        """The same for a person, whichever account they use."""
        ...

    async def named(self, login: str) -> Person | None:
        """Find the GitHub user who bears a login now; None: nobody. Raises `Unavailable`."""
        ...

    async def experts(self) -> Sequence[Person] | None:
        """Give the ROC's experts, None if it cannot be told."""
        ...

    async def admins(self, site: str) -> Sequence[Person] | None:
        """Give who looks after a site, None if it cannot be told."""
        ...

    def organisation(self) -> str:
        """Give the organisation's name for people (``AAROC``)."""
        ...


class Links(Protocol):
    """Which account speaks for which person. Filled by store."""

    async def of(self, account: Account, *, now: bool = False) -> AccountLink | None:
        """Give the link by which an account speaks for a person now, None if there is none.

        `now` asks for what stands this moment rather than what was read a moment ago.
        """
        ...

    async def frozen(self, person: int, *, now: bool = False) -> bool:
        """Say whether no account speaks for a person (GitHub id) until the operator lifts it."""
        ...

    async def users(self, chat: str) -> Sequence[tuple[Person, str]]:
        """Give who speaks in a chat, each with their user id there, newest link first."""
        ...


@dataclass(frozen=True, slots=True)
class LoginCode:
    """What somebody enters at GitHub so that their account is linked."""

    code: str
    address: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Froze:
    """What a freeze ended: accounts, requests (their runs' numbers), approvals (the same)."""

    accounts: int
    requests: tuple[int, ...]
    approvals: tuple[int, ...]


class Linking(Protocol):
    """How accounts come to speak for people, and cease to. Filled by linking.

    Each wish is one transaction with its audit event and its notices.
    """

    possible: bool
    """Whether people can `login` at all: by an OAuth App that the operator named."""

    async def login(self, account: Account) -> LoginCode | datetime:
        """Begin a login, or give the code of the one that waits. Raises `Unavailable`.

        A moment: the account began too many, and may begin another from then on.
        """
        ...

    async def waiting(self, account: Account) -> Person | None:
        """Give the person by whose other account this one must be confirmed, None if none."""
        ...

    async def confirm(self, code: str, by: Standing) -> Account | None:
        """Let another account of the same person speak for them; None if none has this code."""
        ...

    async def logout(self, by: Standing) -> bool:
        """End the account's link and login; False if there was neither."""
        ...

    async def vouch(self, person: Person, by: Standing) -> Sequence[Account]:
        """Let an expert's new accounts decide from now on, and give them."""
        ...

    async def known(self, login: str) -> Sequence[Person]:
        """Give whom a login or GitHub id means: nobody, one, or several who bear or bore it.

        Who is linked here under it comes before who took it over since.
        """
        ...

    async def freeze(self, person: Person, by: Standing) -> Froze:
        """End all that speaks or waits for a person, and let nothing begin anew."""
        ...
