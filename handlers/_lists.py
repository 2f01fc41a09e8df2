"""Lists longer than a phone's screen: the top of them shown, the rest counted, all in a file."""

from collections.abc import Sequence
from dataclasses import dataclass

from aaroc_bot.commands import Button, File, Table, Text, plain, size

from ._wording import to_type

Row = tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Shortened:
    """A table of the first rows; where that is not all of them, what is left out."""

    table: Table | None
    notes: tuple[Text, ...] = ()
    file: File | None = None


def shortened(rows: Sequence[Row], *, limit: int, name: str, head: Sequence[str] = ()) -> Shortened:
    """Show `limit` rows, and put all of them into a file called `name` where there are more."""
    table = Table(tuple(head), tuple(rows[:limit])) if rows else None
    if len(rows) <= limit:
        return Shortened(table)
    every: list[Row] = [tuple(head), *rows] if head else [*rows]
    written = "".join("\t".join(map(plain, row)) + "\n" for row in every)
    note = f"{limit} of {len(rows):,} shown; {name} has all, {size(written)}."
    return Shortened(table, (note,), File(name, written))


def turn(command: str, page: int, left: int) -> tuple[tuple[Text, ...], tuple[Button, ...]]:
    """Say how to see the next page, if there is one: as something to type, and as a button."""
    if left <= 0:
        return (), ()
    typed = f"{command} page {page + 1}"
    return ((f"{left:,} more: ", to_type(typed)),), (Button(typed[:1].upper() + typed[1:], typed),)
