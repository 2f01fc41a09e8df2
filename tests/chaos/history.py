"""What happened, as plain rows: of the runs, of the record, and what the hosts saw."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property


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
    """A row of the record that is about a run. `at` is in seconds since 1970.

    `login` is empty where the row names no person.
    """

    id: int
    what: str
    run: int
    outcome: str
    at: float
    login: str = ""


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
class Blow:
    """A process that was frozen, or ended by itself, from `at` on."""

    name: str
    at: datetime


@dataclass(frozen=True)
class History:
    """All of it. `taken` are the wishes of which the chats know that they were taken in.

    `failing` are those whose playbook fails on purpose, `calm` those that were made once all
    falls were over: they come to their end. `words` tell by wish who decided
    what (`queued`, `denied`, `cancelled`) in the chats. `cards` are the first
    lines of each run's card, by chat, as they stand now. `left` says what is left over: holds, jobs,
    messages, events. `broken_at` is where the record's chain breaks first.
    `blows` are those of which no attempt tells that it was cut off.

    Without slots, so that what is found by a run's number is sorted once: it may be thousands.
    """

    runs: Sequence[Ran]
    record: Sequence[Noted]
    attempts: Sequence[Tried]
    lines: Mapping[str, Sequence[Line]]
    taken: frozenset[int]
    failing: frozenset[int] = frozenset()
    calm: frozenset[int] = frozenset()
    words: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    blows: Sequence[Blow] = ()
    cards: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    left: Sequence[str] = ()
    broken_at: int | None = None

    def of_wish(self, wish: int) -> list[Line]:
        """Give what the hosts saw of a wish."""
        return self._lines_of.get(wish, [])

    def told(self, number: int) -> list[Noted]:
        """Give a run's rows of the record, oldest first."""
        return self._rows_of.get(number, [])

    def tried(self, number: int) -> list[Tried]:
        """Give a run's attempts."""
        return self._attempts_of.get(number, [])

    @cached_property
    def _lines_of(self) -> Mapping[int, list[Line]]:
        found: dict[int, list[Line]] = defaultdict(list)
        for lines in self.lines.values():
            for line in lines:
                found[line.wish].append(line)
        return found

    @cached_property
    def _rows_of(self) -> Mapping[int, list[Noted]]:
        found: dict[int, list[Noted]] = defaultdict(list)
        for row in self.record:
            found[row.run].append(row)
        return found

    @cached_property
    def _attempts_of(self) -> Mapping[int, list[Tried]]:
        found: dict[int, list[Tried]] = defaultdict(list)
        for attempt in self.attempts:
            found[attempt.run].append(attempt)
        return found

    def story(self, number: int) -> str:
        """Write everything that is known of a run, so that a fault can be understood."""
        runs = [run for run in self.runs if run.number == number]
        seen = [line for run in runs for line in self.of_wish(run.wish) if line.kind != "beat"]
        beats = [line for run in runs for line in self.of_wish(run.wish) if line.kind == "beat"]
        cards = [f"{chat}: {of.get(number)}" for chat, of in self.cards.items()]
        last = [f"{len(beats)} beats, the last {beats[-1]}"] if beats else []
        parts = [*runs, *self.told(number), *self.tried(number), *seen, *last, *cards]
        return "\n".join(f"    {part}" for part in parts)
