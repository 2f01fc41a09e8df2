"""When a schedule is due: the arithmetic of cron, in its own time zone, across summer time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from aaroc_bot.core.schedules import Schedule

FIELDS = 5
"""A sixth would be seconds, which nothing here is punctual to."""


def next_after(schedule: Schedule, moment: datetime) -> datetime:
    """Give the first moment strictly after `moment` at which it is due, in UTC.

    An hour that summer time skips is due at its end; one that comes twice, the first time.
    Raises `ValueError`, worded for people, for a cron that is none or never comes.
    """
    if len(schedule.cron.split()) != FIELDS:
        raise ValueError("cron has five fields: minute, hour, day, month, day of the week")
    try:
        dues = CronSim(schedule.cron, moment.astimezone(ZoneInfo(schedule.zone)))
    except CronSimError as problem:
        raise ValueError(f"cron cannot be read: {str(problem).lower()}") from None
    for due in dues:
        # Compared in UTC: in the hour that comes twice the clock on the wall goes back.
        if due.astimezone(UTC) > moment:
            return due.astimezone(UTC)
    raise ValueError("cron names a day that never comes")


def checked(schedule: Schedule) -> Schedule:
    """Give the schedule back if it is ever due. Raises `ValueError`, worded for people."""
    next_after(schedule, datetime(2000, 1, 1, tzinfo=UTC))
    return schedule
