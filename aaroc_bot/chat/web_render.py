"""Messages as the page reads them: plain JSON, with nothing in it that is markup.

A message is kept as one JSON text that holds all of it (`Kept`), whoever may read it.
`shown` cuts out of that what one person may see; nothing else is ever sent.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from aaroc_bot.chat.following import may_be_followed
from aaroc_bot.core.message import Account, Button, Message
from aaroc_bot.core.text import Code, Inline, Link, Mention, Text, When, harmless, parts

SHOWN = 4_000
"""Characters of somebody's own words that are kept and shown; of more only their count."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """One state of one message, as the page's store keeps it.

    `at` and `edited` are milliseconds since 1970. `thread` is the first message of its
    thread, None for one that stands in the channel itself. `to` is the user who alone
    reads it, None for everybody. A person's message has its words in `said`, without the
    last `cut` characters, the bot's its rendered message in `view`. `signs` are the words
    of `Chat.react`.
    """

    ref: str
    at: int
    by: str
    thread: str | None = None
    to: str | None = None
    said: str | None = None
    cut: int = 0
    view: Json | None = None
    edited: int | None = None
    signs: list[str] = field(default_factory=list)

    def json(self) -> Json:
        """Give it as JSON; `Kept(**json)` is the way back."""
        return asdict(self)

    def is_for(self, user: str) -> bool:
        """Whether this user may read it."""
        return self.to is None or self.to == user


def shown(kept: Kept, seq: int, user: str) -> Json | None:
    """Give what `user` may see of a message, None for somebody else's private one.

    Buttons for another account are left out; `seq` orders the states of one message.
    """
    if not kept.is_for(user):
        return None
    body = kept.json() | {"seq": seq, "bot": kept.view is not None}
    if kept.said is not None:
        said = harmless(kept.said)
        body["said"], body["cut"] = said[:SHOWN], kept.cut + max(0, len(said) - SHOWN)
    if kept.view is not None:
        body["view"] = kept.view | {"buttons": _buttons_for(kept.view["buttons"], user)}
    return body


def _buttons_for(buttons: list[Json], user: str) -> list[Json]:
    return [
        {name: button[name] for name in ("id", "label", "typed")}
        for button in buttons
        if button["only_for"] in {None, user}
    ]


def rendered(message: Message, file: Json | None) -> Json:
    """Render every part of a message; `file` is its name, size and key, kept elsewhere."""
    return {
        "kind": message.kind.value,
        "run": message.run,
        "state": message.state,
        "text": _line(message.text),
        "lines": [_line(line) for line in message.lines],
        "table": message.table
        and {
            "head": [harmless(cell) for cell in message.table.head],
            "rows": [[_line(cell) for cell in row] for row in message.table.rows],
        },
        "fields": [[harmless(name), _line(value)] for name, value in message.fields],
        "code": None if message.code is None else harmless(message.code),
        "notes": [_line(note) for note in message.notes],
        "buttons": [_button(button) for button in message.buttons],
        "file": file,
    }


def _button(button: Button) -> Json:
    only_for = button.only_for
    return {
        "id": button.id,
        "label": harmless(button.label),
        "typed": harmless(button.typed),
        "only_for": None if only_for is None else _user(only_for),
    }


def _user(account: Account) -> str:
    """Name an account's user; one of another chat matches nobody here."""
    return account.user if account.chat == "web" else str(account)


def _line(text: Text) -> list[str | Mapping[str, str | bool]]:
    return [_part(part) for part in parts(text)]


def _part(part: Inline) -> str | Mapping[str, str | bool]:
    match part:
        case str():
            return harmless(part)
        case Code(text, typed):
            return {"code": harmless(text)} | ({"typed": True} if typed else {})
        case Link(label, url):
            label = harmless(label)
            return {"link": label, "url": url} if may_be_followed(url) else label
        case When(at, text):
            return {"when": at.isoformat(), "plain": harmless(text)}
        case Mention(login):
            return {"mention": harmless(login)}
