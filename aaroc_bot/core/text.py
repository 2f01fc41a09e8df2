"""What a line of a message is made of, before any chat renders it.

A line is a plain string, or a tuple of parts. Only the parts below carry meaning; a
renderer escapes everything else, so that nothing which a host, a commit or a person
wrote can become a link, a mention or markup.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

CODE_LIMIT = 200
"""Characters of somebody else's words shown in one line before they are cut."""


@dataclass(frozen=True, slots=True)
class Code:
    """Words of others, or a command to type: shown as code, nothing in it in force.

    `typed` marks a command that the message suggests: it parses as it stands and is
    allowed to whoever reads it.
    """

    text: str
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A label that leads to an https address which the bot itself made."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class When:
    """A moment (aware). `plain` is how it reads in UTC; a chat may show the reader's zone."""

    at: datetime
    plain: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A person to be told, by GitHub login; a chat that knows their account rings it.

    `person` is their GitHub id where it is known. `user` is the chat's id of the account
    that speaks for them; it is found when the message leaves (empty: nobody is rung).
    """

    login: str
    person: int | None = None
    user: str = ""


Inline = str | Code | Link | When | Mention
Text = str | tuple[Inline, ...]


def parts(text: Text) -> tuple[Inline, ...]:
    """Give the parts of a line, whichever way it was written."""
    return (text,) if isinstance(text, str) else text


def plain(text: Text) -> str:
    """Write a line as plain text: code in backticks, a mention as ``@login``.

    >>> plain(("Type ", Code("status ZA-UJ"), "."))
    'Type `status ZA-UJ`.'
    """
    return "".join(_plain(part) for part in parts(text))


def _plain(part: Inline) -> str:
    match part:
        case str():
            return part
        case Code(text):
            return f"`{text}`"
        case Link(label):
            return label
        case When(_, text):
            return text
        case Mention(login):
            return f"@{login}"


def harmless(text: str) -> str:
    r"""Take out what a reader cannot see: control, direction and zero-width characters.

    Line breaks and tabs stay. Categories Cc, Cf (direction marks are there), Co, Cs and
    the two separators Zl and Zp go.

    >>> harmless("a\u202eb\x1b[31mc")
    'ab[31mc'
    """
    return "".join(
        c
        for c in text
        if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
    )


def quoted(text: str, limit: int = CODE_LIMIT) -> Code:
    r"""Show somebody else's words as one line of code, cut at `limit` characters.

    >>> quoted("two\nlines `x`").text
    "two lines 'x'"
    """
    line = " ".join(harmless(text).replace("`", "'").split())
    return Code(line if len(line) <= limit else line[: limit - 1] + "…")


def size(text: str) -> str:
    """Write how big a text is as a file.

    >>> size("x" * 812), size("x" * 3400), size("x")
    ('812 bytes', '3.4 kB', '1 byte')
    """
    length = len(text.encode(errors="replace"))
    if length < 1000:
        return f"{length} byte" if length == 1 else f"{length} bytes"
    return f"{length / 1e6:.1f} MB" if length >= 1e6 else f"{length / 1000:.1f} kB"
