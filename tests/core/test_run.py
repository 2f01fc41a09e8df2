"""The life of a run: only the transitions that there are, whatever is tried in which order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.run import NEXT, IllegalTransition, State, step

STATES = st.sampled_from(list(State))


@given(st.lists(STATES, max_size=12))
def test_a_life_is_a_path_of_known_steps_that_ends_for_good(wished: list[State]) -> None:
    now, lived = State.PLANNING, [State.PLANNING]
    for then in wished:
        if then in NEXT[now]:
            now = step(now, then)
            lived.append(now)
        else:
            with pytest.raises(IllegalTransition):
                step(now, then)
    once = [state for state in lived if state not in {State.QUEUED, State.RUNNING}]
    assert len(set(once)) == len(once), "only what reached no host is queued again"
    assert not any(state.ended for state in lived[:-1]), "nothing follows an end"


@given(STATES)
def test_running_is_reached_only_through_the_queue(then: State) -> None:
    assert (State.RUNNING in NEXT[then]) == (then is State.QUEUED)


def test_every_state_can_come_to_an_end() -> None:
    ending = {state for state in State if state.ended}
    while more := {state for state in State if NEXT[state] & ending} - ending:
        ending |= more
    assert ending == set(State)
