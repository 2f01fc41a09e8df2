"""What must hold of a history, whatever was killed when. Pure: plain rows in, faults out."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from aaroc_bot.core.audit import What
from aaroc_bot.core.run import NEXT, State
from tests.chaos.history import History, Noted, Ran, Tried

APPROVED = "approved"
"""Outcome of an approval that is not the last one."""
LIFE = {What.RUN, What.APPROVAL}
"""Rows that tell of a run's life."""
WISHED = "to be cancelled"
"""Outcome of a wish to end what is under way."""
DONE = 3
"""One of so many approved runs at least must have come to its end,"""
MANY = 20
"""if there are so many: a few may all have been struck."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and with which run; 0: with none alone."""

    run: int
    what: str


def faults(history: History) -> list[Fault]:
    """Give everything that is wrong."""
    return [fault for check in CHECKS for fault in check(history)]


def explained(history: History) -> str:
    """Write what is wrong, each with the whole story of its run; empty if nothing is."""
    return "\n".join(
        f"run {fault.run}: {fault.what}\n{history.story(fault.run)}" for fault in faults(history)
    )


def nothing_lost(history: History) -> Iterator[Fault]:
    """Each wish that was taken in became one run, and each run was wished for."""
    of_wish = Counter(run.wish for run in history.runs)
    for wish in sorted(history.taken):
        if of_wish[wish] == 0:
            yield Fault(0, f"wish {wish} was taken in and is no run")
    for run in history.runs:
        if of_wish[run.wish] > 1:
            yield Fault(run.number, f"wish {run.wish} became {of_wish[run.wish]} runs")


def all_ended(history: History) -> Iterator[Fault]:
    """Every run has ended, and nothing is left of any."""
    for run in history.runs:
        if not State(run.state).ended:
            yield Fault(run.number, f"is {run.state} still")
    for attempt in history.attempts:
        if attempt.ended_at is None:
            yield Fault(attempt.run, f"its attempt {attempt.attempt} is open still")
    for left in history.left:
        yield Fault(0, left)


def executed_once(history: History) -> Iterator[Fault]:
    """Nothing began twice, what succeeded came to its end, and what failed was meant to."""
    for run in history.runs:
        kinds = Counter(line.kind for line in history.of_wish(run.wish))
        if kinds["begin"] > 1:
            yield Fault(run.number, f"began {kinds['begin']} times")
        expected = _expected(run, failing=run.wish in history.failing)
        if run.state not in expected:
            yield Fault(run.number, f"is {run.state}: {run.reason}")
        came = run.state in {State.SUCCEEDED, State.FAILED} and not run.checked_only
        if came and (kinds["begin"], kinds["end"]) != (1, 1):
            yield Fault(run.number, f"is {run.state}, and its host saw {dict(kinds)}")


def _expected(run: Ran, *, failing: bool) -> set[State]:
    done = State.FAILED if failing else State.SUCCEEDED
    return {done, State.INTERRUPTED, State.CANCELLED, State.DENIED}


def enough_done(history: History) -> Iterator[Fault]:
    """Falls excuse some runs only, and none that was asked for once they were over."""
    meant = [
        run
        for run in history.runs
        if run.state != State.CANCELLED and any(_approves(row) for row in history.told(run.number))
    ]
    came = sum(run.state in {State.SUCCEEDED, State.FAILED} for run in meant)
    if len(meant) >= MANY and came < len(meant) // DONE:
        yield Fault(0, f"of {len(meant)} approved runs only {came} came to their end")
    for run in history.runs:
        if run.wish in history.calm and run.state != State.SUCCEEDED:
            yield Fault(run.number, f"was asked for in all calm, and is {run.state}")


def interrupted_by_falls(history: History) -> Iterator[Fault]:
    """Who was interrupted was played, and the one that played it fell, froze or was ended."""
    for run in history.runs:
        if run.state != State.INTERRUPTED:
            continue
        last = max(history.tried(run.number), key=lambda tried: tried.attempt, default=None)
        if last is None or not (last.cut or _struck(history, last)):
            yield Fault(run.number, f"is interrupted, and nobody fell: {run.reason}")


def _struck(history: History, attempt: Tried) -> bool:
    """Whether something befell the one that played an attempt while it did."""
    since, until = attempt.started_at, attempt.ended_at
    return any(
        blow.name == attempt.engine and since and until and since <= blow.at <= until
        for blow in history.blows
    )


def decided_by_people(history: History) -> Iterator[Fault]:
    """What was approved, denied or cancelled a person wished so: in the chat and on record."""
    for run in history.runs:
        said, rows = history.words.get(run.wish, {}), history.told(run.number)
        for row, decision in _decisions(rows):
            orders = [order for order in rows if order.what == What.COMMAND and order.id < row.id]
            if not row.login or said.get(decision) != row.login:
                yield Fault(run.number, f"is {row.outcome} by {row.login!r}, who did not say so")
            elif row.login not in {order.login for order in orders}:
                yield Fault(run.number, f"is {row.outcome} with no command on record before it")


def _decisions(rows: Sequence[Noted]) -> Iterator[tuple[Noted, State]]:
    """Give each row that tells of a decision, and which.

    What is under way the bot ends once its process has ended: there the wish decides.
    """
    wished = any(row.outcome == WISHED for row in rows)
    for row in rows:
        state = _state(row)
        if _approves(row):
            yield row, State.QUEUED
        elif state is State.DENIED:
            yield row, State.DENIED
        elif row.outcome == WISHED or (state is State.CANCELLED and not wished):
            yield row, State.CANCELLED


def nothing_unapproved(history: History) -> Iterator[Fault]:
    """What began was approved before, and claimed before."""
    for run in history.runs:
        began = [line.at for line in history.of_wish(run.wish) if line.kind == "begin"]
        if not began:
            continue
        rows = history.told(run.number)
        for what, found in (
            ("approval", [row for row in rows if _approves(row)]),
            ("claim", [row for row in rows if row.outcome == State.RUNNING]),
        ):
            if not found or found[0].at > began[0]:
                yield Fault(run.number, f"began with no {what} before it")


def _approves(row: Noted) -> bool:
    return row.what == What.APPROVAL and row.outcome in {State.QUEUED, APPROVED}


def one_at_a_time(history: History) -> Iterator[Fault]:
    """At no site did anything of two runs happen in between each other.

    What was killed counts until its last beat: lines of another before that show that it
    was alive beside it.
    """
    numbers = {run.wish: run.number for run in history.runs}
    for site, lines in history.lines.items():
        last = {line.wish: place for place, line in enumerate(lines)}
        there: int | None = None
        for place, line in enumerate(lines):
            if there is not None and line.wish != there and last[there] > place:
                beside = f"wish {line.wish} was at {site} beside wish {there}"
                yield Fault(numbers.get(there, 0), beside)
                break
            there = line.wish


def record_complete(history: History) -> Iterator[Fault]:
    """The chain is whole, and tells each run's life from its begin to its state now."""
    if history.broken_at is not None:
        yield Fault(0, f"the record breaks at {history.broken_at}")
    for run in history.runs:
        states = list(_states(history.told(run.number)))
        if states[:1] != [State.PLANNING]:
            yield Fault(run.number, f"the record does not begin with planning: {states}")
        if states[-1:] != [run.state]:
            yield Fault(run.number, f"the record does not end with {run.state}: {states}")
        for now, then in pairwise(states):
            if then not in NEXT[now]:
                yield Fault(run.number, f"the record has {now} followed by {then}")


def _states(rows: Iterable[Noted]) -> Iterator[State]:
    for row in rows:
        if state := _state(row):
            yield state


def _state(row: Noted) -> State | None:
    """Give the state that a run went to by a row, if it tells of one."""
    word = row.outcome.partition(":")[0]
    return State(word) if row.what in LIFE and word in set(State) else None


def cards_true(history: History) -> Iterator[Fault]:
    """In each chat each run has a card that shows its state."""
    for chat, cards in history.cards.items():
        for run in history.runs:
            shown = cards.get(run.number)
            if shown is None:
                yield Fault(run.number, f"has no card in {chat}")
            elif f" · {run.state}" not in shown:
                yield Fault(run.number, f"its card in {chat} says: {shown}")


CHECKS: tuple[Callable[[History], Iterator[Fault]], ...] = (
    nothing_lost,
    all_ended,
    executed_once,
    enough_done,
    interrupted_by_falls,
    decided_by_people,
    nothing_unapproved,
    one_at_a_time,
    record_complete,
    cards_true,
)
