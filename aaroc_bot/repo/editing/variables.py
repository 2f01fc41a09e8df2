"""Setting, adding and unsetting a variable in a file of group_vars or host_vars."""

import json
import re
from collections.abc import Sequence

from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.assignments import Assignment
from aaroc_bot.repo.editing import scalars
from aaroc_bot.repo.editing.edit import CannotEdit, Edit, Splice, Spliced, line_break, splice
from aaroc_bot.repo.editing.mapping import Document, Pair, read
from aaroc_bot.repo.editing.typed import check_value, check_variable

_COLON = re.compile(r"[ \t]*:([ \t]*)")
_REST = re.compile(r"[ \t]+#[^\r\n]*|[ \t]*")

Meaning = list[tuple[str, str]]
"""Names and values, in their order. Values as `repr` writes them: 1, 1.0 and True differ."""


def set_variable(path: str, content: bytes, name: str, typed: str) -> Edit:
    """Replace the text of a variable's value. Raises `CannotEdit`."""
    check_variable(name)
    check_value(name, typed)
    document = read(path, content)
    if not (pairs := document.of(name)):
        raise CannotEdit(WhyNot.NOT_THERE, name=name)
    pair = pairs[-1]
    old = _plain_value(pair)
    assigned = _assigned(document, pair)
    was = document.assignments[assigned].value
    shown = old.text if was is not None else ""
    for way in scalars.ways(typed, old):
        if repr(way.value) == repr(was):
            return Edit(content, pair.key.line, 0, shown, shown)
        expected = _meaning(document.assignments)
        expected[assigned] = (name, repr(way.value))
        done = splice(document.text, [_place(document, pair, way.text)])
        if (edit := _checked(path, document, done, expected)) is not None:
            return Edit(edit, done.line, done.lines, shown, typed)
    raise CannotEdit(WhyNot.NOT_PLAIN, pair.key.line, name)


def add_variable(path: str, content: bytes, name: str, typed: str) -> Edit:
    """Add a variable at the end of the file; one without any content begins as people's do.

    Raises `CannotEdit`.
    """
    check_variable(name)
    check_value(name, typed)
    document = read(path, content)
    if pairs := document.of(name):
        raise CannotEdit(WhyNot.EXISTS, pairs[-1].key.line, name)
    text, end = document.text, document.end
    newline = line_break(text)
    start = "" if text else f"---{newline}"
    if end and text[end - 1] not in "\r\n":
        start = newline
    column = document.pairs[0].key.column if document.pairs else 0
    for way in scalars.ways(typed, scalars.Old()):
        line = f"{start}{' ' * column}{name}: {way.text}{newline}"
        expected = [*_meaning(document.assignments), (name, repr(way.value))]
        done = splice(text, [Splice(end, end, line)])
        if (edit := _checked(path, document, done, expected)) is not None:
            return Edit(edit, done.line, done.lines, None, typed)
    raise CannotEdit(WhyNot.NOT_PLAIN, text.count("\n") + 1, name)


def unset_variable(path: str, content: bytes, name: str) -> Edit:
    """Take out every line of a variable. Raises `CannotEdit`."""
    check_variable(name)
    document = read(path, content)
    if not (pairs := document.of(name)):
        raise CannotEdit(WhyNot.NOT_THERE, name=name)
    done = splice(document.text, [_lines(document.text, pair) for pair in pairs])
    gone = {_assigned(document, pair) for pair in pairs}
    kept = [one for at, one in enumerate(document.assignments) if at not in gone]
    edit = _checked(path, document, done, _meaning(kept))
    if edit is None:
        raise CannotEdit(WhyNot.NOT_PLAIN, pairs[-1].key.line, name)
    before = _shown(pairs[-1], document.assignments[max(gone)].value)
    return Edit(edit, done.line, done.lines, before, None)


def _plain_value(pair: Pair) -> scalars.Old:
    """Give a value that stands on one line, with nothing that others could refer to."""
    value = pair.value
    spread = value.style in {"|", ">"} or value.line != value.last_line
    if value.text is None or spread or not value.bare:
        raise CannotEdit(WhyNot.NOT_PLAIN, value.line, pair.name)
    return scalars.Old(value.text, value.style)


def _assigned(document: Document, pair: Pair) -> int:
    """Give which of the document's assignments a pair is."""
    for at in reversed(range(len(document.assignments))):
        one = document.assignments[at]
        if one.name == pair.name and one.line == pair.key.line:
            return at
    raise CannotEdit(WhyNot.NOT_PLAIN, pair.key.line, pair.name)


def _place(document: Document, pair: Pair, written: str) -> Splice:
    """Give where the value's text stands, or is missing, and the text for it."""
    start, end = pair.value.start, pair.value.end
    if start != end:
        return Splice(start, end, written)
    colon = _COLON.match(document.text, pair.key.end)
    if colon is None:
        raise CannotEdit(WhyNot.NOT_PLAIN, pair.key.line, pair.name)
    comment = document.text[colon.end() : colon.end() + 1] == "#"
    end = colon.start(1) if comment else colon.end()
    return Splice(colon.start(1), end, f" {written}")


def _lines(text: str, pair: Pair) -> Splice:
    """Give the whole lines of a pair, if nothing else stands on them."""
    start = max(text.rfind(sign, 0, pair.key.start) for sign in "\r\n") + 1
    rest = _REST.match(text, pair.end)
    end = rest.end() if rest else pair.end
    alone = not text[start : pair.key.start].strip(" ")
    if not alone or (end < len(text) and text[end] not in "\r\n"):
        raise CannotEdit(WhyNot.NOT_PLAIN, pair.key.line, pair.name)
    end += 2 if text.startswith("\r\n", end) else 1
    return Splice(start, min(end, len(text)), "")


def _checked(path: str, document: Document, done: Spliced, expected: Meaning) -> bytes | None:
    """Give the content if Ansible reads it as expected, and nothing else differs."""
    content = (document.bom + done.text).encode()
    try:
        after = read(path, content)
    except CannotEdit:
        return None
    return content if _meaning(after.assignments) == expected else None


def _meaning(assignments: Sequence[Assignment]) -> Meaning:
    return [(one.name, repr(one.value)) for one in assignments]


def _shown(pair: Pair, value: object) -> str | None:
    """Write a value for people; a vaulted or tagged one is not shown."""
    if pair.value.text is not None:
        return pair.value.text if pair.value.bare else None
    return json.dumps(value, ensure_ascii=False, default=str)
