"""The checks find what is broken: each is fed a history with one fault, and a good one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.chaos.checks import explained, faults
from tests.chaos.history import History, Line, Noted, Ran, Tried

NOW = datetime(2026, 6, 8, 14, 0, tzinfo=UTC)
LIFE = ("planning", "waiting", "queued", "running", "succeeded")


def record(run: int, *outcomes: str) -> list[Noted]:
    """Give rows, one a second; the run is queued by an approval."""
    return [
        Noted(run * 100 + at, "approval" if outcome == "queued" else "run", run, outcome, float(at))
        for at, outcome in enumerate(outcomes)
    ]


def lines(wish: int, *kinds: str, since: float = 3.5) -> list[Line]:
    """Give what a host saw, a tenth of a second apart."""
    return [Line(kind, wish, since + at / 10, 7, "mark") for at, kind in enumerate(kinds)]


def tried(run: int) -> Tried:
    return Tried(run, 1, plan=False, engine="bot-1", mark="mark", ended_at=NOW)


GOOD = History(
    runs=[Ran(1, 11, "A", "succeeded"), Ran(2, 12, "A", "interrupted"), Ran(3, 13, "B", "denied")],
    record=[
        *record(1, *LIFE),
        *record(2, *LIFE[:-1], "interrupted: cut off before its first task was seen"),
        *record(3, "planning", "waiting", "denied: no"),
    ],
    attempts=[tried(1), tried(2)],
    lines={"A": [*lines(11, "begin", "beat", "end"), *lines(12, "begin", "beat")], "B": []},
    taken=frozenset({11, 12, 13}),
    cards={
        "slack": {
            1: "Run 1 · run work at A · succeeded, 1 changed",
            2: "Run 2 · run work at A · interrupted, hosts of A may be half way",
            3: "Run 3 · run work at B · denied by roc-expert: “no”",
        }
    },
)


def test_a_good_history_has_no_fault() -> None:
    assert faults(GOOD) == []
    assert explained(GOOD) == ""


def with_runs(number: int, **changes: object) -> History:
    """Give the good history with one run's row changed."""
    runs = [replace(r, **changes) if r.number == number else r for r in GOOD.runs]  # type: ignore[arg-type]
    return replace(GOOD, runs=runs)


def without(what: str, run: int) -> History:
    """Give the good history with rows of the record gone."""
    rows = [r for r in GOOD.record if not (r.run == run and r.outcome.startswith(what))]
    return replace(GOOD, record=rows)


def with_lines(*seen: Line) -> History:
    """Give the good history with other lines of a host."""
    return replace(GOOD, lines={"A": seen})


FIRST = lines(11, "begin", "beat", "end")
SLACK = GOOD.cards["slack"]


@pytest.mark.parametrize(
    ("history", "run", "words"),
    [
        (replace(GOOD, taken=GOOD.taken | {14}), 0, "wish 14 was taken in and is no run"),
        (with_runs(3, wish=12), 3, "wish 12 became 2 runs"),
        (with_runs(3, state="running"), 3, "is running still"),
        (replace(GOOD, attempts=[replace(tried(2), ended_at=None)]), 2, "attempt 1 is open"),
        (replace(GOOD, left=["1 holds"]), 0, "1 holds"),
        (with_lines(*FIRST, *FIRST), 1, "began 2 times"),
        (with_lines(*FIRST[:-1]), 1, "its host saw {'begin': 1, 'beat': 1}"),
        (with_lines(), 1, "its host saw {}"),
        (with_runs(1, state="failed", reason="a fault"), 1, "is failed: a fault"),
        (replace(GOOD, failing=frozenset({11})), 1, "is succeeded"),
        (with_runs(2, state="expired", reason="changed"), 2, "is expired: changed"),
        (without("queued", 2), 2, "no approval before it"),
        (without("running", 2), 2, "no claim before it"),
        (with_lines(*FIRST, *lines(12, "begin", since=2.5)), 2, "no claim before it"),
        (with_lines(*FIRST, *lines(13, "begin")), 3, "no approval before it"),
        (with_lines(*FIRST[:2], *lines(12, "begin"), FIRST[2]), 1, "beside wish 11"),
        (with_lines(*FIRST[:1], *lines(12, "begin"), *FIRST[1:]), 1, "beside wish 11"),
        (replace(GOOD, broken_at=7), 0, "the record breaks at 7"),
        (without("planning", 3), 3, "does not begin with planning"),
        (without("succeeded", 1), 1, "does not end with succeeded"),
        (without("waiting", 3), 3, "planning followed by denied"),
        (replace(GOOD, cards={"slack": {}}), 1, "has no card in slack"),
        (
            replace(GOOD, cards={"slack": {**SLACK, 2: "Run 2 · run work at A · running"}}),
            2,
            "its card in slack says: Run 2",
        ),
    ],
)
def test_a_fault_is_found_and_told_with_its_run(history: History, run: int, words: str) -> None:
    found = [fault for fault in faults(history) if fault.run == run]
    assert [fault for fault in found if words in fault.what], faults(history)
    assert f"run {run}: " in explained(history)
    if run:
        assert f"Ran(number={run}," in explained(history)


def test_who_is_killed_counts_until_its_last_beat_and_no_longer() -> None:
    cut, after = lines(11, "begin", "beat"), lines(12, "begin", "beat")
    assert not [f for f in faults(with_lines(*cut, *after)) if "beside" in f.what]
    assert [f for f in faults(with_lines(*cut, *after, *cut[1:])) if "beside" in f.what]
