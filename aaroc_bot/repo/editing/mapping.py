"""The places of a variable file's own keys and values, from the parser's events.

Events, not nodes: where an alias stands a composed document holds the anchor's node, with
the anchor's place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.assignments import VAULT, Assignment, of_variables
from aaroc_bot.repo.editing.edit import BOM, CannotEdit, decoded

DEEPEST = 100
"""Levels of lists and mappings within each other."""
_STARTS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


@dataclass(frozen=True, slots=True)
class Piece:
    """What an event of the parser stands for: characters `start` to `end`, and its lines.

    `text` is a scalar's without its quotes (`style`: the quote, ``|``, ``>``, or "" if it is
    plain), None for everything else. `bare`: it has neither tag nor anchor.
    """

    start: int
    end: int
    line: int
    last_line: int
    column: int
    text: str | None
    style: str
    bare: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A key of the file, and its value: its first piece, and where all its text ends."""

    key: Piece
    value: Piece
    end: int

    @property
    def name(self) -> str:
        """Give the key without quotes."""
        return self.key.text or ""


@dataclass(frozen=True, slots=True)
class Document:
    """A file of variables: its text, without the mark `bom`, and what it says.

    `end` is where the document ends: before a line ``...`` if there is one.
    """

    text: str
    bom: str
    pairs: tuple[Pair, ...]
    assignments: tuple[Assignment, ...]
    end: int

    def of(self, name: str) -> tuple[Pair, ...]:
        """Give the pairs of this name, the last of which counts."""
        return tuple(pair for pair in self.pairs if pair.name == name)


def read(path: str, content: bytes) -> Document:
    """Read a file of variables. Raises `CannotEdit` for what is not a plain block of keys."""
    if content.startswith(VAULT) or path.endswith(".json"):
        raise CannotEdit(WhyNot.KIND)
    whole = decoded(content)
    bom = BOM if whole.startswith(BOM) else ""
    text = whole[len(bom) :]
    events = _events(text)  # first: composing what is nested very deeply ends the process
    described = of_variables(path, content)
    root = events[2] if len(events) > 2 else None
    if root is None or _is_nothing(root):
        return Document(text, bom, (), (), _end(events, text))
    if described.problem:
        raise CannotEdit(WhyNot.UNREADABLE, described.problem.line)
    if not isinstance(root, yaml.MappingStartEvent) or root.flow_style:
        raise CannotEdit(WhyNot.KIND, _piece(root).line)
    pairs = _pairs(text, events[3:])
    return Document(text, bom, pairs, described.assignments, _end(events, text))


def _events(text: str) -> list[yaml.Event]:
    events, depth = [], 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, _STARTS)
            depth -= isinstance(event, _ENDS)
            if depth > DEEPEST:
                raise CannotEdit(WhyNot.UNREADABLE, _piece(event).line)
            events.append(event)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        raise CannotEdit(WhyNot.UNREADABLE, mark.line + 1 if mark else None) from None
    except yaml.YAMLError:
        raise CannotEdit(WhyNot.UNREADABLE) from None
    return events


def _is_nothing(root: yaml.Event) -> bool:
    """Whether a document has no content at all: ``---`` alone."""
    piece = _piece(root)
    return piece.text is not None and piece.start == piece.end


def _end(events: Sequence[yaml.Event], text: str) -> int:
    for event in events:
        if isinstance(event, yaml.DocumentEndEvent) and event.explicit:
            return _piece(event).start
    return len(text)


def _pairs(text: str, events: Sequence[yaml.Event]) -> tuple[Pair, ...]:
    pairs, at = [], 0
    while not isinstance(events[at], yaml.MappingEndEvent):
        key = _piece(events[at])
        if key.text is None:
            raise CannotEdit(WhyNot.KIND, key.line)
        after = _after(events, at + 1)
        end = _text_end(text, events[at + 1 : after])
        pairs.append(Pair(key, _piece(events[at + 1]), end))
        at = after
    return tuple(pairs)


def _after(events: Sequence[yaml.Event], at: int) -> int:
    """Give the place of the event that follows a value."""
    depth = 0
    while True:
        depth += isinstance(events[at], _STARTS)
        depth -= isinstance(events[at], _ENDS)
        at += 1
        if depth == 0:
            return at


def _text_end(text: str, events: Sequence[yaml.Event]) -> int:
    """Give where a value's text ends: a block's end event stands at what follows it."""
    flows: list[bool] = []
    end = 0
    for event in events:
        piece = _piece(event)
        if isinstance(event, _STARTS):
            flows.append(bool(event.flow_style))
            end = max(end, piece.start)
        elif isinstance(event, _ENDS):
            end = max(end, piece.end) if flows.pop() else end
        elif piece.style in {"|", ">"}:
            end = max(end, len(text[: piece.end].rstrip()))
        else:
            end = max(end, piece.end)
    return end


def _piece(event: yaml.Event) -> Piece:
    start, end = event.start_mark, event.end_mark
    assert start is not None and end is not None  # the parser's own events always have them
    scalar = event if isinstance(event, yaml.ScalarEvent) else None
    properties = (getattr(event, "anchor", None), getattr(event, "tag", None))
    return Piece(
        start.index,
        end.index,
        start.line + 1,
        end.line + 1,
        start.column,
        str(scalar.value) if scalar else None,
        (scalar.style or "") if scalar else "",
        bare=properties == (None, None),
    )
