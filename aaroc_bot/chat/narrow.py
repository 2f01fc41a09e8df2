"""Tables on a phone: one that is wider than the screen reads as lines."""

from dataclasses import replace

from aaroc_bot.core.message import Message, Table
from aaroc_bot.core.text import Inline, Text, parts, plain

WIDTH = 60
"""Characters of a table's widest row for which its columns stand in line: a phone breaks
longer ones, and then nothing is below anything."""

BETWEEN = " · "


def narrowed(message: Message) -> Message:
    """Give the message with a wide table as lines, cells behind each other, empty ones left out.

    >>> wide = Table(("site", "why"), (("ZA-UJ", "x" * 80), ("maren", "")))
    >>> [plain(line)[:14] for line in narrowed(Message("Sites", table=wide)).lines]
    ['site · why', 'ZA-UJ · xxxxxx', 'maren']
    """
    table = message.table
    if table is None or _width(table) <= WIDTH:
        return message
    head = (_row(table.head),) if table.head else ()
    rows = tuple(_row(row) for row in table.rows)
    return replace(message, lines=(*message.lines, *head, *rows), table=None)


def _width(table: Table) -> int:
    rows = [[len(plain(cell)) for cell in row] for row in (table.head, *table.rows)]
    columns = max(map(len, rows), default=0)
    return sum(max(row[n] for row in rows if n < len(row)) + 2 for n in range(columns))


def _row(cells: tuple[Text, ...]) -> Text:
    found: list[Inline] = []
    for cell in cells:
        if plain(cell):
            found += [BETWEEN, *parts(cell)] if found else parts(cell)
    return tuple(found)
