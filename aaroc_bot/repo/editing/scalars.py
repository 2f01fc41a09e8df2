"""How a typed value is written in YAML, so that Ansible (YAML 1.1) reads what is meant.

A text stays a text whatever it looks like. Where a number or a boolean stood, or nothing,
what reads as such becomes one, unless something typed would be lost: ``7.10`` is no number
(it would be read as 7.1), and so is ``0777`` unless the old value was written that way.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

STR = "tag:yaml.org,2002:str"
INT = "tag:yaml.org,2002:int"
FLOAT = "tag:yaml.org,2002:float"
BOOL = "tag:yaml.org,2002:bool"
NULL = "tag:yaml.org,2002:null"
DATE = "tag:yaml.org,2002:timestamp"

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_OCTAL = re.compile(r"0[0-7]{1,21}")
_BROKEN = re.compile(r"-?[0-9]{1,17}\.[0-9]{1,17}")
_resolver = yaml.resolver.Resolver()


@dataclass(frozen=True, slots=True)
class Written:
    """A scalar as it may be written, and the value that it must be read as."""

    text: str
    value: object


@dataclass(frozen=True, slots=True)
class Old:
    """The scalar that stood there: its text without quotes, its quote ("" if plain)."""

    text: str = ""
    quote: str = ""

    @property
    def tag(self) -> str:
        """Give the kind of value as which it was read."""
        return STR if self.quote else resolved(self.text)


def resolved(text: str) -> str:
    """Give the kind of value as which a plain scalar is read."""
    return str(_resolver.resolve(yaml.ScalarNode, text, (True, False)))  # type: ignore[no-untyped-call]


def is_number(typed: str) -> bool:
    """Whether a text is a number of which nothing is lost when it is read as one.

    >>> [is_number(text) for text in ("2170", "-26.18", "0777", "7.10", "1e3")]
    [True, True, False, False, False]
    """
    if _WHOLE.fullmatch(typed):
        return str(int(typed)) == typed
    return _BROKEN.fullmatch(typed) is not None and repr(float(typed)) == typed


def ways(typed: str, old: Old) -> Iterator[Written]:
    """Give the ways to write what is typed in the place of `old`, the best first."""
    if _stays_plain(typed, old):
        yield Written(typed, _read(typed))
        return
    if not old.quote and typed and typed == typed.strip() and resolved(typed) == STR:
        yield Written(typed, typed)
    single = Written("'" + typed.replace("'", "''") + "'", typed)
    double = Written(json.dumps(typed, ensure_ascii=False), typed)
    doubled_first = old.quote == '"' or (not old.quote and "'" in typed)
    yield from (double, single) if doubled_first else (single, double)


def _stays_plain(typed: str, old: Old) -> bool:
    """Whether it is meant as another kind than text, as what stood there was."""
    tag = resolved(typed)
    if old.tag in {INT, FLOAT, BOOL}:
        octal = _OCTAL.fullmatch(old.text) and _OCTAL.fullmatch(typed)
        return is_number(typed) or tag == BOOL or bool(octal)
    if old.tag == NULL:
        return is_number(typed) or (typed.casefold() in {"true", "false"} and tag == BOOL)
    return old.tag == DATE == tag


def _read(typed: str) -> object:
    """Read a plain scalar as `assignments` does: dates stay text."""
    return typed if resolved(typed) == DATE else yaml.safe_load(typed)
