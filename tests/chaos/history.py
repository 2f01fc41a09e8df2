"""What happened, as plain rows: of the runs, of the record, and what the hosts saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Line:
    """What a host saw: ``begin``, ``beat`` or ``end`` of a wish; `at` in seconds since 1970."""

    kind: str
    wish: int
    at: float
    pid: int
    mark: str


@dataclass(frozen=True, slots=True)
class Ran:
    """A run's row. `wish` is the parameter that names what it was asked for."""

    number: int
    wish: int
    site: str
    state: str
    reason: str = ""
    checked_only: bool = False
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """A row of the record that is about a run. `at` is in seconds since 1970."""

    id: int
    what: str
    run: int
    outcome: str
    at: float


@dataclass(frozen=True, slots=True)
class Tried:
    """A row of an attempt."""

    run: int
    attempt: int
    plan: bool
    engine: str
    mark: str
    started_at: datetime | None = None
    seen_at: datetime | None = None
    ended_at: datetime | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """All of it. `taken` are the wishes of which the chats know that they were taken in.

    `failing` are those whose playbook fails on purpose. `cards` are the first
    lines of each run's card, by chat, as they stand now. `left` says what is left over: holds, jobs,
    messages, events. `broken_at` is where the record's chain breaks first.
    """

    runs: Sequence[Ran]
    record: Sequence[Noted]
    attempts: Sequence[Tried]
    lines: Mapping[str, Sequence[Line]]
    taken: frozenset[int]
    failing: frozenset[int] = frozenset()
    cards: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    left: Sequence[str] = ()
    broken_at: int | None = None

    def of_wish(self, wish: int) -> list[Line]:
        """Give what the hosts saw of a wish."""
        return [line for lines in self.lines.values() for line in lines if line.wish == wish]

    def told(self, number: int) -> list[Noted]:
        """Give a run's rows of the record, oldest first."""
        return [row for row in self.record if row.run == number]

    def story(self, number: int) -> str:
        """Write everything that is known of a run, so that a fault can be understood."""
        runs = [run for run in self.runs if run.number == number]
        seen = [line for run in runs for line in self.of_wish(run.wish) if line.kind != "beat"]
        beats = [line for run in runs for line in self.of_wish(run.wish) if line.kind == "beat"]
        tried = [attempt for attempt in self.attempts if attempt.run == number]
        cards = [f"{chat}: {of.get(number)}" for chat, of in self.cards.items()]
        last = [f"{len(beats)} beats, the last {beats[-1]}"] if beats else []
        parts = [*runs, *self.told(number), *tried, *seen, *last, *cards]
        return "\n".join(f"    {part}" for part in parts)
