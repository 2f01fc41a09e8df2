"""The lines of an INI inventory, read as Ansible's own plugin reads them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.assignments import VAULT
from aaroc_bot.repo.editing.edit import BOM, CannotEdit, decoded

_HEADER = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_CHILD = re.compile(r"([^:\]\s]+)\s*(?:#.*)?")
_PORT = re.compile(r":[0-9]+$")
_ASSIGNMENT = re.compile(r"[^=\s]+=.*", re.DOTALL)
_NOT_INI = (".yml", ".yaml", ".json", ".toml")


class What(Enum):
    """What a line is."""

    HEADER = auto()
    HOST = auto()
    CHILD = auto()
    VARIABLE = auto()
    COMMENT = auto()
    BLANK = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A line, where it begins (`start`, in characters), and the section that it stands in.

    `part` is what the section holds: hosts, children, vars. `word` is the host or range,
    without its port, the child, or the variable; of a comment the host or child that it
    would be, empty if it would be none, or if it stands under a header that is a comment.
    """

    start: int
    raw: str
    number: int
    what: What
    group: str
    part: str
    word: str

    @property
    def end(self) -> int:
        """Give where the next line begins."""
        return self.start + len(self.raw)

    @property
    def body(self) -> str:
        """Give what is written, without the space around it."""
        return self.raw.strip()


def text_of(path: str, content: bytes) -> str:
    """Give the text of an INI inventory. Raises `CannotEdit` for every other kind of file."""
    if content.startswith((VAULT, b"#!")) or path.endswith(_NOT_INI):
        raise CannotEdit(WhyNot.KIND)
    text = decoded(content)
    bodies = (line.strip() for line in text.splitlines())
    first = next((body for body in bodies if body and body[0] not in "#;"), "")
    if first.startswith(("---", "{")) or text.startswith(BOM):  # a mark Ansible takes for a host
        raise CannotEdit(WhyNot.KIND)
    return text


def read(text: str) -> tuple[Line, ...]:
    """Read all lines. Raises `CannotEdit` where Ansible could not read one."""
    return tuple(_lines(text))


def _lines(text: str) -> Iterator[Line]:
    group, part, start, dead = "ungrouped", "hosts", 0, False
    for number, raw in enumerate(text.splitlines(keepends=True), start=1):
        body = raw.strip()
        what, word = What.BLANK, ""
        if header := _HEADER.fullmatch(body):
            group, part, what, dead = header[1], header[2] or "hosts", What.HEADER, False
            if part not in {"hosts", "children", "vars"}:
                raise CannotEdit(WhyNot.UNREADABLE, number, group)
        elif body and body[0] in "#;":
            what, bare = What.COMMENT, uncommented(body)
            dead = dead or _HEADER.fullmatch(bare) is not None
            word = "" if dead else _offered(part, bare)
        elif body:
            what, word = _word(part, body, number)
        yield Line(start, raw, number, what, group, part, word)
        start += len(raw)


def uncommented(line: str) -> str:
    """Give a comment's text without the signs that make it one; the space before them stays.

    >>> uncommented("  ## wn1.example.org # old")
    '  wn1.example.org # old'
    """
    space = line[: len(line) - len(line.lstrip())]
    return space + line.lstrip().lstrip("#; \t")


def _word(part: str, body: str, number: int) -> tuple[What, str]:
    if part == "vars":
        name, sign, _ = body.partition("=")
        if not sign:
            raise CannotEdit(WhyNot.UNREADABLE, number)
        return What.VARIABLE, name.strip()
    if part == "children":
        if (child := _CHILD.fullmatch(body)) is None:
            raise CannotEdit(WhyNot.UNREADABLE, number)
        return What.CHILD, child[1]
    if (words := _split(body)) is None or (body[0] == "[" and body[-1] == "]"):
        raise CannotEdit(WhyNot.UNREADABLE, number)
    if words[0].endswith(":"):  # so Ansible goes on to read the file as YAML
        raise CannotEdit(WhyNot.KIND, number)
    return What.HOST, _PORT.sub("", words[0])


def _offered(part: str, bare: str) -> str:
    """Give the host or child that a comment would be as a line."""
    words = _split(bare)
    if words is None or part == "vars":
        return ""
    first, *rest = words
    fits = all(_ASSIGNMENT.fullmatch(word) for word in rest)
    if part == "children":
        fits = not rest
    return _PORT.sub("", first) if fits and not first.endswith(":") else ""


def _split(line: str) -> list[str] | None:
    """Split a line into words as Ansible does; None if it cannot, or there is none."""
    try:
        return shlex.split(line, comments=True) or None
    except ValueError:
        return None
