"""One line of a message as Telegram's HTML, with nothing of others' in force."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from aaroc_bot.chat.following import may_be_followed
from aaroc_bot.core.text import Code, Inline, Link, Mention, Text, When, harmless, parts

JOINER = "\u2060"
"""An invisible character at which Telegram stops reading a link, a mention or a command."""

_IN_FORCE = re.compile(
    r"(?<!\w)[@/$]\w"  # a mention, a command, a ticker
    r"|(?<!\w)#\w*[^\W\d]"  # a hashtag; #52 is none
    r"|\w@\w"  # an address of mail
    r"|\w\.\w*[^\W\d_]{2}"  # a host
    r"|\d\.\d+\.\d+\.\d"  # an address of the Internet
    r"|://"
)
"""What Telegram makes something of, wherever it stands in plain text."""

_WORD = re.compile(r"(?P<open>[(\[{\"'“‘«]*)(?P<word>\S*?)(?P<close>[)\]}\"'”’».,;:!?…]*)")
_SIGNS = re.compile(r"([^\w\s])")


@dataclass(frozen=True, slots=True)
class Span:
    """HTML with what a reader sees of it, and how many entities it takes."""

    html: str
    shown: str
    entities: int = 0

    @property
    def size(self) -> int:
        """Give its length as Telegram counts it."""
        return units(self.shown)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words in one style: `tag` is ``code``, ``a`` (with `address`), or none."""

    text: str
    tag: str = ""
    address: str = ""


def units(text: str) -> int:
    """Count UTF-16 code units, in which Telegram counts characters.

    >>> units("a"), units("👀")
    (1, 2)
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def preformatted(text: str) -> Span:
    """Give a block of preformatted text."""
    return Span(f"<pre>{_escaped(text)}</pre>", text, 1)


def line(text: Text, *, tag: str = "", code: bool = True, most: int | None = None) -> Span:
    """Give a line, in the style `tag` (``b``, ``i``) where Telegram allows it.

    `most` cuts it at so many units. Without `code` what would be code is plain text that
    invisible characters keep from being in force.

    >>> line(("see ", Code("a<b")), tag="b").html
    '<b>see </b><code>a&lt;b</code>'
    """
    pieces = [piece for part in parts(text) for piece in _pieces(part) if piece.text]
    if not code:
        pieces = [_disarmed(piece) for piece in pieces]
    if most is not None:
        pieces = list(_cut(pieces, most))
    return _joined(pieces, tag)


def _joined(pieces: list[_Piece], tag: str) -> Span:
    """Write the pieces; code may not stand within another style, so that ends before it."""
    written, entities, styled = "", 0, False
    for piece in pieces:
        wants = bool(tag) and piece.tag != "code" and (styled or bool(piece.text.strip()))
        if wants is not styled:
            written += f"<{tag}>" if wants else f"</{tag}>"
            entities += wants
            styled = wants
        written += _written(piece)
        entities += bool(piece.tag)
    if styled:
        written += f"</{tag}>"
    return Span(written, "".join(piece.text for piece in pieces), entities)


def _written(piece: _Piece) -> str:
    text = _escaped(piece.text)
    match piece.tag:
        case "code":
            return f"<code>{text}</code>"
        case "a":
            return f'<a href="{_escaped(piece.address)}">{text}</a>'
        case _:
            return text


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace('"', "&quot;")


def _pieces(part: Inline) -> Iterator[_Piece]:
    match part:
        case str():
            yield from _words(harmless(part))
        case Code(text):
            yield _Piece(" ".join(harmless(text).split()), "code")
        case Link(label, url) if _is_shown(url):
            yield _Piece(harmless(label), "a", url)
        case Link(label):
            yield from _words(harmless(label))
        case When(_, text):
            yield from _words(harmless(text))
        case Mention(login, _, user) if user.isascii() and user.isdigit():
            yield _Piece(f"@{harmless(login)}", "a", f"tg://user?id={user}")
        case Mention(login):  # a name of GitHub's may be a stranger's here
            yield _Piece(f"@{harmless(login)}" if login else "", "code")


def _is_shown(url: str) -> bool:
    """Whether it may be linked to, and Telegram shows the link: its hosts have a dot."""
    return may_be_followed(url) and bool(re.fullmatch(r"https?://[^\s/]*[.:][^\s]*", url))


def _words(text: str) -> Iterator[_Piece]:
    """Give plain words, those as code that would be in force."""
    for word in re.split(r"(\s+)", text):
        found = _WORD.fullmatch(word) if _IN_FORCE.search(word) else None
        if found is None or not found["word"]:
            yield _Piece(word)
        else:
            yield _Piece(found["open"])
            yield _Piece(found["word"], "code")
            yield _Piece(found["close"])


def _cut(pieces: list[_Piece], most: int) -> Iterator[_Piece]:
    for piece in pieces:
        size = units(piece.text)
        if size > most:
            kept = piece.text.encode("utf-16-le")[: 2 * max(0, most - 1)]
            yield _Piece(kept.decode("utf-16-le", "ignore") + "…", piece.tag, piece.address)
            return
        yield piece
        most -= size


def _disarmed(piece: _Piece) -> _Piece:
    if piece.tag != "code":
        return piece
    return _Piece(_SIGNS.sub(rf"\1{JOINER}", piece.text))
