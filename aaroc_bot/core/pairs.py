"""Finds names that mean a secret in any text, with the value that follows them.

``name=value``, ``name: value``, ``"name": "value"`` (also escaped inside a string, as in
JSON within JSON), ``name => value``, ``--name value``, and ``bindpw value`` alone on a
line: in differences, logs, tracebacks and what people type. How far a value goes:

- in quotes: to the closing one;
- a name that begins its line: to the end of the line, or of what stands deeper below it;
- a bracket: to its fellow;
- else after ``=`` to the next space, after ``:`` to a comma, bracket or the line's end.
"""

import re
from collections.abc import Iterator

from aaroc_bot.core.secret_names import is_secret_name

Span = tuple[int, int]

_NAME = re.compile(
    r"(?<![\w.-])(?P<option>--)?(?P<name>[\w.-]++)"
    r"(?P<end>\\{0,8}[\"']?)"
    r"(?:[ \t]{0,32}(?P<sign>=>|:=|==?|:)[ \t]{0,32}|(?P<gap>[ \t]{1,32}))"
)
_LEAD = re.compile(r"[ \t+\-~<>#;|*\"']*(?:export[ \t]+)?")
_QUOTE = re.compile(r"\\{0,8}[\"']")
_BRACKET = re.compile(r"[\[\]{}()]|\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'", re.DOTALL)
_BLOCK = re.compile(r"(?:!\w+[ \t]+)?(?:[|>][-+0-9]{0,3})?[ \t]*(?:#[^\n]*)?\r?\n")
_AFTER = re.compile(r"[ \t]*(?:[,;#}\])]|\r?\n|$)")
_WORD = re.compile(r"\S*")
_PHRASE = re.compile(r"(?:[^\n,}\])]|,(?!\s|$))*")
_LINE = re.compile(r"[^\n]*")
_LONE = re.compile(r"(\S++)[ \t]*+(?=\r?\n|$)")
_NOTHING = re.compile(r"[\"']?(?:true|false|yes|no|on|off|none|null|~|)[\"',;]?", re.IGNORECASE)
_PROSE = re.compile(
    r"(?i)pass|password|passwd|passphrase|passcode|token|secret|credential|key"
    r"|kennwort|passwort|bearer|jwt|hmac|pin|salt"
)
_MOST = 4096
"""Characters read in search of a closing bracket; without one they count as secret."""


def pair_spans(text: str) -> Iterator[Span]:
    """Find the values of secret names, as spans of the text, in order."""
    done = 0
    for found in _NAME.finditer(text):
        if found.start() < done or not is_secret_name(found["name"]):
            continue
        start, end = _value(text, found)
        done = max(done, end)
        if not _NOTHING.fullmatch(text[start:end].strip()):
            yield start, end


def _value(text: str, found: re.Match[str]) -> Span:
    at = found.end()
    if found["gap"]:
        return _after_gap(text, found)
    begins = found["end"] == "" and _begins_its_line(text, found.start())
    if quote := _QUOTE.match(text, at):
        close = _closing(text, quote)
        if close >= 0 and (not begins or _AFTER.match(text, close + len(quote[0]))):
            return quote.end(), close
    if begins and found["sign"] == ":" and (block := _BLOCK.match(text, at)):
        return block.end(), _end_of_block(text, found.start(), block.end())
    if text[at : at + 1] in {"{", "["}:
        return at, _end_of_bracket(text, at)
    if begins:
        return at, _ended(_LINE, text, at)
    return at, _ended(_PHRASE if found["sign"] in {":", "=>"} else _WORD, text, at)


def _ended(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    end = found.end() if found else at
    while end > at and text[end - 1].isspace():
        end -= 1
    return end


def _after_gap(text: str, found: re.Match[str]) -> Span:
    """``--password value``, or a name that is no word of prose with one value on its line."""
    at = found.end()
    if found["option"]:
        return at, _ended(_WORD, text, at)
    lone = _LONE.match(text, at)
    prose = _PROSE.fullmatch(found["name"].rstrip("s"))
    if lone and not prose and not found["end"] and _begins_its_line(text, found.start()):
        return lone.span(1)
    return at, at


def _closing(text: str, quote: re.Match[str]) -> int:
    """Find where a quoted value ends, -1 if nowhere on its line.

    The quote may be escaped itself; one with more escapes than that belongs to the value.
    """
    sign, at = quote[0], quote.end() - 1
    while (at := text.find(sign, at + 1)) >= 0:
        escapes = 0
        while at - escapes > quote.end() and text[at - escapes - 1] == "\\" and escapes < 16:
            escapes += 1
        if sign == text[at + 1 : at + 2] == "'" and at > quote.end():
            at += 1  # YAML's way to write one quote
        elif escapes < 2 if len(sign) > 1 else escapes % 2 == 0:
            break
    return -1 if text.find("\n", quote.end(), max(at, quote.end())) >= 0 else at


def _begins_its_line(text: str, at: int) -> bool:
    start = max(text.rfind("\n", max(0, at - 200), at) + 1, at - 200, 0)
    return bool(_LEAD.fullmatch(text, start, at)) and (start == 0 or text[start - 1] == "\n")


def _end_of_bracket(text: str, at: int) -> int:
    depth = 0
    for found in _BRACKET.finditer(text, at, at + _MOST):
        if found[0] in "[{(":
            depth += 1
        elif found[0] in "]})":
            depth -= 1
            if depth <= 0:
                return found.end()
    return min(len(text), at + _MOST)


def _indent(line: str) -> int:
    """Count how deep a line stands; a sign of a difference or a list counts as a space."""
    return len(line) - len(re.sub(r"^[ \t+\-~]+", "", line))


def _end_of_block(text: str, name: int, at: int) -> int:
    depth = name - (text.rfind("\n", 0, name) + 1)
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end]
        if line.strip(" \t\r+-~") and _indent(line) <= depth:
            break
        at = min(len(text), end + 1)
    return at - 1 if text[at - 1] == "\n" else at
