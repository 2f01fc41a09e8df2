"""Messages as Telegram's HTML, within its limits; pure.

Telegram makes links, mentions and commands of plain words too, so whatever looks like one
is shown as code, in which nothing is in force. What is too long is cut, the top of a list
and the end of a code block kept; the whole goes along as a file then.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from aaroc_bot.chat.narrow import narrowed
from aaroc_bot.chat.say import as_text
from aaroc_bot.chat.telegram_text import Span, line, preformatted, units
from aaroc_bot.core.message import Button, File, Message, Table
from aaroc_bot.core.text import Code, Text, harmless, parts, plain

LIMIT = 4_096
"""UTF-16 code units of a message (Bot API, sendMessage)."""

ENTITIES = 100
"""Pieces with a meaning in one message; Telegram ignores those after them (Bot API)."""

COUNTS = 200
"""Units kept free for the lines that count what was left out."""

FIRST = 1_000
"""Units of the first line, and of the notes together, at most."""

LABEL = 64
"""Characters of a button's label."""

A_ROW = 2
"""Buttons side by side: more than two are too narrow on a phone."""

WHOLE = "message.txt"
"""The file that holds all of a message which was cut."""

_DATA = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready for Telegram: rows of buttons (label, id), and files to go with it."""

    html: str
    buttons: tuple[tuple[tuple[str, str], ...], ...]
    files: tuple[File, ...]


def rendered(message: Message) -> Rendered:
    """Render a message.

    >>> rendered(Message(("Type ", Code("status ZA-UJ"), "."))).html
    '<b>Type </b><code>status ZA-UJ</code><b>.</b>'
    """
    message = narrowed(message)
    sheet = _Sheet(message, code=True)
    if sheet.entities > ENTITIES:
        sheet = _Sheet(message, code=False)
    files = (message.file,) if message.file else ()
    if sheet.cut:
        files = (File(WHOLE, _whole(message)), *files)
    return Rendered(sheet.html, _keyboard(message.buttons), files)


def _whole(message: Message) -> str:
    rows = _aligned(message.table) if message.table else []
    bare = replace(message, lines=(*message.lines, *rows), table=None, buttons=(), file=None)
    return as_text(bare)


class _Sheet:
    """A message's lines in the order in which they are read, as far as there is room.

    What is read first, and the notes, have their room before the long parts. Without
    `code` words are made harmless by invisible characters, which takes no entity.
    """

    def __init__(self, message: Message, *, code: bool) -> None:
        self._code = code
        self._room = LIMIT - COUNTS
        self._counts: list[str] = []
        first = self._top((message.text,), FIRST, "", tag="b")
        notes = self._top(message.notes, FIRST, "notes", tag="i")
        fields = self._top(
            [(f"{name}: ", *parts(value)) for name, value in message.fields], LIMIT, "fields"
        )
        lines = self._top(message.lines, LIMIT, "lines")
        table = self._table(message.table) if message.table else []
        block = self._block(message.code) if message.code else []
        counts = [line(count, tag="i", code=code) for count in self._counts]
        spans = [*first, *lines, *table, *fields, *block, *notes, *counts]
        self.cut = bool(self._counts)
        self.html = "\n".join(span.html for span in spans)
        self.entities = sum(span.entities for span in spans)
        if not any(span.shown.strip() for span in spans):
            self.html = "…"  # Telegram takes no empty message

    def _top(self, texts: Sequence[Text], most: int, what: str, *, tag: str = "") -> list[Span]:
        """Give the first lines that there is room for, the last of them cut if it is long."""
        room = min(self._room, most)
        spans: list[Span] = []
        for text in texts:
            span = line(text, tag=tag, code=self._code)
            if span.size >= room:
                break
            spans.append(span)
            room -= span.size + 1
            self._room -= span.size + 1
        if len(spans) < len(texts):
            self._cut_short(texts, spans, room, what, tag)
        return spans

    def _cut_short(
        self, texts: Sequence[Text], spans: list[Span], room: int, what: str, tag: str
    ) -> None:
        """Count the lines that are left out; a single one is shown in part."""
        if len(texts) == 1 and room > 1:
            span = line(texts[0], tag=tag, code=self._code, most=room - 1)
            spans.append(span)
            self._room -= span.size + 1
            self._counts.append("A line was cut.")
        else:
            self._counts.append(f"{len(spans)} of {len(texts)} {what} shown.")

    def _table(self, table: Table) -> list[Span]:
        rows = _aligned(table)
        shown = self._fitting(rows, lambda kept: rows[:kept])
        if len(shown) < len(rows):
            head = bool(table.head)
            self._counts.append(f"{max(0, len(shown) - head)} of {len(rows) - head} rows shown.")
        return self._preformatted(shown)

    def _block(self, code: str) -> list[Span]:
        """Show the end of a code block."""
        lines = harmless(code).rstrip().split("\n")
        shown = self._fitting(lines, lambda kept: lines[len(lines) - kept :])
        if len(shown) < len(lines):
            self._counts.append(f"The last {len(shown)} of {len(lines)} lines shown.")
        return self._preformatted(shown)

    def _fitting(self, rows: Sequence[str], some: Callable[[int], Sequence[str]]) -> Sequence[str]:
        """Give the most rows that there is room for."""
        low, high = 0, len(rows)
        while low < high:
            middle = (low + high + 1) // 2
            if units("\n".join(some(middle))) < self._room:
                low = middle
            else:
                high = middle - 1
        return some(low)

    def _preformatted(self, rows: Sequence[str]) -> list[Span]:
        text = "\n".join(rows)
        if not text.strip():
            return []
        span = preformatted(text)
        self._room -= span.size + 1
        return [span]


def _aligned(table: Table) -> list[str]:
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    if table.head:
        rows.insert(0, [_cell(cell) for cell in table.head])
    columns = max(map(len, rows), default=0)
    widths = [
        max((len(row[at]) for row in rows if at < len(row)), default=0) for at in range(columns)
    ]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]


def _cell(text: Text) -> str:
    """Write a cell on one line; within preformatted text nothing needs backticks."""
    bare = "".join(part.text if isinstance(part, Code) else plain((part,)) for part in parts(text))
    return " ".join(harmless(bare).split())


def _keyboard(buttons: Sequence[Button]) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Lay the buttons out; one without an id of ours could not be pressed."""
    ready = [(_label(button), button.id) for button in buttons if _DATA.fullmatch(button.id)]
    return tuple(tuple(ready[at : at + A_ROW]) for at in range(0, len(ready), A_ROW))


def _label(button: Button) -> str:
    label = " ".join(harmless(button.label or button.typed).split()) or "…"
    return label if len(label) <= LABEL else label[: LABEL - 1] + "…"
