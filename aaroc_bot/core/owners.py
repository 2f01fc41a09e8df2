"""CODEOWNERS, read as GitHub reads it: whose a path is.

The last line whose pattern matches a path has the word, also if it names nobody. A line
that GitHub could not read is skipped, as there; `Codeowners.broken` tells of it.

No pattern is turned into a regular expression: matching takes at most (length of the
pattern) times (length of the path) steps, whatever was written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

BIGGEST = 3 * 1024 * 1024
"""Bytes above which GitHub does not read the file at all."""

_USER = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:_[A-Za-z0-9]+)?")
_TEAM = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9_.-]{1,100}")
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


@dataclass(frozen=True, slots=True)
class Owned:
    """One line: the segments of its pattern, and who owns what it matches (may be nobody)."""

    segments: tuple[str, ...]
    owners: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Codeowners:
    """The lines that count, in their order, and the numbers of those that do not."""

    lines: tuple[Owned, ...]
    broken: tuple[int, ...]

    def owners_of(self, path: str) -> tuple[str, ...]:
        """Give who owns a path, as written: ``@login``, ``@org/team``, or a mail address."""
        parts = path.split("/")
        for owned in reversed(self.lines):
            if _matches(owned.segments, parts):
                return owned.owners
        return ()


def codeowners(text: str) -> Codeowners:
    """Read the text of a CODEOWNERS file; one that is too big for GitHub owns nothing."""
    if len(text.encode(errors="replace")) > BIGGEST:
        return Codeowners((), (1,))
    lines: list[Owned] = []
    broken: list[int] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        words = _words(line)
        if not words:
            continue
        segments, owners = _segments(words[0]), tuple(words[1:])
        if segments is None or not all(map(_is_owner, owners)):
            broken.append(number)
        else:
            lines.append(Owned(segments, owners, number))
    return Codeowners(tuple(lines), tuple(broken))


def owners_of(text: str, path: str) -> tuple[str, ...]:
    r"""Give who owns a path by a CODEOWNERS file.

    >>> text = "* @a\n/docs/ @org/writers  # they write\n/docs/open\n"
    >>> owners_of(text, "x.py"), owners_of(text, "docs/x.md"), owners_of(text, "docs/open/y")
    (('@a',), ('@org/writers',), ())
    """
    return codeowners(text).owners_of(path)


def _words(line: str) -> list[str]:
    """Cut a line at blanks and at a comment; a backslash keeps the blank after it in a pattern."""
    words = [""]
    escaped = False
    for sign in line.rstrip("\r"):
        if escaped:
            words[-1] += sign
            escaped = False
        elif sign.isspace():
            if words[-1]:
                words.append("")
        elif sign == "#" and not words[-1]:
            break
        else:
            words[-1] += sign
            escaped = sign == "\\"
    return [word for word in words if word]


def _segments(pattern: str) -> tuple[str, ...] | None:
    """Cut a pattern into what its parts match; None if GitHub does not know such a pattern.

    It knows no ``!``, no ``[ ]``, no escaped ``#`` at the start, and no three stars. A
    pattern without a slash, but for one at its end, matches at any depth; a folder's is for
    all that lies in it, and so is one that could name a folder. ``/*`` at the end is for
    the folder's own files alone.
    """
    if pattern.startswith(("!", "\\#")) or "***" in pattern or _has_range(pattern):
        return None
    if pattern == "/" or "//" in pattern or _ends_escaping(pattern):
        return None
    parts = pattern.removeprefix("/").split("/")
    anchored = pattern.startswith("/") or len([part for part in parts if part]) > 1
    folder = parts[-1] == ""
    if folder:
        parts[-1] = "**"
    if not anchored and parts[0] != "**":
        parts.insert(0, "**")
    last = parts[-1]
    if last == "**" or (last == "*" and anchored):
        return tuple(parts)
    return (*parts, "***")


def _has_range(pattern: str) -> bool:
    plain = re.sub(r"\\.", "", pattern, flags=re.DOTALL)
    return "[" in plain or "]" in plain


def _ends_escaping(pattern: str) -> bool:
    return (len(pattern) - len(pattern.rstrip("\\"))) % 2 == 1


def _is_owner(word: str) -> bool:
    return any(shape.fullmatch(word) for shape in (_USER, _TEAM, _MAIL))


def _matches(segments: Sequence[str], parts: Sequence[str]) -> bool:
    """Say whether a pattern matches a whole path.

    ``**`` is any number of folders (at its end: one thing in it at least), ``***`` at the
    end, which nobody can write, whatever lies below, and the thing itself.
    """
    reach = {0}  # how many parts the segments so far may have taken
    for at, segment in enumerate(segments):
        if segment == "***":
            return bool(reach)
        if segment == "**":
            first = min(reach)
            if at == len(segments) - 1:
                return first < len(parts)
            reach = set(range(first, len(parts) + 1))
        else:
            reach = {n + 1 for n in reach if n < len(parts) and _fits(segment, parts[n])}
        if not reach:
            return False
    return len(parts) in reach


def _fits(glob: str, name: str) -> bool:
    """Say whether a segment with ``*``, ``?`` and escapes matches a name, in steps g times n."""
    signs = _signs(glob)
    at = n = 0
    star, taken = -1, 0
    while n < len(name):
        if at < len(signs) and signs[at] == ("*", True):
            star, taken = at, n
            at += 1
        elif at < len(signs) and (signs[at] == ("?", True) or signs[at] == (name[n], False)):
            at += 1
            n += 1
        elif star >= 0:  # the last star takes one sign more: an earlier one never has to
            taken += 1
            at, n = star + 1, taken
        else:
            return False
    return all(sign == ("*", True) for sign in signs[at:])


def _signs(glob: str) -> list[tuple[str, bool]]:
    """Give the signs of a segment, each with whether it stands for others."""
    signs: list[tuple[str, bool]] = []
    escaped = False
    for sign in glob:
        if not escaped and sign == "\\":
            escaped = True
            continue
        signs.append((sign, not escaped and sign in "*?"))
        escaped = False
    return signs
