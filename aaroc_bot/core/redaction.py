"""Takes secrets out of everything that leaves: known values, and what looks like a secret.

Every rule finds spans in the text as it came; the spans are joined and each becomes
`MARK`. That is done again until nothing is found, so that what a replacement lays bare is
found too; each round leaves fewer characters that are not the mark's, so it ends. Each
rule reads the text once: no pattern may look back over what it passed.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from urllib.parse import quote

from aaroc_bot.core.pairs import pair_spans
from aaroc_bot.core.secret_names import is_secret_name, is_trivial, secret_values

__all__ = ["MARK", "Redactor", "is_secret_name", "secret_values"]

MARK = "•••"
"""Stands for a secret. Not a word, so that it is never taken for a value itself."""

_WINDOW = 1 << 16
"""Characters searched for known values at once."""

_TYPED = 40_000
"""Characters of a text, at most, in which a value named once is looked for elsewhere too."""
_NAMED = 64
"""Values of secret names in it that are looked for."""
_AROUND = " \t\r\n\"'`.,;:!?()[]{}<>"

Span = tuple[int, int]

_SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        # Private keys, also on one line or with a difference's signs, also cut off.
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-{5}"
        r"(?:[^-]|-(?!----)){0,16384}+(?:-{5,60}END [A-Z0-9 ]{0,60}-{5})?",
        r"\$ANSIBLE_VAULT;[^\s\\\"']{0,80}(?:(?:\s|\\n|[-+|])*+[0-9a-fA-F]{6,}+)*+",
        r"://([^\s/?#@:\"'<>]{0,256}:[^\s/?#\"'<>]{1,512})@",
        r"https?://([^\s/?#@:\"'<>]{1,256})@",
        r"earer (?<=[Bb]earer )([A-Za-z0-9+/=._~-]{16,})",
        r"asic (?<=[Bb]asic )([A-Za-z0-9+/=._~-]{16,})",
        r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|glpat-[A-Za-z0-9_-]{16,}",
        r"xox[a-z]-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,}",
        r"hooks\.slack\.com/services/[A-Za-z0-9/]{8,}",
        r":(?<=\d{6}:)([A-Za-z0-9_-]{30,})",  # Telegram's bots
        r"A(?:KIA|SIA)[A-Z0-9]{16}",  # Amazon's access keys
        r"eyJ(?<![A-Za-z0-9_-]eyJ)[A-Za-z0-9_-]{8,}+\.eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]+",
    )
)
"""The one group, where there is one, is the secret. Each begins with what a search finds fast."""


class Redactor:
    """Takes these known secret values out of texts, and everything with a secret's look.

    Building it compiles the values (about a second for some thousands): build it once for
    each set of them and not on the event loop. Values that are empty are passed over; which
    values are worth hiding is `secret_values`' to say.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        """Compile the known values and the forms in which they are written."""
        forms = {form for value in values for form in _forms(value) if form.strip(" \t\r\n•")}
        self._known = re.compile(_any_of(sorted(forms), 4)) if forms else None
        self._longest = max(map(len, forms), default=0)

    def text(self, text: str) -> str:
        """Give the text without any secret in it; without one it comes back as it was."""
        while spans := _joined([*self._values(text), *_shapes(text), *_pairs(text)], text):
            text = _replaced(text, spans)
        return text

    def _values(self, text: str) -> Iterator[Span]:
        if self._known is None:
            return
        at = 0
        while at < len(text):  # in windows, since one search of a long text stops all threads
            found = self._known.search(text, at, at + _WINDOW + self._longest)
            if found and found.start() < at + _WINDOW:
                yield found.span()
                at = found.start() + 1  # they may overlap
            else:
                at += _WINDOW


def _shapes(text: str) -> Iterator[Span]:
    for shape in _SHAPES:
        for found in shape.finditer(text):
            yield found.span(found.lastindex or 0)


def _pairs(text: str) -> Iterator[Span]:
    """Find the values of secret names, and where else a text of people's length repeats them.

    As in ``password=hunter22 because hunter22 is theirs``. Not looked for elsewhere is what
    is no secret by itself: fewer than 4 characters or 6 digits, everyday words.
    """
    spans = list(pair_spans(text))
    yield from spans
    if not spans or len(text) > _TYPED:
        return
    values = [text[start:end] for start, end in spans[:_NAMED]]
    words = {word for value in values for word in (value.strip(), value.strip(_AROUND))}
    if worth := sorted(word for word in words if word.strip("•") and not is_trivial(word)):
        for found in re.finditer(_any_of(worth, 4), text):
            yield found.span()


def _joined(spans: Sequence[Span], text: str) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if not text[start:end].strip(" \t\r\n•"):
            continue
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _replaced(text: str, spans: Sequence[Span]) -> str:
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], MARK]
        at = end
    return "".join(pieces) + text[at:]


def _forms(value: str) -> Iterator[str]:
    """Write a value as it stands in texts: plain, in JSON, shell, YAML, Python and URLs."""
    lines = [line.strip() for line in value.splitlines() if len(line.strip()) >= 8]
    for plain in {value, value.strip(), *lines}:
        yield plain
        yield json.dumps(plain)[1:-1]
        yield json.dumps(plain, ensure_ascii=False)[1:-1]
        yield repr(plain)[1:-1]
        yield plain.replace("'", "'\"'\"'")
        yield plain.replace("'", "''")
        yield quote(plain, safe="", errors="replace")


def _any_of(words: Sequence[str], levels: int) -> str:
    """Write a pattern for the longest of these sorted words, branching by first characters.

    A plain alternative of thousands of words would try each at each place of a text.
    """
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(words[0], words[-1], strict=False))
    shared = "".join(first for first, _ in alike)
    rests = [word[len(shared) :] for word in words]
    if len(rests) == 1:
        return re.escape(shared)
    if levels == 0:
        branches = [re.escape(rest) for rest in sorted(rests, key=len, reverse=True)]
    else:
        by_first: dict[str, list[str]] = {}
        for rest in filter(None, rests):
            by_first.setdefault(rest[0], []).append(rest)
        branches = [_any_of(group, levels - 1) for group in by_first.values()]
        branches += [""] if "" in rests else []
    return f"{re.escape(shared)}(?:{'|'.join(branches)})"
