"""What an edit comes to, why there is none, and how places of a text are replaced."""

from collections.abc import Sequence
from dataclasses import dataclass

from aaroc_bot.core.changes import WhyNot

BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Edit:
    """A file's new content and what changed in it.

    `line` is the first line that changed, from 1, and `lines` how many did: 0 if the file
    says so already. `before` and `after` are the value as people read it: None where there
    is none, and where it cannot be shown (a vault's).
    """

    content: bytes
    line: int
    lines: int
    before: str | None
    after: str | None


class CannotEdit(Exception):
    """The file is not edited; `line` says where it would have been, `name` what is meant."""

    def __init__(self, why: WhyNot, line: int | None = None, name: str = "") -> None:
        """Keep why, where and what."""
        super().__init__(why.value)
        self.why = why
        self.line = line
        self.name = name


@dataclass(frozen=True, slots=True)
class Splice:
    """A stretch of a text, by its characters, and what takes its place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Spliced:
    """A text with stretches replaced: the first line that changed, from 1, and how many did."""

    text: str
    line: int
    lines: int


def splice(text: str, splices: Sequence[Splice]) -> Spliced:
    """Replace stretches that do not overlap; those at one place come in the order given."""
    pieces, at, lines = [], 0, 0
    ordered = sorted(splices, key=lambda one: (one.start, one.end))
    for one in ordered:
        pieces += [text[at : one.start], one.text]
        at = one.end
        touched = (text[one.start : one.end], one.text)
        lines += max(1, *(len(part.splitlines()) for part in touched))
    line = text.count("\n", 0, ordered[0].start) + 1
    return Spliced("".join(pieces) + text[at:], line, lines)


def decoded(content: bytes) -> str:
    """Read UTF-8, with its mark at the beginning if it has one. Raises `CannotEdit`."""
    try:
        return content.decode()
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise CannotEdit(WhyNot.UNREADABLE, line) from None


def line_break(text: str) -> str:
    """Give the line break that a text uses: that of its last line that has one."""
    lines = text.splitlines(keepends=True)
    for line in reversed(lines):
        if line.endswith("\r\n"):
            return "\r\n"
        if line.endswith(("\n", "\r")):
            return line[-1]
    return "\n"
