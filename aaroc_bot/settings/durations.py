"""How a duration is written in a setting: ``90s``, ``30m``, ``4h``, ``7d``."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_DURATION = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(value: object) -> object:
    """Read one; anything else is refused with these words."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(str(value).strip())
    if not match:
        raise ValueError("a duration is written 90s, 30m, 4h or 7d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


Duration = Annotated[timedelta, BeforeValidator(_duration)]


def written(span: timedelta) -> str:
    """Write a duration as a setting does, in the largest unit that is whole.

    >>> written(timedelta(hours=4)), written(timedelta(seconds=90)), written(timedelta(days=1))
    ('4h', '90s', '24h')
    """
    seconds = int(span.total_seconds())
    days, hours, minutes = 86400, 3600, 60
    if seconds > days and seconds % days == 0:
        return f"{seconds // days}d"
    for unit, size in (("h", hours), ("m", minutes)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
