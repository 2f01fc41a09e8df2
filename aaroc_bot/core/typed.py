"""What was typed, in plain tokens that still know where they stood in the original.

Phones and keyboards write quotes, spaces, dashes and digits in many ways and put in
characters that nobody sees; tokens have them in the plain way. Free text is cut from the
original, so it stays as it was typed.

A quote opens at the beginning of a token or after its first ``=`` and closes before a
space, so that an apostrophe is no quote and ``'it's'`` is ``it's``.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_DOUBLE, _SINGLE = '"“”„‟«»〝〞＂', "'‘’‚‛‹›´＇"
_CLOSES = {"“": "”", "„": "“”", "«": "»", "‘": "’", "‚": "‘’", "‹": "›"}
"""What closes a quote before any other of its kind does; each other one closes itself."""

_PAIR = re.compile(r"([A-Za-z_][\w.-]*)=")
_SPACES = frozenset("\t\n\v\f\r")
_MARKS = ".,;:!?"


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
    stood = [(plain, at) for at, c in enumerate(original) for plain in _plain(c)]
    while stood and stood[0][0] == " ":
        stood.pop(0)
    while stood and stood[-1][0] == " ":
        stood.pop()
    if len(stood) > 1 and stood[0][0] == stood[-1][0] == "`":
        stood = stood[1:-1]
    text, places = "".join(plain for plain, _ in stood), [at for _, at in stood]
    found, at = [], 0
    while at < len(text):
        if text[at] == " ":
            at += 1
            continue
        token, at = _token(original, text, places, at)
        found.append(token)
    return tuple(found)


def _token(original: str, text: str, places: Sequence[int], at: int) -> tuple[Token, int]:
    pair = _PAIR.match(text, at)
    opens = pair.end() if pair else at
    quoted = text[opens : opens + 1] in {'"', "'"}
    close = _close(original, text, places, opens) if quoted else -1
    space = text.find(" ", at if close < 0 else close)
    end = len(text) if space < 0 else space
    start, stop = places[at], places[end - 1] + 1
    if not pair:
        return Token(text[at + 1 : close] if close >= 0 else text[at:end], start, stop), end
    if close >= 0:
        value = original[places[opens] + 1 : places[close]]
        value = value.strip() if original[places[opens]] in "«‹" else value
    else:
        value = "".join(map(_visible, original[places[opens - 1] + 1 : stop]))
    return Token(text[at:end], start, stop, pair[1], value, quoted and close < 0), end


def _close(original: str, text: str, places: Sequence[int], opens: int) -> int:
    """Find the quote that closes: the fellow of the one that opens, else any of its kind."""
    sign = original[places[opens]]
    kind = _DOUBLE if text[opens] == '"' else _SINGLE
    for closing in (_CLOSES.get(sign, sign), kind):
        at = text.find(text[opens], opens + 1)
        while at >= 0:
            ends = at + 1 == len(text) or text[at + 1] == " " or text[at + 1 :] in _MARKS
            if ends and original[places[at]] in closing:
                return at
            at = text.find(text[opens], at + 1)
    return -1


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
    """Write a character of an unquoted value: as it is, but for digits and the unseen."""
    plain = _plain(c)
    return plain if not plain or plain.isdigit() else c
