"""Tables in Slack: aligned columns in preformatted text, and as a file what is too long."""

from collections.abc import Sequence

from aaroc_bot.chat.slack_text import Json, cell, length, seen
from aaroc_bot.core.message import Table
from aaroc_bot.core.text import harmless, plain

ROWS = 40
"""Rows that a reader is shown at once."""

ROOM = 2_500
"""Characters that a table may take in a message."""

GAP = "  "

Row = list[list[Json]]


def aligned(table: Table) -> tuple[list[Json], int]:
    """Give the top of a table as preformatted elements, and how many of its rows are in it."""
    rows = [[cell(text) for text in row] for row in table.rows]
    head: list[Row] = [[cell(name) for name in table.head]] if table.head else []
    kept = rows[:ROWS]
    while True:
        lines = _lines([*head, *kept])
        size = sum(length(line) + 1 for line in lines)
        if size <= ROOM or not kept:
            break
        kept.pop()
    if not kept and size > ROOM:  # a head as long as that is none
        return [], 0
    found: list[Json] = []
    for line in lines:
        found += [*([{"type": "text", "text": "\n"}] if found else []), *line]
    return _merged(found), len(kept)


def whole(table: Table) -> str:
    """Write all of a table as a text file."""
    rows = [[" ".join(harmless(plain(text)).split("\n")) for text in row] for row in table.rows]
    if table.head:
        rows.insert(0, [harmless(name) for name in table.head])
    widths = _widths([[len(text) for text in row] for row in rows])
    return "".join(
        GAP.join(text.ljust(width) for text, width in zip(row, widths, strict=False)).rstrip()
        + "\n"
        for row in rows
    )


def _lines(rows: Sequence[Row]) -> list[list[Json]]:
    widths = _widths([[length(column) for column in row] for row in rows])
    return [_line(row, widths) for row in rows]


def _line(row: Row, widths: Sequence[int]) -> list[Json]:
    found: list[Json] = []
    for number, column in enumerate(row):
        found += column
        if number < len(row) - 1:
            padding = " " * (widths[number] - length(column)) + GAP
            found.append({"type": "text", "text": padding})
    while found and found[-1]["type"] == "text" and not found[-1]["text"].rstrip():
        found.pop()
    return found


def _widths(rows: Sequence[Sequence[int]]) -> list[int]:
    """Give each column's width; rows may be of different lengths."""
    most = max((len(row) for row in rows), default=0)
    return [max(row[n] for row in rows if n < len(row)) for n in range(most)]


def _merged(elements: Sequence[Json]) -> list[Json]:
    """Join neighbouring texts, so that a table is few elements."""
    found: list[Json] = []
    for element in elements:
        if found and element["type"] == found[-1]["type"] == "text":
            found[-1] = {"type": "text", "text": seen(found[-1]) + seen(element)}
        else:
            found.append(element)
    return found
