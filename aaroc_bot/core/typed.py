"""What was typed, in plain tokens that still know where they stood in the original.

Phones and keyboards write quotes, spaces, dashes and digits in many ways and put in
characters that nobody sees; tokens have them in the plain way. Free text is cut from the
original, so it stays as it was typed.

A quote opens at the beginning of a token or after its first ``=`` and closes before a
space, so that an apostrophe is no quote and ``'it's'`` is ``it's``.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_DOUBLE, _SINGLE = '"“”„‟«»〝〞＂', "'‘’‚‛‹›´＇"
_CLOSES = {"“": "”", "„": "“”", "«": "»", "‘": "’", "‚": "‘’", "‹": "›"}
"""What closes a quote before any other of its kind does; each other one closes itself."""

_PAIR = re.compile(r"([A-Za-z_][\w.-]*)=")
_SPACES = frozenset("\t\n\v\f\r")
_MARKS = ".,;:!?"
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the direction of the text after it (Unicode Annex 9)."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word: plain, and where it stood (`start` to `end` in the original).

    For ``name=value`` the two are given too: an unquoted value with plain digits and
    without what nobody sees, a quoted one exactly as it stood. `unclosed`: a quote was
    opened there and not closed.
    """

    text: str
    start: int
    end: int
    name: str | None = None
    value: str = ""
    unclosed: bool = False

    @property
    def word(self) -> str:
        """It in lower case, without the mark that ends a sentence."""
        return self.text.lower().rstrip(_MARKS) or self.text


def tokens(original: str) -> tuple[Token, ...]:
    """Cut what was typed into tokens; a pair of backticks around it all is no part of it.

    >>> [token.text for token in tokens("Deploy “site bdii” at\u00a0ZA‑UJ port=٢١٧١")]
    ['Deploy', 'site bdii', 'at', 'ZA-UJ', 'port=2171']
    """
    text, places = _plainly(original)
    first, end = len(text) - len(text.lstrip(" ")), len(text.rstrip(" "))
    if end - first > 1 and text[first] == text[end - 1] == "`":
        first, end = first + 1, end - 1
    line = _Line(original, text[first:end], places[first:end])
    found, at = [], 0
    while at < len(line.text):
        if line.text[at] == " ":
            at += 1
            continue
        token, at = line.token(at)
        found.append(token)
    return tuple(found)


def _plainly(original: str) -> tuple[str, Sequence[int]]:
    """Write it in the plain way, with the place in the original of each character."""
    if original.isascii() and original.isprintable():
        return original, range(len(original))
    stood = [(plain, at) for at, c in enumerate(original) for plain in _plain(c)]
    return "".join(plain for plain, _ in stood), [at for _, at in stood]


class _Line:
    """The plain text, with the place in the original of each of its characters."""

    def __init__(self, original: str, text: str, places: Sequence[int]) -> None:
        self._original = original
        self.text = text
        self._places = places
        ends = {*range(len(text.rstrip(_MARKS)) - 1, len(text))}
        self._closing: dict[str, list[int]] = {}
        for at, c in enumerate(text):
            if c in "\"'" and (at in ends or text[at + 1] == " "):
                self._closing.setdefault(original[places[at]], []).append(at)

    def token(self, at: int) -> tuple[Token, int]:
        """Cut out the token that begins here; say where it ends."""
        text, places = self.text, self._places
        pair = _PAIR.match(text, at)
        opens = pair.end() if pair else at
        quoted = text[opens : opens + 1] in {'"', "'"}
        close = self._close(opens) if quoted else -1
        space = text.find(" ", max(at, close))
        end = len(text) if space < 0 else space
        start, stop = places[at], places[end - 1] + 1
        if not pair:
            return Token(text[at + 1 : close] if close >= 0 else text[at:end], start, stop), end
        if close >= 0:
            value = self._original[places[opens] + 1 : places[close]]
            value = value.strip() if self._original[places[opens]] in "«‹" else value
        else:
            value = "".join(map(_visible, self._original[places[opens - 1] + 1 : stop]))
        return Token(text[at:end], start, stop, pair[1], value, quoted and close < 0), end

    def _close(self, opens: int) -> int:
        """Find the quote that closes: the fellow of the one that opens, else any of its kind."""
        sign = self._original[self._places[opens]]
        kind = _DOUBLE if self.text[opens] == '"' else _SINGLE
        for closing in (_CLOSES.get(sign, sign), kind):
            found = [self._next_closing(one, opens) for one in closing]
            if any(at >= 0 for at in found):
                return min(at for at in found if at >= 0)
        return -1

    def _next_closing(self, sign: str, after: int) -> int:
        places = self._closing.get(sign, [])
        at = bisect_right(places, after)
        return places[at] if at < len(places) else -1


@lru_cache(maxsize=4096)
def _plain(c: str) -> str:
    """Write a character in the plain way, as nothing if nobody sees it."""
    if " " <= c <= "~":
        return c
    if c in _DOUBLE:
        return '"'
    if c in _SINGLE:
        return "'"
    if "！" <= c <= "～":  # full width
        return chr(ord(c) - 0xFEE0)
    match unicodedata.category(c):
        case "Zs" | "Zl" | "Zp":
            return " "
        case "Nd":
            return str(unicodedata.digit(c))
        case "Pd":
            return "-"
        case "Cc":
            return " " if c in _SPACES else ""
        case "Cf" | "Cs":
            return ""
    return {"−": "-", "؟": "?", "،": ","}.get(c, c)


def _visible(c: str) -> str:
    """Write a character of an unquoted value: as it is, but for digits and the unseen.

    What would show a value otherwise than it is stays, so that the value is refused; the
    marks that a keyboard puts between scripts mean nothing and go.
    """
    plain = _plain(c)
    if not plain and (c in _TURNS or unicodedata.category(c) == "Cc"):
        return c
    return plain if not plain or plain.isdigit() else c
