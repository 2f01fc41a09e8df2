"""Times as people type them. Nothing is moved: a time that is past is told, not meant tomorrow.

``18:00``, ``18h00``, ``6pm``, ``6:30 pm``, ``tomorrow 08:00``, ``2026-06-08 18:00``, each
with a zone behind it or not (``18:00 SAST``, ``18:00+02:00``); ``2h``, ``90m``, ``1h 30m``,
``2 hours``. A number with a lone ``h`` is a duration.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from aaroc_bot.core.typed import tokens

FURTHEST = timedelta(hours=24)
"""A lock ends within a day."""

_HOURS = {
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "wat": 1, "cet": 1, "west": 1, "cat": 2, "sast": 2,
    "eet": 2, "cest": 2, "eat": 3, "eest": 3, "ast": 3, "gst": 4, "mut": 4,
}  # fmt: skip
"""Zones of Africa, Arabia and Europe by their letters, in hours before UTC."""

_UNIT = r"(?:(?P<d>d|days?)|(?P<h>h|hrs?|hours?)|(?P<m>m|mins?|minutes?))"
_SPAN = re.compile(rf"(\d{{1,4}}) ?{_UNIT}(?![a-z])")
_DURATION = re.compile(rf"\d{{1,4}} ?{_UNIT}(?: ?\d{{1,4}} ?(?:m|mins?|minutes?))?(?= |$)")
_MOMENT = re.compile(
    r"(?:(?P<day>today|tomorrow|\d{4}-\d\d-\d\d)(?: at | |t))?"
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d\d)(?: ?(?P<half>am|pm))?| ?(?P<half_>am|pm))"
    rf"(?: ?(?P<zone>{'|'.join(_HOURS)})(?![a-z])| ?(?:utc|gmt)?(?P<offset>[+-]\d\d?(?::?\d\d)?))?"
    r"(?: (?P<after>today|tomorrow))?(?= |$)"
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A moment to come, in UTC, with the zone in which it was meant."""

    at: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Past:
    """A moment that is over (or now), in UTC."""

    at: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class TooFar:
    """A moment later than `FURTHEST` from now, in UTC."""

    at: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class NotATime:
    """Nothing that reads as a time."""

    typed: str


Answer = Resolved | Past | TooFar | NotATime


def resolve(typed: str, now: datetime, zone: tzinfo) -> Answer:
    """Say which moment is meant; without a zone behind it, in `zone` (UTC if unknown).

    >>> now = datetime(2026, 6, 8, 12, 40, tzinfo=UTC)
    >>> resolve("18:00 SAST", now, UTC).at.isoformat()
    '2026-06-08T16:00:00+00:00'
    """
    text = _plain(word.text for word in tokens(typed))
    if _DURATION.fullmatch(text):
        return _judged(now + _span(text), now, zone)
    found = _MOMENT.fullmatch(text)
    if not found or (found["day"] and found["after"]):
        return NotATime(typed)
    try:
        zone = _zone(found) or zone
        day = _day(found["day"] or found["after"], now.astimezone(zone).date())
        moment = datetime.combine(day, _clock(found), zone).astimezone(UTC)
    except (ValueError, OverflowError):  # 25:00, 31 June, the year 0
        return NotATime(typed)
    return _judged(moment, now, zone)


def extent(words: Sequence[str]) -> int:
    """Count the first words that together are a time; 0 if they are none.

    >>> extent(["18:00", "switch", "maintenance"]), extent(["tomorrow", "8:00", "SAST", "x"])
    (1, 3)
    """
    text = _plain(words[:5])
    found = _DURATION.match(text) or _MOMENT.match(text)
    return found[0].count(" ") + 1 if found else 0


def _plain(words: Iterable[str]) -> str:
    return " ".join(words).lower()


def _judged(moment: datetime, now: datetime, zone: tzinfo) -> Answer:
    if moment <= now:
        return Past(moment, zone)
    if moment > now + FURTHEST:
        return TooFar(moment, zone)
    return Resolved(moment.astimezone(UTC), zone)


def _span(text: str) -> timedelta:
    span = timedelta()
    for found in _SPAN.finditer(text):
        count = int(found[1])
        unit = "days" if found["d"] else "hours" if found["h"] else "minutes"
        span += timedelta(**{unit: count})
    return span


def _clock(found: re.Match[str]) -> time:
    hour, half = int(found["hour"]), found["half"] or found["half_"]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, int(found["minute"] or 0))


def _day(word: str | None, today: date) -> date:
    match word:
        case None | "today":
            return today
        case "tomorrow":
            return today + timedelta(days=1)
        case _:
            return date.fromisoformat(word)


def _zone(found: re.Match[str]) -> tzinfo | None:
    if found["zone"]:
        hours = _HOURS[found["zone"]]
        return timezone(timedelta(hours=hours), found["zone"].upper()) if hours else UTC
    if not found["offset"]:
        return None
    sign, digits = found["offset"][0], found["offset"][1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) < 3 else (int(digits[:-2]), int(digits[-2:]))
    away = timedelta(hours=hours, minutes=minutes)
    return timezone(-away if sign == "-" else away)
