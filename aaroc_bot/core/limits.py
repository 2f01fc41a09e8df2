"""How many commands a minute an account may give (RULES.md, "Everything that leaves")."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

WINDOW = timedelta(minutes=1)
UNLINKED = 5
"""Commands a minute of an account that speaks for no person."""


class Pace(Enum):
    """What to do with a command that came in."""

    PASS = "pass"  # noqa: S105 - no password
    TELL = "answer once that it is too fast"
    COUNT = "say nothing, it is counted"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What an account said lately: its last times, and how many were not heard since it was told.

    `unheard` goes into one audit event once a command passes again, or the account falls
    silent for a `WINDOW`.
    """

    times: tuple[datetime, ...] = ()
    unheard: int = 0


def pace(spoken: Spoken, now: datetime, limit: int) -> tuple[Pace, Spoken]:
    """Weigh a command that came in now, and give what to remember of the account.

    Commands that were not heard count too, so whoever goes on as fast is told once only.

    >>> at = datetime(2026, 6, 8, 12, 0)
    >>> first, spoken = pace(Spoken(), at, limit=1)
    >>> second, spoken = pace(spoken, at, limit=1)
    >>> third, spoken = pace(spoken, at, limit=1)
    >>> first.name, second.name, third.name, spoken.unheard
    ('PASS', 'TELL', 'COUNT', 2)
    """
    recent = tuple(at for at in spoken.times if now - at < WINDOW)
    if len(recent) < limit:
        return Pace.PASS, Spoken((*recent, now))
    kept = (*recent, now)[-limit:] if limit > 0 else ()
    told = spoken.unheard > 0
    return Pace.COUNT if told else Pace.TELL, Spoken(kept, spoken.unheard + 1)
