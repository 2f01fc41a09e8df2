"""How a typed value is written in an INI inventory: Ansible reads a Python literal, else text.

What is text, a number or a boolean is decided as in YAML (`scalars`).
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from aaroc_bot.repo.editing.scalars import BOOL, Written, is_number, resolved


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it stands: what it is, its quote ("" if none), and where it ends.

    What follows `end`, in characters of the text, is a comment: only a literal can have one.
    """

    value: object
    quote: str
    end: int


def read(text: str) -> Literal:
    """Read a value without the space around it.

    >>> read("2170 # as in 2016"), read("CentOS # 7")
    (Literal(value=2170, quote='', end=4), Literal(value='CentOS # 7', quote='', end=10))
    """
    try:
        value = ast.literal_eval(text)
        body = ast.parse(text, mode="eval").body
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return Literal(text, "", len(text))
    end = len(text.encode()[: body.end_col_offset or 0].decode())
    quote = text[0] if isinstance(value, str) and text[0] in "'\"" else ""
    return Literal(value, quote, end)


def ways(typed: str, old: Literal) -> Iterator[Written]:
    """Give the ways to write what is typed in the place of `old`, the best first."""
    if (plain := _plain(typed, old)) is not None:
        yield plain
        return
    if not old.quote and typed and typed == typed.strip():
        yield Written(typed, typed)
    for quote in (old.quote or "'", '"', "'"):
        escaped = typed.replace("\\", "\\\\").replace(quote, f"\\{quote}")
        yield Written(f"{quote}{escaped}{quote}", typed)


def _plain(typed: str, old: Literal) -> Written | None:
    """Give it as a number or boolean, if it is meant as one."""
    if isinstance(old.value, str) and old.value:
        return None
    if is_number(typed):
        return Written(typed, ast.literal_eval(typed))
    truth = typed.casefold()
    said = resolved(typed) == BOOL if isinstance(old.value, bool | int | float) else False
    if said or truth in {"true", "false"}:
        value = truth in {"true", "yes", "on"}
        return Written(str(value), value)
    return None
