"""No more calls than the rate and the burst allow, and none while the chat is closed."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.chat.pace import Pace


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(
    rate=st.floats(0.1, 30),
    burst=st.integers(1, 20),
    steps=st.lists(st.floats(0, 5), max_size=80),
)
def test_no_stretch_of_time_has_more_calls_than_burst_and_rate(
    rate: float, burst: int, steps: list[float]
) -> None:
    clock = Clock()
    pace = Pace(rate, burst, clock)
    taken = []
    for now in accumulate(steps):
        clock.now = now
        if pace.take() == 0:
            taken.append(now)
    for first, begin in enumerate(taken):
        for last, end in enumerate(taken[first:], first):
            assert last - first + 1 <= burst + (end - begin) * rate + 1e-3


@given(rate=st.floats(0.1, 30), burst=st.integers(1, 20), closed=st.floats(0, 60))
def test_after_the_told_wait_one_may(rate: float, burst: int, closed: float) -> None:
    clock = Clock()
    pace = Pace(rate, burst, clock)
    while pace.take() == 0:
        pass
    pace.closed_for(closed)
    wait = pace.take()
    assert wait >= closed
    clock.now += wait
    assert pace.take() == 0


def test_a_closed_pace_lets_nothing_through_and_opens_slowly() -> None:
    clock = Clock()
    pace = Pace(1.0, 4, clock)
    pace.closed_for(3.0)
    assert pace.take() == 3.0
    pace.closed_for(1.0)  # a shorter one does not open it sooner
    assert pace.take() == 3.0
    clock.now = 3.0
    assert [pace.take(), pace.take()] == [0.0, 1.0]
