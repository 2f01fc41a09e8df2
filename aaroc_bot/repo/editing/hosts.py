"""Putting a host into a group of an INI inventory and taking it out, line by line."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.assignments import of_inventory
from aaroc_bot.repo.editing.edit import CannotEdit, Edit, Splice, line_break, splice
from aaroc_bot.repo.editing.ranges import covers
from aaroc_bot.repo.editing.sections import Line, What, read, text_of, uncommented
from aaroc_bot.repo.editing.typed import check_group, check_host, check_new_host
from aaroc_bot.repo.executing import executes

Named = tuple[str, What, str]
"""The group whose section a line is in, what it is, its word (of a header: none)."""
Fact = tuple[Named, str, str]
"""What a line says, the section's part, and the line itself."""


def enable_host(path: str, content: bytes, group: str, host: str, umbrella: str | None) -> Edit:
    """Put a host into a group: its line that was commented out, else a new one.

    A group without a section gets one. `umbrella` is the site's own group: it gets `group`
    as a child where it does not have it already, through others too. Raises `CannotEdit`.
    """
    check_new_host(host)
    check_group(group)
    if umbrella is not None:
        check_group(umbrella)
    text = text_of(path, content)
    lines = read(text)
    for line in _hosts(lines, group):
        if covers(line.word, host):
            raise CannotEdit(WhyNot.EXISTS, line.number, host)
    splices = list(_joining(text, lines, group, host, umbrella))
    if umbrella is not None and umbrella != group and group not in _below(lines, umbrella):
        splices += _child(text, lines, umbrella, group)
    edit = _edit(text, splices, None, host)
    come = {(group, What.HOST, host), (group, What.HEADER, "")}
    if umbrella is not None:
        come |= {(umbrella, What.CHILD, group), (umbrella, What.HEADER, "")}
    _check(lines, edit, gone=(), come=come)
    return edit


def disable_host(path: str, content: bytes, group: str, host: str | None) -> Edit:
    """Comment out a host's lines in a group, or all of the group's (None).

    Raises `CannotEdit`.
    """
    if host is not None:
        check_host(host)
    check_group(group)
    text = text_of(path, content)
    lines = read(text)
    found = [line for line in _hosts(lines, group) if host is None or covers(line.word, host)]
    if not found:
        raise CannotEdit(WhyNot.NOT_THERE, name=host or group)
    if host is not None and (ranges := [line for line in found if line.word != host]):
        raise CannotEdit(WhyNot.RANGE, ranges[0].number, host)
    splices = [Splice(line.start, line.start, "#") for line in found]
    edit = _edit(text, splices, ", ".join(dict.fromkeys(line.word for line in found)), None)
    _check(lines, edit, gone=found, come=set())
    return edit


def _edit(text: str, splices: Sequence[Splice], before: str | None, after: str | None) -> Edit:
    done = splice(text, splices)
    return Edit(done.text.encode(), done.line, done.lines, before, after)


def _hosts(lines: Iterable[Line], group: str) -> list[Line]:
    return [line for line in lines if line.what is What.HOST and line.group == group]


def _joining(
    text: str, lines: Sequence[Line], group: str, host: str, umbrella: str | None
) -> Iterator[Splice]:
    """Write the host's line into the group's section, or a section of its own."""
    section = [line for line in lines if (line.group, line.part) == (group, "hosts")]
    if section:
        yield _member(text, section, host)
        return
    newline = line_break(text)
    head = [line for line in lines if (line.group, line.part) == (umbrella, "children")]
    if not head:
        yield _after(text, len(text), f"{_gap(text)}[{group}]{newline}{host}{newline}")
        return
    at = _above(lines, head[0])
    before = lines[at - 1] if at else None
    gap = newline if before is not None and before.body else ""
    place = lines[at].start
    yield Splice(place, place, f"{gap}[{group}]{newline}{host}{newline}{newline}")


def _child(text: str, lines: Sequence[Line], umbrella: str, group: str) -> Iterator[Splice]:
    """Write the group's line into the umbrella's children, or a section of them."""
    section = [line for line in lines if (line.group, line.part) == (umbrella, "children")]
    if section:
        yield _member(text, section, group)
        return
    newline = line_break(text)
    yield _after(text, len(text), f"{newline}[{umbrella}:children]{newline}{group}{newline}")


def _member(text: str, section: Sequence[Line], word: str) -> Splice:
    """Take the word's comment sign away, else add it after the section's last member."""
    for line in section:
        if line.what is What.COMMENT and line.word == word:
            bare = uncommented(line.raw)
            _check_harmless(bare, line.number)
            return Splice(line.start, line.end, bare)
    members = [line for line in section if line.what in {What.HOST, What.CHILD}]
    headers = [line for line in section if line.what is What.HEADER]
    place = (members or headers)[-1].end
    return _after(text, place, f"{word}{line_break(text)}")


def _check_harmless(bare: str, number: int) -> None:
    """Refuse a line whose own variables would execute: nobody looked at it as a comment."""
    for one in of_inventory("", bare.encode()).assignments:
        if executes(one.name, one.value, (text for _, text in one.texts)):
            raise CannotEdit(WhyNot.EXECUTES, number, one.name)


def _after(text: str, place: int, written: str) -> Splice:
    """Write lines at the end of a line, which may lack its line break."""
    if place and not text[:place].endswith(("\n", "\r")):
        written = line_break(text) + written
    return Splice(place, place, written)


def _gap(text: str) -> str:
    """Give the empty line between a section and what is there, if there is anything."""
    return line_break(text) if text.strip() and text.splitlines()[-1].strip() else ""


def _above(lines: Sequence[Line], header: Line) -> int:
    """Give the first of the comment lines over a header that stand apart from what is above."""
    at = first = header.number - 1
    while at and lines[at - 1].what is What.COMMENT and not lines[at - 1].word:
        at -= 1
    apart = at == 0 or lines[at - 1].what is What.BLANK
    return at if apart else first


def _below(lines: Iterable[Line], group: str) -> set[str]:
    """Give the groups within a group, at any depth."""
    children: dict[str, set[str]] = {}
    for line in lines:
        if line.what is What.CHILD:
            children.setdefault(line.group, set()).add(line.word)
    below: set[str] = set()
    new = {group}
    while new:
        new = set().union(*(children.get(name, set()) for name in new)) - below
        below |= new
    return below


def _check(lines: Sequence[Line], edit: Edit, *, gone: Sequence[Line], come: set[Named]) -> None:
    """Read the result again: these lines only may be gone, and such only have come."""
    before, after = _facts(lines), _facts(read(edit.content.decode()))
    lost, won = before - after, after - before
    if lost != _facts(gone) or not {fact[0] for fact in won} <= come:
        raise CannotEdit(WhyNot.UNREADABLE, edit.line)


def _facts(lines: Iterable[Line]) -> Counter[Fact]:
    told = (line for line in lines if line.what not in {What.COMMENT, What.BLANK})
    return Counter(((line.group, line.what, line.word), line.part, line.body) for line in told)
