"""What the digest tells beyond how the sites stand now: what happened since the last one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aaroc_bot.core.changes import Change
from aaroc_bot.core.run import Run, State

LONG = timedelta(days=90)
"""A site that was not deployed for longer is named."""

FIRST = timedelta(days=7)
"""How far the very first digest looks back."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened after `since`, and what is open.

    `ended` counts runs by how they ended, plans left out; `failed` are the newest that ended
    badly. `merged` counts Changes; `merges` says of sites when the last one was merged, of
    those within `LONG`. `open` are Changes that wait, oldest first. `broken` says of schedules
    that do not count why, for people.
    """

    since: datetime
    ended: Mapping[State, int]
    failed: tuple[Run, ...]
    merged: int
    merges: Mapping[str, datetime]
    open: tuple[Change, ...]
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Neglected:
    """Sites that were not deployed for long, the one waiting longest first; those never."""

    long: tuple[tuple[str, datetime], ...]
    never: tuple[str, ...]


def neglected(sites: Sequence[str], lasts: Mapping[str, Run], now: datetime) -> Neglected:
    """Find the sites at which nothing that changes them ran for long, or ever."""
    moments = {site: run.ended_at or run.changed_at for site in sites if (run := lasts.get(site))}
    long = [(site, at) for site, at in moments.items() if now - at > LONG]
    never = tuple(site for site in sites if site not in moments)
    return Neglected(tuple(sorted(long, key=lambda one: one[1])), never)


def short(head: str) -> str:
    """Write a hash so that it can be compared at a glance.

    >>> short("9c41" + "0" * 58 + "e7")
    '9c41…e7'
    """
    return f"{head[:4]}…{head[-2:]}"


def day(of: date) -> str:
    """Write a day in full.

    >>> day(date(2026, 6, 8))
    'Monday 8 June'
    """
    return f"{of:%A} {of.day} {of:%B}"


def since(start: datetime, now: datetime) -> str:
    """Write from when on something counts: a weekday within the week, before that a date.

    >>> from datetime import UTC
    >>> now = datetime(2026, 6, 8, 8, tzinfo=UTC)
    >>> since(datetime(2026, 6, 5, 8, tzinfo=UTC), now), since(datetime(2026, 5, 8, tzinfo=UTC), now)
    ('Friday', '8 May')
    >>> since(datetime(2026, 6, 8, 7, 30, tzinfo=UTC), now)
    '07:30'
    """
    if start.date() == now.date():
        return f"{start:%H:%M}"
    if (now.date() - start.date()).days < 7:
        return f"{start:%A}"
    return f"{start.day} {start:%B}{f' {start.year}' if start.year != now.year else ''}"
