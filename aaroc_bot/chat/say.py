"""The terminal as a chat: how `aaroc-bot say` shows messages, for people and for scripts.

Plain functions, but for `Terminal`, which fills the `Chat` port by handing each message
on. Nothing is ever edited there: what changed is printed again.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from aaroc_bot.core.message import Account, Kind, Message, Place, Posted, Table
from aaroc_bot.core.text import harmless, plain, size

NAME = "say"
PLACE = Place(NAME, "terminal")
INDENT = "  "


class Terminal:
    """Gives every message to `show`."""

    name = NAME
    whispers = True

    def __init__(self, show: Callable[[Message], None]) -> None:
        """Show messages with `show`."""
        self._show = show

    async def post(
        self, place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        """Show a message."""
        self._show(message)
        return Posted(place, "")

    async def find(self, place: Place, mark: str, since: datetime) -> Posted | None:
        """Find nothing: what was printed is gone."""
        return None

    async def direct(self, account: Account) -> Place:
        """Give the terminal."""
        return PLACE

    def address(self, place: Place) -> str:
        """Give nothing: whatever is typed is heard."""
        return ""

    def shared(self, one: Place, other: Place) -> Place | None:
        """Give the terminal."""
        return PLACE

    async def edit(self, posted: Posted, message: Message) -> None:
        """Show what a message became."""
        self._show(message)

    async def react(self, posted: Posted, sign: str) -> None:
        """Show nothing: the answer itself follows."""


def as_text(message: Message) -> str:
    r"""Write a message as people read it in a terminal, buttons as what one would type.

    >>> as_text(Message("2 sites", lines=("none is broken",)))
    '2 sites\n  none is broken'
    """
    lines = [plain(message.text)]
    lines += [INDENT + plain(line) for line in message.lines]
    if message.table:
        lines += [INDENT + row for row in _aligned(message.table)]
    lines += [f"{INDENT}{name}: {plain(value)}" for name, value in message.fields]
    if message.code is not None and message.file is None:
        lines += _coded(message.code)
    lines += [INDENT + plain(line) for line in message.notes]
    if message.buttons:
        lines.append(INDENT + "  ".join(f"[{button.typed}]" for button in message.buttons))
    if message.file:
        lines += [f"{INDENT}{message.file.name}, {size(message.file.content)}"]
        lines += _coded(message.file.content)  # all of it: there is no other way to it here
    return "\n".join(harmless(line) for line in lines)


def _coded(text: str) -> list[str]:
    return [f"{INDENT}| {line}" for line in text.splitlines()]


def as_json(message: Message) -> str:
    """Write a message as one line of JSON (docs/command-line.md; INTERFACES fixes the names)."""
    return json.dumps(
        {
            "kind": message.kind.value,
            "text": plain(message.text),
            "run": message.run,
            "state": message.state,
            "lines": [plain(line) for line in (*message.lines, *message.notes)],
            "fields": [[name, plain(value)] for name, value in message.fields],
            "table": message.table
            and {
                "head": list(message.table.head),
                "rows": [[plain(cell) for cell in row] for row in message.table.rows],
            },
            "code": message.code,
            "file": message.file and {"name": message.file.name, "content": message.file.content},
            "buttons": [{"label": b.label, "typed": b.typed} for b in message.buttons],
            "to": message.to.value,
        },
        ensure_ascii=False,
    )


def is_card(message: Message) -> bool:
    """Whether a run's card is shown, which goes on changing."""
    return message.kind is Kind.CARD and message.run is not None


def _aligned(table: Table) -> Sequence[str]:
    rows = [tuple(plain(cell) for cell in row) for row in table.rows]
    if table.head:
        rows.insert(0, table.head)
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
