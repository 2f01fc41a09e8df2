"""Tables in Slack: aligned columns in preformatted text, and as a file what is too long."""

from collections.abc import Sequence

from aaroc_bot.chat.slack_text import Json, cell, joined, length, weight
from aaroc_bot.core.message import Table
from aaroc_bot.core.text import harmless, plain

ROWS = 40
"""Rows that a reader is shown at once."""

ROOM = 3_000
"""How much of a message's weight a table may be."""

GAP = "  "

Row = list[list[Json]]


def aligned(table: Table) -> tuple[list[Json], int]:
    """Give the top of a table as preformatted elements, and how many of its rows are in it."""
    rows = [[cell(text) for text in row] for row in table.rows[:ROWS]]
    head: list[Row] = [[cell(name) for name in table.head]] if table.head else []
    while True:
        shown = joined(_lines([*head, *rows]))
        if weight(shown) <= ROOM:
            return shown, len(rows)
        if not rows:  # a head as long as that is none
            return [], 0
        rows.pop()


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
