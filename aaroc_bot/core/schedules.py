"""What is done at set times, as the operator or the accepted rules of the repository say."""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LONGEST = 60
"""Characters of a schedule's name."""

LATE = timedelta(minutes=1)
"""What is done later than this after its time says so."""


class Task(StrEnum):
    """What a schedule does."""

    DIGEST = "digest"
    REMINDERS = "reminders"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A task, and when it is due: `cron` (five fields) as meant in the time zone `zone`.

    Raises `ValueError`, worded for people, for a name or zone that cannot be. Whether `cron`
    can be is told by `aaroc_bot.cron`.
    """

    name: str
    what: Task
    cron: str
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if not 1 <= len(self.name) <= LONGEST or not self.name.isprintable():
            raise ValueError(f"a schedule's name has 1 to {LONGEST} characters on one line")
        try:
            ZoneInfo(self.zone)
        except (KeyError, OSError, ValueError):
            raise ValueError("zone is no IANA time zone, as Africa/Johannesburg") from None

    @property
    def terms(self) -> str:
        """All of it as text: the same text, the same schedule."""
        return json.dumps(asdict(self), sort_keys=True)


def task(word: str) -> Task:
    """Give the task of a word. Raises `ValueError`, worded for people."""
    try:
        return Task(word)
    except ValueError:
        *most, last = (f"`{one.value}`" for one in Task)
        raise ValueError(f"what is one of {', '.join(most)} or {last}") from None
