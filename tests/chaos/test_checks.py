"""The checks find what is broken: each is fed a history with one fault, and a good one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.checks import explained, faults
from tests.chaos.history import Blow, History, Line, Noted, Ran, Tried

NOW = datetime(2026, 6, 8, 14, 0, tzinfo=UTC)
LIFE = ("planning", "waiting", "queued", "running", "succeeded")
BY = {"queued": "expert", "denied": "second", "to be cancelled": "second"}
"""Who decides what; all else the bot does in the asker's name."""


def record(run: int, *outcomes: str) -> list[Noted]:
    """Give rows, one a second, with the command of each decision a tenth before it."""
    rows = []
    for at, outcome in enumerate(outcomes):
        who = BY.get(outcome.partition(":")[0], "asker")
        what = "approval" if outcome.startswith(("queued", "denied")) else "run"
        if who != "asker" or outcome == "cancelled":
            rows.append(Noted(run * 100 + 2 * at, "command", run, "", at - 0.1, who))
        rows.append(Noted(run * 100 + 2 * at + 1, what, run, outcome, float(at), who))
    return rows


def lines(wish: int, *kinds: str, since: float = 3.5) -> list[Line]:
    """Give what a host saw, a tenth of a second apart."""
    return [Line(kind, wish, since + at / 10, 7, "mark") for at, kind in enumerate(kinds)]


def tried(run: int, *, cut: bool = False) -> Tried:
    """Give an attempt of two minutes."""
    since = NOW - timedelta(minutes=2)
    return Tried(
        run, 1, plan=False, engine="bot-1", mark="mark", started_at=since, ended_at=NOW, cut=cut
    )


GOOD = History(
    runs=[Ran(1, 11, "A", "succeeded"), Ran(2, 12, "A", "interrupted"), Ran(3, 13, "B", "denied")],
    record=[
        *record(1, *LIFE),
        *record(2, *LIFE[:-1], "interrupted: cut off before its first task was seen"),
        *record(3, "planning", "waiting", "denied: no"),
    ],
    attempts=[tried(1), tried(2, cut=True)],
    lines={"A": [*lines(11, "begin", "beat", "end"), *lines(12, "begin", "beat")], "B": []},
    taken=frozenset({11, 12, 13}),
    words={11: {"queued": "expert"}, 12: {"queued": "expert"}, 13: {"denied": "second"}},
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


def said_by(run: int, login: str) -> History:
    """Give the good history with a decision under another name."""
    rows = [
        replace(r, login=login) if r.run == run and r.what == "approval" else r for r in GOOD.record
    ]
    return replace(GOOD, record=rows)


def without_commands(run: int) -> History:
    """Give the good history with nobody's command on record for a run."""
    rows = [r for r in GOOD.record if not (r.run == run and r.what == "command")]
    return replace(GOOD, record=rows)


AGAIN = replace(tried(2), attempt=2)
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
        (replace(GOOD, attempts=[tried(2)]), 2, "is interrupted, and nobody fell"),
        (replace(GOOD, attempts=[tried(2, cut=True), AGAIN]), 2, "and nobody fell"),
        (replace(GOOD, attempts=[]), 2, "is interrupted, and nobody fell"),
        (replace(GOOD, words={}), 1, "is queued by 'expert', who did not say so"),
        (replace(GOOD, words={}), 3, "is denied: no by 'second', who did not say so"),
        (said_by(3, ""), 3, "is denied: no by '', who did not say so"),
        (said_by(1, "asker"), 1, "is queued by 'asker', who did not say so"),
        (without_commands(1), 1, "is queued with no command on record before it"),
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


def of_fates(*ends: tuple[str, ...]) -> History:
    """Give runs that were all approved by the expert, and cancelled by the second one if so."""
    runs, rows = [], []
    for number, end in enumerate(ends, start=1):
        runs.append(Ran(number, number, "A", end[-1]))
        rows += record(number, "planning", "waiting", "queued", *end)
    said = {"queued": "expert", "cancelled": "second"}
    return History(
        runs=runs,
        record=rows,
        attempts=[tried(run.number, cut=run.state == "interrupted") for run in runs],
        lines={"A": [line for r in runs if r.state == "succeeded" for line in whole(r.wish)]},
        taken=frozenset(run.wish for run in runs),
        words={run.wish: said for run in runs},
    )


def whole(wish: int) -> list[Line]:
    return lines(wish, "begin", "end")


CUT, DONE = ("running", "interrupted"), ("running", "succeeded")


def test_falls_excuse_some_runs_and_not_all() -> None:
    assert faults(of_fates(*[CUT] * 14, *[DONE] * 7)) == []
    assert faults(of_fates(*[CUT] * 19)) == []  # so few may all have been struck
    found = [fault.what for fault in faults(of_fates(*[CUT] * 15, *[DONE] * 6))]
    assert found == ["of 21 approved runs only 6 came to their end"]


def test_nothing_excuses_who_was_asked_for_once_all_was_calm() -> None:
    assert faults(replace(GOOD, calm=frozenset({11}))) == []
    found = [fault.what for fault in faults(replace(GOOD, calm=frozenset({12})))]
    assert found == ["was asked for in all calm, and is interrupted"]


def test_what_is_cancelled_somebody_wished_to_be() -> None:
    now = ("running", "to be cancelled", "cancelled")
    assert faults(of_fates(now)) == []
    for unasked in (("cancelled",), ("running", "cancelled")):
        found = [fault.what for fault in faults(of_fates(unasked))]
        assert any("cancelled by 'asker', who did not say so" in what for what in found), found


def test_who_froze_or_ended_by_itself_meanwhile_interrupts_too() -> None:
    uncut = replace(GOOD, attempts=[tried(2)])
    minute = timedelta(minutes=1)
    for name, at, good in (
        ("bot-1", NOW - minute, True),
        ("bot-2", NOW - minute, False),
        ("bot-1", NOW + minute, False),
        ("bot-1", NOW - 3 * minute, False),
    ):
        assert (faults(replace(uncut, blows=[Blow(name, at)])) == []) is good
