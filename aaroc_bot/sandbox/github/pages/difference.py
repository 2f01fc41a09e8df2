"""Reads what git tells of a difference into files and numbered lines, within bounds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

FILES = 1_000
"""Files of a difference that are shown at most."""
LINES = 20_000
"""Lines of a difference that are shown at most."""
WIDTH = 2_000
"""Characters of a line that are shown at most."""
HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)")
KINDS = {"A": "added", "D": "removed", "M": "changed", "R": "renamed", "T": "of another type"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line: `old` and `new` are its numbers before and after, None where it is not there.

    `sign` is git's: plus, minus or a space; a backslash says something about the line above.
    """

    sign: str
    text: str
    old: int | None = None
    new: int | None = None


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that stand together; `heading` is what git found above them."""

    heading: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FileDifference:
    """What happens to a file. `before` is its path before where that is another."""

    path: str
    kind: str
    before: str = ""
    binary: bool = False
    hunks: tuple[Hunk, ...] = ()

    def count(self, sign: str) -> int:
        """Count the lines with a sign."""
        return sum(line.sign == sign for hunk in self.hunks for line in hunk.lines)


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies between two commits; `cut` where not all of it is here."""

    files: tuple[FileDifference, ...]
    cut: bool = False

    def count(self, sign: str) -> int:
        """Count the lines with a sign."""
        return sum(file.count(sign) for file in self.files)


def read(raw: str, patch: str) -> Difference:
    r"""Read the output of ``git diff --raw -z`` and of ``git diff --patch``.

    The names come from the first, where nothing in them has to be guessed.

    >>> raw = ":100644 100644 1a2b 3c4d M\0b c.yml\0"
    >>> one = read(raw, "diff --git a/b b/b\n@@ -7 +7 @@ top\n-x: 1\n+x: 2\n").files[0]
    >>> one.path, one.kind, [(line.sign, line.old, line.new) for line in one.hunks[0].lines]
    ('b c.yml', 'changed', [('-', 7, None), ('+', None, 7)])
    """
    lines = patch.split("\n")
    shown = lines[:LINES]
    sections = list(_sections(shown))
    files = []
    names = list(_names(raw))
    for number, (kind, path, before) in enumerate(names[:FILES]):
        section = sections[number] if number < len(sections) else []
        binary = any(line.startswith(("Binary files ", "GIT binary patch")) for line in section[:9])
        files.append(FileDifference(path, kind, before, binary, tuple(_hunks(section))))
    return Difference(tuple(files), cut=len(lines) > LINES or len(names) > FILES)


def _names(raw: str) -> Iterator[tuple[str, str, str]]:
    """Give kind, path and the path before of each file."""
    parts = iter(raw.split("\0"))
    for about in parts:
        letter = about.rpartition(" ")[2][:1]
        if letter in {"R", "C"}:
            before = next(parts, "")
            yield KINDS.get(letter, "copied"), next(parts, ""), before
        elif letter:
            yield KINDS.get(letter, "changed"), next(parts, ""), ""


def _sections(lines: list[str]) -> Iterator[list[str]]:
    """Split a patch by file: no line of a file's own begins at the margin."""
    section: list[str] | None = None
    for line in lines:
        if line.startswith("diff --git "):
            if section is not None:
                yield section
            section = []
        elif section is not None:
            section.append(line)
    if section is not None:
        yield section


def _hunks(section: list[str]) -> Iterator[Hunk]:
    hunk, old, new = None, 0, 0
    for line in section:
        if found := HUNK.match(line):
            if hunk:
                yield hunk
            hunk, old, new = Hunk(found[3].strip()[:WIDTH]), int(found[1]), int(found[2])
        elif hunk and line[:1] in {"+", "-", " ", "\\"}:
            sign, text = line[0], line[1 : WIDTH + 1]
            before, after = sign in {"-", " "}, sign in {"+", " "}
            hunk.lines.append(Line(sign, text, old if before else None, new if after else None))
            old, new = old + before, new + after
    if hunk:
        yield hunk
