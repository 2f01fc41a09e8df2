"""Several answers as one message, where a chat's limits let them pile up."""

from collections.abc import Sequence
from dataclasses import dataclass

from aaroc_bot.core.message import Audience, Message
from aaroc_bot.core.text import Inline, Mention, Text, parts, plain, quoted

MOST = 20
"""Answers in one message, at most."""

LENGTH = 2_500
"""Characters of one message that holds several answers: no chat has to cut it."""

TYPED = 60
"""Characters of a command that stand before its answer."""


@dataclass(frozen=True, slots=True)
class Part:
    """One answer: who asked (a mention), what was typed (empty: a button), what is said."""

    who: Mention
    typed: str
    message: Message


def may_merge(message: Message) -> bool:
    """Whether an answer loses nothing in the company of others: no file, no code, no button."""
    return message.file is None and message.code is None and not message.buttons


def length(part: Part) -> int:
    """Give how many characters an answer takes among others, near enough."""
    return sum(len(plain(line)) + 1 for line in _lines(part))


def merged(answers: Sequence[Part]) -> Message:
    """Put answers into one message, each with whom it is for and what was typed.

    >>> one = Part(Mention("uj-admin"), "status ZA-UJ", Message("ZA-UJ · quiet"))
    >>> [plain(line) for line in merged([one, one]).lines]
    ['@uj-admin `status ZA-UJ`: ZA-UJ · quiet', '@uj-admin `status ZA-UJ`: ZA-UJ · quiet']
    """
    lines = tuple(line for answer in answers for line in _lines(answer))
    alone = all(answer.message.to is Audience.ASKER for answer in answers)
    to = Audience.ASKER if alone else Audience.ALL
    return Message(f"{len(answers)} answers at once", lines=lines, to=to)


def _lines(answer: Part) -> tuple[Text, ...]:
    message = answer.message
    typed: tuple[Inline, ...] = (" ", quoted(answer.typed, TYPED)) if answer.typed else ()
    first: Text = (answer.who, *typed, ": ", *parts(message.text))
    rows = message.table.rows if message.table else ()
    return (
        first,
        *(_below(line) for line in message.lines),
        *(_below(_row(row)) for row in rows),
        *(_below((f"{name}: ", *parts(value))) for name, value in message.fields),
        *(_below(note) for note in message.notes),
    )


def _below(line: Text) -> Text:
    return ("· ", *parts(line))


def _row(cells: Sequence[Text]) -> Text:
    filled = [parts(cell) for cell in cells if plain(cell)]
    return tuple(part for cell in filled for part in (*cell, "  "))
