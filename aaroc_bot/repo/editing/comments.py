"""Which comments of a site's files say nothing about that site, so that a new one may keep them.

In doubt one is left out: commented values, hosts, mail addresses and passwords stay behind.
"""

import re
from collections.abc import Iterable

from aaroc_bot.core.redaction import Redactor

_redactor = Redactor()
_WORD = re.compile(r"[^\W\d_]{2,}[.,:!?]?")
_TALK = re.compile(r"(?:https?://\S+)|[^\s@=]+")
_VALUE = re.compile(r"-\s|[\w.\"'-]+\s*:(?:\s|$)|[\[{]")
_DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_SHORTEST = 4


def is_general(comment: str, values: Iterable[str]) -> bool:
    """Whether a comment (with its sign) is talk, and has none of the site's own values in it.

    >>> is_general("# contact details", ["grid@uj.example"])
    True
    >>> [is_general(text, ["sagrid"]) for text in ("#  - ops", "# port: 1", "# the VO sagrid")]
    [False, False, False]
    """
    said = comment.strip().strip("#;").strip()
    if not said:
        return True
    folded = said.casefold()
    known = (value.casefold() for value in values if len(value) >= _SHORTEST)
    if any(value in folded and _has_word(value, folded) for value in known):
        return False
    if _VALUE.match(said) or _redactor.text(said) != said:
        return False
    words = said.split()
    if len(words) == 1:
        return _WORD.fullmatch(said) is not None
    return all(_TALK.fullmatch(word) and not _is_host(word) for word in words)


def _is_host(word: str) -> bool:
    """Whether it is written as hosts and addresses are."""
    return _DOTTED.fullmatch(word.strip("().,;:'\"")) is not None


def _has_word(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
