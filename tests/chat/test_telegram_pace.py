"""No stretch of time holds more calls than Telegram lets through, however long each takes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aaroc_bot.chat.telegram_pace import Sort, TelegramPace, TooSoon

GROUP, PRIVATE = -100, 77


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


steps = st.lists(
    st.tuples(
        st.sampled_from(Sort), st.sampled_from([GROUP, PRIVATE]), st.floats(0, 2), st.floats(0, 3)
    ),
    max_size=120,
)


@settings(max_examples=60, deadline=None)
@given(steps, st.floats(0, 1))
def test_telegrams_limits_hold_wherever_within_a_call_it_counts(
    calls: list[tuple[Sort, int, float, float]], when: float
) -> None:
    clock = Clock()
    pace = TelegramPace(clock)
    counted: list[tuple[float, int, Sort]] = []
    for sort, chat, pause, takes in calls:
        clock.now += pause
        try:
            with pace.call(chat, sort):
                counted.append((clock.now + when * takes, chat, sort))
                clock.now += takes
        except TooSoon as wait:
            clock.now += wait.seconds
            with pace.call(chat, sort):  # what it says holds
                counted.append((clock.now, chat, sort))
    for chat in (GROUP, PRIVATE):
        sent = sorted(at for at, to, sort in counted if to == chat and sort is not Sort.SIGN)
        assert most(sent, 3) <= 3
        if chat == GROUP:
            edits = sorted(at for at, to, sort in counted if (to, sort) == (chat, Sort.EDIT))
            assert most(sent, 60) <= 20
            assert when or most(edits, 60) <= 11


def most(times: list[float], seconds: float) -> int:
    """Give the most of them within so many seconds."""
    nearly = seconds - 1e-3
    return max((sum(at <= t < at + nearly for t in times) for at in times), default=0)


def test_a_closed_chat_holds_up_no_other_and_no_signs() -> None:
    clock = Clock()
    pace = TelegramPace(clock)
    pace.close(GROUP, Sort.EDIT, 9)
    for sort in (Sort.POST, Sort.EDIT):
        with pytest.raises(TooSoon) as wait, pace.call(GROUP, sort):
            pass
        assert wait.value.seconds == 9
    with pace.call(PRIVATE, Sort.POST), pace.call(GROUP, Sort.SIGN):
        pass
    clock.now += 9
    with pace.call(GROUP, Sort.POST):
        pass


def test_edits_leave_room_for_answers() -> None:
    clock = Clock()
    pace = TelegramPace(clock)
    made = {Sort.EDIT: 0, Sort.POST: 0}
    while clock.now < 1060:
        for sort in (Sort.EDIT, Sort.POST):
            try:
                with pace.call(GROUP, sort):
                    made[sort] += 1
            except TooSoon:
                continue
        clock.now += 0.25
    assert made[Sort.EDIT] <= 10 <= made[Sort.POST]
