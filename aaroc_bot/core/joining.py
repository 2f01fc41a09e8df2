"""Asking to come into the organisation, or into a site's team."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import Person


class JoinState(StrEnum):
    """How far it is: each is followed by the next, `ASKED` where no site is named by `SENDING`.

    `SENDING` is on record before GitHub is asked, so that a fall in between is found.
    """

    ASKED = "asked"
    WELCOMED = "welcomed"
    SENDING = "sending"
    INVITED = "invited"
    JOINED = "joined"
    OVER = "over"

    @property
    def ended(self) -> bool:
        """Whether nothing follows."""
        return self in {JoinState.JOINED, JoinState.OVER}


@dataclass(frozen=True, slots=True)
class Join:
    """A person who asked, by `account`; `site` is empty where no site's team is meant.

    `why` says why it is over, for people.
    """

    id: int
    person: Person
    site: str
    account: Account
    state: JoinState
    asked_at: datetime
    changed_at: datetime
    welcomed_by: Person | None = None
    invited_by: Person | None = None
    why: str = ""
