"""How moments and durations read. The clock itself is asked at the edge and passed in."""

from datetime import UTC, datetime, timedelta

from aaroc_bot.core.text import When

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"]


def when(at: datetime, now: datetime) -> When:
    """Write a moment as people say it, in UTC: the hour today, the day before that.

    >>> from datetime import datetime, UTC
    >>> now = datetime(2026, 6, 8, 15, 0, tzinfo=UTC)
    >>> when(datetime(2026, 6, 8, 14, 5, tzinfo=UTC), now).plain
    '14:05 UTC'
    >>> when(datetime(2026, 5, 3, 9, 0, tzinfo=UTC), now).plain
    '3 May 09:00 UTC'
    """
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    hour = f"{at:%H:%M} UTC"
    if at.date() == now.date():
        return When(at, hour)
    year = "" if at.year == now.year else f" {at.year}"
    return When(at, f"{at.day} {MONTHS[at.month - 1]}{year} {hour}")


def duration(span: timedelta) -> str:
    """Write a duration in words, in its one or two largest units.

    >>> duration(timedelta(seconds=40)), duration(timedelta(minutes=2, seconds=51))
    ('40 s', '2 min 51 s')
    >>> duration(timedelta(hours=3, minutes=20)), duration(timedelta(days=2, hours=5))
    ('3 h 20 min', '2 days')
    """
    seconds = max(0, round(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds and minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days = hours // 24
    return "1 day" if days == 1 else f"{days} days"
