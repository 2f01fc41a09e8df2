"""What every message passes before it leaves: redaction, whom it rings, its buttons' ids."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from aaroc_bot.core.message import Message, Place
from aaroc_bot.core.ports import Intake, Redaction
from aaroc_bot.core.rights import Person
from aaroc_bot.core.text import Code, Inline, Mention, Text, parts

Users = Callable[[str], Awaitable[Sequence[tuple[Person, str]]]]
"""Every person whom an account of a chat speaks for, with the chat's id of that account."""


class Leaving:
    """Makes messages ready for one place."""

    def __init__(self, redaction: Redaction, users: Users, intake: Intake) -> None:
        """`users` know whom a chat can ring; `intake` keeps what a button stands for."""
        self._redaction = redaction
        self._users = users
        self._intake = intake

    async def ready(self, message: Message, place: Place, name: str, address: str = "") -> Message:
        """Give the message as it may leave for `place`; `name` is ours for it, over all edits.

        `address` goes before each command that it suggests, so that it is heard there.
        """
        message = await self._redacted(message)
        if address:
            message = _mapped(message, lambda part: _heard(part, address))
        if _rings(message):
            message = _addressed(message, _ids(await self._users(place.chat)))
        if not message.buttons:
            return message
        buttons = await self._intake.offer(place, message.buttons, message.run, name)
        return replace(message, buttons=buttons)

    async def _redacted(self, message: Message) -> Message:
        """Redact it; a log of megabytes takes seconds, so a file not on the event loop."""
        if message.file is None:
            return message.map(self._redaction.text)
        return await asyncio.to_thread(message.map, self._redaction.text)


def _texts(message: Message) -> Sequence[Text]:
    rows = message.table.rows if message.table else ()
    return (
        message.text,
        *message.lines,
        *message.notes,
        *(value for _, value in message.fields),
        *(cell for row in rows for cell in row),
    )


def _rings(message: Message) -> bool:
    return any(isinstance(part, Mention) for text in _texts(message) for part in parts(text))


def _ids(users: Sequence[tuple[Person, str]]) -> Mapping[int | str, str]:
    """Give each person's account by GitHub id, and by login for who is known by that alone."""
    found: dict[int | str, str] = {}
    for person, user in users:
        found.setdefault(person.id, user)
        found.setdefault(person.login.casefold(), user)
    return found


def _addressed(message: Message, ids: Mapping[int | str, str]) -> Message:
    def part(each: Inline) -> Inline:
        if not isinstance(each, Mention) or each.user:
            return each
        key = each.login.casefold() if each.person is None else each.person
        return replace(each, user=ids.get(key, ""))

    return _mapped(message, part)


def _heard(part: Inline, address: str) -> Inline:
    if isinstance(part, Code) and part.typed:
        return replace(part, text=f"{address}{part.text}")
    return part


def _mapped(message: Message, part: Callable[[Inline], Inline]) -> Message:
    def line(text: Text) -> Text:
        return text if isinstance(text, str) else tuple(map(part, text))

    table = message.table
    return replace(
        message,
        text=line(message.text),
        lines=tuple(map(line, message.lines)),
        notes=tuple(map(line, message.notes)),
        fields=tuple((name, line(value)) for name, value in message.fields),
        table=table and replace(table, rows=tuple(tuple(map(line, row)) for row in table.rows)),
    )
