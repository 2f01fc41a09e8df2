"""When a schedule is due: in its own zone, across summer time, never twice for one time."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.schedules import Schedule, Task, task
from aaroc_bot.cron import checked, next_after

ZONES = ("UTC", "Africa/Johannesburg", "Europe/Paris", "Africa/Casablanca", "America/Sao_Paulo")


def schedule(cron: str, zone: str = "UTC") -> Schedule:
    return Schedule("digest", Task.DIGEST, cron, zone)


@given(
    moment=st.integers(1_420_000_000, 2_050_000_000),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    weekday=st.sampled_from(["*", "1-5", "MON", "6,0"]),
    zone=st.sampled_from(ZONES),
)
def test_it_is_strictly_later_and_at_that_hour_of_the_zone(
    moment: int, hour: int, minute: int, weekday: str, zone: str
) -> None:
    one, start = (
        schedule(f"{minute} {hour} * * {weekday}", zone),
        datetime.fromtimestamp(moment, UTC),
    )
    due = next_after(one, start)
    local = due.astimezone(ZoneInfo(zone))
    assert start < due <= start + timedelta(days=9)
    assert due.tzinfo is UTC
    skipped = local.replace(hour=hour, minute=minute).astimezone(UTC) != due
    assert skipped is False or local.dst()  # only the hour that summer time leaves out


def dues(cron: str, zone: str, start: datetime, number: int) -> list[datetime]:
    found, moment = [], start
    for _ in range(number):
        moment = next_after(schedule(cron, zone), moment)
        found.append(moment)
    return found


def test_eight_oclock_stays_eight_oclock_over_summer_time() -> None:
    start = datetime(2026, 3, 27, 12, tzinfo=UTC)
    assert [f"{d:%d %H:%M}" for d in dues("0 8 * * *", "Europe/Paris", start, 3)] == [
        "28 07:00", "29 06:00", "30 06:00",
    ]  # fmt: skip


def test_the_hour_that_comes_twice_is_one_time() -> None:
    start = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 02:00 in Paris, which comes again at 01:00
    assert [f"{d:%d %H:%M}" for d in dues("30 2 * * *", "Europe/Paris", start, 2)] == [
        "25 00:30", "26 01:30",
    ]  # fmt: skip
    again = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10, the second time
    assert next_after(schedule("30 2 * * *", "Europe/Paris"), again).day == 26


def test_each_is_later_than_the_one_before_through_a_whole_year() -> None:
    found = dues("*/30 * * * *", "Europe/Paris", datetime(2026, 10, 24, 22, tzinfo=UTC), 20)
    assert all(after - before == timedelta(minutes=30) for before, after in pairwise(found))


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 8 * *", "cron has five fields"),
        ("0 0 8 * * *", "cron has five fields"),
        ("61 8 * * *", "cron cannot be read: bad minute"),
        ("0 8 30 2 *", "cron cannot be read: bad day-of-month"),
        ("", "cron has five fields"),
    ],
)
def test_a_cron_that_is_none_says_why(cron: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        checked(schedule(cron))


def test_names_zones_and_tasks_are_checked() -> None:
    for name in ("", "x" * 61, "two\nlines"):
        with pytest.raises(ValueError, match="a schedule's name"):
            Schedule(name, Task.DIGEST, "0 8 * * *")
    for zone in ("Mars/Base", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="no IANA time zone"):
            schedule("0 8 * * *", zone)
    with pytest.raises(ValueError, match="what is one of `digest`, `reminders` or `refresh`"):
        task("drift")
    assert task("digest") is Task.DIGEST


def test_equal_terms_are_the_same_schedule() -> None:
    assert schedule("0 8 * * *").terms == schedule("0 8 * * *").terms
    assert schedule("0 8 * * *").terms != schedule("0 8 * * *", "Africa/Cairo").terms
