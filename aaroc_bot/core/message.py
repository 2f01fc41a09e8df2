"""Messages and where they go: the same for every chat."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from aaroc_bot.core.text import Code, Inline, Link, Mention, Text, When


@dataclass(frozen=True, slots=True)
class Account:
    """Who a chat says is speaking. It proves nothing about the person behind it."""

    chat: str
    workspace: str
    user: str

    def __str__(self) -> str:
        """Write it as the command line takes it: ``slack:T1:U1``, ``telegram:77``."""
        return ":".join(filter(None, (self.chat, self.workspace, self.user)))

    @classmethod
    def read(cls, written: str) -> "Account":
        """Read what `str` wrote. Raises `ValueError` where it is no account.

        >>> Account.read("slack:T1:U1"), Account.read("telegram:77")
        (Account(chat='slack', workspace='T1', user='U1'), Account(chat='telegram', workspace='', user='77'))
        """
        match written.split(":"):
            case [chat, user] if chat and user:
                return cls(chat, "", user)
            case [chat, workspace, user] if chat and workspace and user:
                return cls(chat, workspace, user)
            case _:
                raise ValueError(f"{written} is no account")


@dataclass(frozen=True, slots=True)
class Place:
    """A channel of a chat, or a thread in it (`thread` is the chat's name for its first message)."""

    chat: str
    channel: str
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that stands in a chat: its channel's place and the chat's name for it."""

    place: Place
    ref: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing said, once: `event` is unique and makes redelivery harmless.

    `text` is as typed. A pressed button carries its random `button` id and no text: what
    it means is looked up, never taken from the chat. `ref` is the chat's name for the
    message itself, so that the answer can stand in its thread. `zone` is the speaker's
    (IANA) where the chat tells it. `direct` is said to the bot alone; `addressed` to the
    bot among others (mentioned, answered, a slash command). Where it is `private`, an
    answer to the asker alone arrives and is read by nobody else. What is taken in after
    `until` counts for nothing: its speaker is told by then that it was not.
    """

    event: str
    account: Account
    place: Place
    text: str
    at: datetime
    ref: str | None = None
    button: str | None = None
    direct: bool = False
    zone: str | None = None
    addressed: bool = False
    private: bool = False
    until: datetime | None = None


class Kind(StrEnum):
    """What a message is, as ``--json`` names it."""

    ANSWER = "answer"
    REFUSAL = "refusal"
    CARD = "card"


class Audience(StrEnum):
    """Who reads it: everybody in the place, or the asker alone where the chat can do that."""

    ALL = "all"
    ASKER = "asker"


@dataclass(frozen=True, slots=True)
class Button:
    """A button is a typed command with a label; `only_for` limits it to one account.

    `id` is the random id under which the press comes back; it is given when the message
    is sent (empty before), for one place and one message.
    """

    label: str
    typed: str
    only_for: Account | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, aligned where the chat can; an empty head means none is shown."""

    head: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A text file that goes with the message; announced with its size."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message, in the order in which it is read.

    `text` is the first line and says it all; then `lines`, the `table`, the `fields`, a
    `code` block, `notes` (short lines below), the buttons and the file.
    """

    text: Text
    lines: tuple[Text, ...] = ()
    table: Table | None = None
    fields: tuple[tuple[str, Text], ...] = ()
    code: str | None = None
    notes: tuple[Text, ...] = ()
    buttons: tuple[Button, ...] = ()
    file: File | None = None
    kind: Kind = Kind.ANSWER
    to: Audience = Audience.ALL
    run: int | None = None
    state: str | None = field(default=None)

    def map(self, change: Callable[[str], str]) -> "Message":
        """Give this message with every text in it that a person reads passed through `change`.

        Redaction uses it, so no part may be left out.
        """

        def inline(part: Inline) -> Inline:
            match part:
                case str():
                    return change(part)
                case Code(text, typed):
                    return Code(change(text), typed)
                case Link(label, url):
                    return Link(change(label), change(url))
                case When() | Mention():
                    return part

        def line(text: Text) -> Text:
            return change(text) if isinstance(text, str) else tuple(map(inline, text))

        return replace(
            self,
            text=line(self.text),
            lines=tuple(map(line, self.lines)),
            table=self.table
            and Table(
                tuple(map(change, self.table.head)),
                tuple(tuple(map(line, row)) for row in self.table.rows),
            ),
            fields=tuple((change(name), line(value)) for name, value in self.fields),
            code=None if self.code is None else change(self.code),
            notes=tuple(map(line, self.notes)),
            buttons=tuple(
                replace(b, label=change(b.label), typed=change(b.typed)) for b in self.buttons
            ),
            file=self.file and File(change(self.file.name), change(self.file.content)),
        )
