"""Several answers as one message, where a chat's limits let them pile up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aaroc_bot.core.message import Audience, Message
from aaroc_bot.core.text import Inline, Mention, Text, parts, plain, quoted

LENGTH = 3_200
"""Characters of one message that holds several answers: no chat has to cut it."""

TYPED = 60
"""Characters of a command that stand before its answer."""


@dataclass(frozen=True, slots=True)
class Part:
    """One answer: who asked (mentions), what was typed (empty: a button), what is said."""

    who: tuple[Mention, ...]
    typed: str
    message: Message


def may_stand_together(message: Message) -> bool:
    """Whether an answer loses nothing in the company of others: no file, no code, no button."""
    return message.file is None and message.code is None and not message.buttons


def together(answers: Sequence[Part]) -> list[Part]:
    """Say once what several people asked with the same words and are told alike.

    >>> one, other = Mention("uj-admin"), Mention("roc-expert")
    >>> same = [Part((who,), "sites", Message("2 sites")) for who in (one, other)]
    >>> [[who.login for who in part.who] for part in together(same)]
    [['uj-admin', 'roc-expert']]
    """
    found: list[Part] = []
    for answer in answers:
        for place, other in enumerate(found):
            if (other.typed, other.message) == (answer.typed, answer.message):
                who = (*other.who, *(each for each in answer.who if each not in other.who))
                found[place] = replace(other, who=who)
                break
        else:
            found.append(answer)
    return found


def fits(answers: Sequence[Part]) -> bool:
    """Whether these answers go in one message."""
    lines = (line for answer in together(answers) for line in _lines(answer))
    return sum(len(plain(line)) + 1 for line in lines) <= LENGTH


def merged(answers: Sequence[Part]) -> Message:
    """Put answers into one message, each with whom it is for and what was typed.

    >>> one = Part((Mention("uj-admin"),), "status ZA-UJ", Message("ZA-UJ · quiet"))
    >>> other = Part((Mention("uj-admin"),), "sites", Message("1 site"))
    >>> [plain(line) for line in merged([one, other]).lines]
    ['@uj-admin `status ZA-UJ`: ZA-UJ · quiet', '@uj-admin `sites`: 1 site']
    """
    lines = tuple(line for answer in together(answers) for line in _lines(answer))
    alone = all(answer.message.to is Audience.ASKER for answer in answers)
    to = Audience.ASKER if alone else Audience.ALL
    return Message(f"{len(answers)} answers at once", lines=lines, to=to)


def _lines(answer: Part) -> tuple[Text, ...]:
    message = answer.message
    who: tuple[Inline, ...] = tuple(part for each in answer.who for part in (each, " "))
    typed: tuple[Inline, ...] = (quoted(answer.typed, TYPED),) if answer.typed else ()
    first: Text = (*(who if typed else who[:-1]), *typed, ": ", *parts(message.text))
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
