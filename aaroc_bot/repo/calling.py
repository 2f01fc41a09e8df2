"""Whether a text could call a lookup when Ansible templates it, however it is disguised.

What ansible-core 2.19 does with a text was tried, and decides what is looked for: a text
without braces is evaluated where a playbook uses it as a condition; a string within it may
be a template again, and so may what `from_yaml` reads out of it. Both undo escapes and put
pieces side by side together, so that the word need not stand in the text. What a template
puts together when it runs (`~`, `join`, `format`) is never templated again.
"""

import re
import unicodedata
from collections.abc import Iterator

LAYERS = 8
"""Quotings within quotings that are undone; a text that hides more is not worth a guess."""

_MARKER = re.compile(r"\{\{|\{%|\{#|#\s*jinja2:")
"""What makes a text a template; the last one gives a text delimiters of its own."""
_WORD = re.compile(r"\b(?:lookup|query|q)\b")
_LOADS = re.compile(r"\{%[-+]?\s*(?:include|import|from|extends)\b|#\s*jinja2:")
_SIDE_BY_SIDE = re.compile(r"[\"']\s*[\"']")
_ESCAPE = re.compile(
    r"\\(?:(?:\r\n|[\r\n\x85\u2028\u2029])[ \t]*"
    r"|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})"
    r"|([0-7]{1,3})|N\{([A-Za-z0-9 -]{1,90})\}|(.))",
    re.DOTALL,
)
_BLANKS = frozenset("abefnrtvNLP_ \t")
"""After a backslash: characters that divide words."""


def calls(text: str) -> bool:
    """Whether a text could call a lookup, or load another template, when it is templated.

    >>> calls("{{ port }}"), calls("{% set l = lookup %}{{ l('env', 'HOME') }}")
    (False, True)
    >>> calls("(lookup)('env', 'HOME')"), calls("a lookup of the query")
    (True, False)
    """
    return any(reading is None or _calls(reading) for reading in _readings(text))


def _calls(text: str) -> bool:
    if _LOADS.search(text):
        return True
    word = _WORD.search(text)
    return word is not None and (text.rfind("(") > word.start() or bool(_MARKER.search(text)))


def _readings(text: str) -> Iterator[str | None]:
    """Give the text as it stands and with its quoting undone; None at last if it never ends."""
    text = unicodedata.normalize("NFKC", text)
    for _ in range(LAYERS):
        yield text
        yield _SIDE_BY_SIDE.sub("", text)
        inner = unicodedata.normalize("NFKC", _ESCAPE.sub(_unescaped, text))
        if inner == text:
            return
        text = inner
    yield None


def _unescaped(found: re.Match[str]) -> str:
    two, four, eight, octal, name, other = found.groups()
    try:
        if digits := two or four or eight:
            return chr(int(digits, 16))
        if octal:
            return chr(int(octal, 8))
        if name:
            return unicodedata.lookup(name)
    except (ValueError, OverflowError, KeyError):
        return " "
    return " " if other in _BLANKS else other or ""
