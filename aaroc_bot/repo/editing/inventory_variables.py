"""Setting and unsetting a variable in a ``[group:vars]`` section of an INI inventory."""

from collections.abc import Sequence

from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.editing import literals
from aaroc_bot.repo.editing.edit import CannotEdit, Edit, Splice, splice
from aaroc_bot.repo.editing.sections import Line, What, read, text_of
from aaroc_bot.repo.editing.typed import check_value, check_variable

Fact = tuple[str, str, What, str, str]
"""What a line says: its group, the section's part, what it is, its word, its value or text."""


def set_variable(path: str, content: bytes, name: str, typed: str) -> Edit:
    """Replace the text of a variable's value. Raises `CannotEdit`."""
    check_variable(name)
    check_value(name, typed)
    text = text_of(path, content)
    lines = read(text)
    line = _standing(lines, name)[-1]
    written = _value(line)
    old = literals.read(written)
    if not isinstance(old.value, str | int | float | None):
        raise CannotEdit(WhyNot.NOT_PLAIN, line.number, name)
    shown = old.value if isinstance(old.value, str) else written[: old.end]
    start = line.start + _value_at(line.raw)
    for way in literals.ways(typed, old):
        if repr(way.value) == repr(old.value):
            return Edit(content, line.number, 0, shown, shown)
        done = splice(text, [Splice(start, start + old.end, way.text)])
        expected = _facts(lines)
        expected[line.number - 1] = _said(line, way.value)
        if _facts(read(done.text)) == expected:
            return Edit(done.text.encode(), line.number, 1, shown, typed)
    raise CannotEdit(WhyNot.NOT_PLAIN, line.number, name)


def unset_variable(path: str, content: bytes, name: str) -> Edit:
    """Take out every line of a variable in its group's section. Raises `CannotEdit`."""
    check_variable(name)
    text = text_of(path, content)
    lines = read(text)
    gone = _standing(lines, name)
    done = splice(text, [Splice(line.start, line.end, "") for line in gone])
    kept = [line for line in lines if line not in gone]
    if _facts(read(done.text)) != _facts(kept):
        raise CannotEdit(WhyNot.UNREADABLE, gone[0].number, name)
    return Edit(done.text.encode(), gone[0].number, len(gone), str(_read(gone[-1])), None)


def _standing(lines: Sequence[Line], name: str) -> list[Line]:
    """Give the lines that set a variable: those of one group, none of which is a host's.

    With a variable of two groups, or of hosts, it cannot be told whose is meant.
    """
    found = [line for line in lines if line.what is What.VARIABLE and line.word == name]
    if len({line.group for line in found}) > 1:
        raise CannotEdit(WhyNot.NOT_PLAIN, found[-1].number, name)
    if found:
        return found
    of_host = (line for line in lines if line.what is What.HOST and f"{name}=" in line.body)
    if (line := next(of_host, None)) is not None:
        raise CannotEdit(WhyNot.NOT_PLAIN, line.number, name)
    raise CannotEdit(WhyNot.NOT_THERE, name=name)


def _value(line: Line) -> str:
    return line.body.partition("=")[2].strip()


def _value_at(raw: str) -> int:
    """Give where a line's value begins: after the sign if it is empty."""
    sign = raw.index("=") + 1
    value = raw[sign:]
    return sign + (len(value) - len(value.lstrip()) if value.strip() else 0)


def _read(line: Line) -> object:
    return literals.read(_value(line)).value


def _facts(lines: Sequence[Line]) -> list[Fact]:
    return [_said(line, _read(line) if line.what is What.VARIABLE else line.body) for line in lines]


def _said(line: Line, value: object) -> Fact:
    return line.group, line.part, line.what, line.word, repr(value)
