"""The notation in which a command says what may be typed.

::

    deploy <service> at <site> [parameters...]
    history <site> [page <page>]
    cancel <run> [now]
    diff <site> <other:site> [service]
    deploy <service> at <site> [when <reachable:flag>]

- A bare word is a literal. `FILLERS` (``at``, ``until`` ...) are written in the usage and
  need not be typed.
- ``<name>`` is a slot, ``<name:type>`` one whose type is not its name. A name that is no
  type takes one word, one that ends in ``...`` the rest of the line as it was typed
  (``parameters...``: all ``name=value`` that follow).
- ``[...]`` may be left out. A lone bare word in brackets is a slot if it is a type or ends
  in ``...`` or names its type; else it is a flag, a literal that is true if it was said.
  A flag behind a literal in the same brackets is said with it or not at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

FILLERS = frozenset({"at", "on", "to", "for", "in", "with", "and", "until"})
"""Words between slots that say nothing."""


class Kind(StrEnum):
    """The types of slots, as written in patterns, and what a parse gives for each.

    SITE its name; SERVICE and ENTRY the word (``site-bdii``); RUN, CHANGE (a pull
    request) and PAGE an int; REVISION
    7 to 40 hex digits; TIME the text, for `times.resolve`; PARAMETERS pairs of strings;
    TEXT the rest, exactly as typed; WORD one word; FLAG a bool.
    """

    SITE = "site"
    SERVICE = "service"
    ENTRY = "entry"
    RUN = "run"
    CHANGE = "change"
    PAGE = "page"
    REVISION = "revision"
    TIME = "time"
    PARAMETERS = "parameters"
    TEXT = "text"
    WORD = "word"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Literal:
    """A word that is typed as it stands."""

    word: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place to be filled, under its name. A FLAG's name is its literal."""

    name: str
    kind: Kind

    @property
    def usage(self) -> str:
        """How help shows it."""
        match self.kind:
            case Kind.PARAMETERS:
                return "name=value ..."
            case Kind.TEXT:
                return f"{self.name} ..."
            case Kind.FLAG:
                return self.name
            case _:
                return f"<{self.name}>"


@dataclass(frozen=True, slots=True)
class Optional:
    """Parts that are there together or not at all."""

    parts: tuple[Literal | Slot, ...]


Part = Literal | Slot | Optional


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to type a command, as parsed from `text` by `pattern`.

    `words` are the literals that it begins with: ``("accept", "rules")``.
    """

    text: str
    parts: tuple[Part, ...]
    words: tuple[str, ...]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """All its slots, in order, optional ones included."""
        return tuple(_slots(self.parts))

    @property
    def required(self) -> tuple[Slot, ...]:
        """The slots that may not be left out, in order."""
        return tuple(part for part in self.parts if isinstance(part, Slot))

    @property
    def usage(self) -> str:
        """How help shows it.

        >>> pattern("deploy <service> at <site> [parameters...]").usage
        'deploy <service> at <site> [name=value ...]'
        """
        return " ".join(map(_usage, self.parts))


_PIECE = re.compile(r"\[([^\[\]<>]*(?:<[^<>\s]+>[^\[\]<>]*)*)\]|<([^<>\s]+)>|([^\s\[\]<>]+)|(\S)")
_NAME = re.compile(r"([a-z_]+)(?::([a-z]+))?(\.\.\.)?")


def pattern(text: str) -> Pattern:
    """Read a pattern. Raises ValueError for one that is wrong, which is a fault in the code."""
    parts = tuple(_parts(text, text))
    literals = takewhile(lambda part: isinstance(part, Literal), parts)
    made = Pattern(text, parts, tuple(p.word for p in literals if isinstance(p, Literal)))
    names = [slot.name for slot in made.slots]
    if not made.words or len(set(names)) != len(names):
        raise ValueError(f"a pattern begins with a word and names each slot once: {text}")
    if any(slot.kind is Kind.TEXT for slot in made.slots[:-1]):
        raise ValueError(f"nothing can follow the rest of the line: {text}")
    return made


def _parts(piece: str, text: str) -> Iterator[Part]:
    for found in _PIECE.finditer(piece):
        inner, slot, word, wrong = found.groups()
        if wrong:
            raise ValueError(f"{wrong} has no meaning here: {text}")
        if word:
            yield Literal(word.lower())
        elif slot:
            yield _slot(slot, text, lone=False)
        elif re.fullmatch(r"[^\s<>]+", inner):
            yield Optional((_slot(inner, text, lone=True),))
        else:
            inside = tuple(p for p in _parts(inner, text) if not isinstance(p, Optional))
            if not inside:
                raise ValueError(f"empty brackets: {text}")
            yield Optional(inside)


def _slot(written: str, text: str, *, lone: bool) -> Slot:
    found = _NAME.fullmatch(written)
    if not found:
        raise ValueError(f"{written} is no name of a slot: {text}")
    name, kind, rest = found.groups()
    if kind:
        return Slot(name, Kind(kind))
    if name in set(Kind):
        return Slot(name, Kind(name))
    if rest:
        return Slot(name, Kind.TEXT)
    return Slot(name, Kind.FLAG if lone else Kind.WORD)


def _slots(parts: tuple[Part, ...]) -> Iterator[Slot]:
    for part in parts:
        if isinstance(part, Slot):
            yield part
        elif isinstance(part, Optional):
            yield from _slots(part.parts)


def _usage(part: Part) -> str:
    match part:
        case Literal(word):
            return word
        case Slot():
            return part.usage
        case Optional(parts):
            return f"[{' '.join(map(_usage, parts))}]"
