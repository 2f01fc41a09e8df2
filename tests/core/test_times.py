from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.times import FURTHEST, NotATime, Past, Resolved, TooFar, extent, resolve

SAST = ZoneInfo("Africa/Johannesburg")
NOW = datetime(2026, 6, 8, 12, 40, tzinfo=UTC)  # 14:40 there


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("18:00", "2026-06-08T16:00"),
        ("18h00", "2026-06-08T16:00"),
        ("18.00", "2026-06-08T16:00"),
        ("6pm", "2026-06-08T16:00"),
        ("6 PM", "2026-06-08T16:00"),
        ("6:30pm", "2026-06-08T16:30"),
        ("11:59 pm", "2026-06-08T21:59"),
        ("١٨:٠٠", "2026-06-08T16:00"),
        ("18:00 UTC", "2026-06-08T18:00"),
        ("18:00Z", "2026-06-08T18:00"),
        ("18:00 EAT", "2026-06-08T15:00"),
        ("18:00+04:00", "2026-06-08T14:00"),
        ("18:00 UTC+4", "2026-06-08T14:00"),
        ("18:00 -0130", "2026-06-08T19:30"),
        ("tomorrow 08:00", "2026-06-09T06:00"),
        ("tomorrow at 8am", "2026-06-09T06:00"),
        ("08:00 tomorrow", "2026-06-09T06:00"),
        ("12am tomorrow", "2026-06-08T22:00"),
        ("2026-06-08 18:00", "2026-06-08T16:00"),
        ("2026-06-08T18:00Z", "2026-06-08T18:00"),
        ("2h", "2026-06-08T14:40"),
        ("90m", "2026-06-08T14:10"),
        ("90 min", "2026-06-08T14:10"),
        ("1h30m", "2026-06-08T14:10"),
        ("1h 30m", "2026-06-08T14:10"),
        ("2 hours", "2026-06-08T14:40"),
        ("1 day", "2026-06-09T12:40"),
    ],
)
def test_times_that_are_understood(typed: str, at: str) -> None:
    answer = resolve(typed, NOW, SAST)
    assert isinstance(answer, Resolved), answer
    assert answer.at == datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert extent([*typed.split(), "and", "words"]) == len(typed.split()) or not typed.isascii()


@pytest.mark.parametrize(
    "typed", ["14:00", "14:40", "today 8:00", "2026-06-07 18:00", "0m", "10am"]
)
def test_one_that_is_past_is_told_and_not_moved(typed: str) -> None:
    assert isinstance(resolve(typed, NOW, SAST), Past)


@pytest.mark.parametrize("typed", ["25h", "2 days", "tomorrow 18:00", "2026-07-01 08:00", "9999d"])
def test_one_that_is_too_far_is_told(typed: str) -> None:
    assert isinstance(resolve(typed, NOW, SAST), TooFar)


@pytest.mark.parametrize(
    "typed",
    ["", "soon", "25:00", "18:60", "13pm", "0am", "18", "2026-02-30 18:00", "2h later", "h",
     "18:00 18:00", "18:00+99:99", "today 18:00 tomorrow", "tomorrow", "99999h", "18:00 XYZ"],
)  # fmt: skip
def test_what_is_no_time_is_told(typed: str) -> None:
    assert resolve(typed, NOW, SAST) == NotATime(typed)


def test_the_zone_that_was_meant_comes_back() -> None:
    typed, given_zone = resolve("18:00 SAST", NOW, UTC), resolve("18:00", NOW, SAST)
    assert isinstance(typed, Resolved)
    assert isinstance(given_zone, Resolved)
    assert typed.zone == timezone(timedelta(hours=2), "SAST")
    assert given_zone.zone is SAST


@given(
    st.one_of(st.text(max_size=30), st.from_regex(r"[0-9a-z:+. -]{0,20}", fullmatch=True)),
    st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
)
def test_whatever_is_typed_has_an_answer(typed: str, now: datetime) -> None:
    answer = resolve(typed, now, SAST)
    if isinstance(answer, Resolved):
        assert now < answer.at <= now + FURTHEST
