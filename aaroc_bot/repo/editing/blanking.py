"""The shape of a site's files for another site: what it describes, without its particulars.

What is kept is put together from what is known to be harmless (names of variables and
groups, comments that are talk); nothing else is copied.
"""

import re
from collections.abc import Iterator, Sequence

from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.assignments import VAULT
from aaroc_bot.repo.editing import scalars
from aaroc_bot.repo.editing.comments import is_general
from aaroc_bot.repo.editing.edit import CannotEdit
from aaroc_bot.repo.editing.mapping import Document, Pair, read
from aaroc_bot.repo.editing.sections import Line, What, text_of
from aaroc_bot.repo.editing.sections import read as read_lines
from aaroc_bot.repo.editing.typed import check_group, is_connection_name, is_variable_name

SITE_NAME = "site_name"
_SITE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def blank_variables(path: str, content: bytes, name: str) -> bytes:
    """Give a variable file's keys without their values, for the site `name`.

    Each is marked as to be filled in; what Ansible itself goes by stays a comment, since an
    empty value would count; `site_name` is `name`. A vaulted file leaves nothing but the
    mark. Raises `CannotEdit`.
    """
    _check_site(name)
    if content.startswith(VAULT):
        return f"{_mark(name)}\n".encode()
    document = read(path, content)
    text = "".join(_variable_lines(document, name))
    for one in read(path, text.encode()).assignments:
        if one.value != (name if one.name == SITE_NAME else None):
            raise CannotEdit(WhyNot.UNREADABLE, one.line, one.name)
    return text.encode()


def blank_inventory(path: str, content: bytes, old: str, new: str) -> bytes:
    """Give an INI inventory's groups without their hosts; the group `old` is called `new`.

    Values of ``[group:vars]`` are left blank, `site_name` too. Raises `CannotEdit`.
    """
    for group in (old, new):
        check_group(group)
    lines = read_lines(text_of(path, content))
    if old != new and any(new in {line.group, line.word} for line in lines):
        raise CannotEdit(WhyNot.EXISTS, name=new)
    text = "".join(_inventory_lines(lines, old, new))
    read_lines(text)
    return text.encode()


def _check_site(name: str) -> None:
    if not _SITE.fullmatch(name):
        raise CannotEdit(WhyNot.NAME, name=name)


def _mark(name: str) -> str:
    return f"# {name}: to be filled in"


def _variable_lines(document: Document, name: str) -> Iterator[str]:
    """Write the file again from its keys, and the lines that stand outside of all of them."""
    pairs = {pair.key.start: pair for pair in document.pairs}
    own = [text for one in document.assignments for _, text in one.texts]
    seen: set[str] = set()
    at = inside = 0
    for raw in document.text.splitlines(keepends=True):
        here = [pairs[start] for start in range(at, at + len(raw)) if start in pairs]
        body, newline = raw.strip(), raw[len(raw.rstrip("\r\n")) :] or "\n"
        for pair in here:
            inside = max(inside, pair.end)
            if pair.name not in seen and is_variable_name(pair.name):
                yield f"{_blank(pair, name)}{newline}"
            seen.add(pair.name)
        if not here and at >= inside and _is_kept(body, own):
            yield f"{body}{newline}"
        at += len(raw)


def _is_kept(body: str, own: Sequence[str]) -> bool:
    return body in {"", "---", "..."} or (body[0] == "#" and is_general(body, own))


def _blank(pair: Pair, name: str) -> str:
    if pair.name == SITE_NAME:
        for way in scalars.ways(name, scalars.Old(text="text")):
            return f"{pair.name}: {way.text}"
    sign = "# " if is_connection_name(pair.name) else ""
    return f"{sign}{pair.name}:  {_mark(name)}"


def _inventory_lines(lines: Sequence[Line], old: str, new: str) -> Iterator[str]:
    """Write the sections again, and the mark once where hosts of a section stood."""
    own = [line.word for line in lines if line.what is What.HOST]
    own += [line.body.partition("=")[2].strip(" '\"") for line in lines if line.part == "vars"]
    renamed = re.compile(rf"(?<![\w.-]){re.escape(old)}(?![\w.-])", re.IGNORECASE)
    marked = False
    for line in lines:
        newline = line.raw[len(line.raw.rstrip("\r\n")) :] or "\n"
        group = new if line.group == old else line.group
        match line.what:
            case What.HEADER:
                marked = False
                part = "" if line.part == "hosts" else f":{line.part}"
                yield f"[{group}{part}]{newline}"
            case What.CHILD:
                yield f"{new if line.word == old else line.word}{newline}"
            case What.VARIABLE:
                sign = "#" if is_connection_name(line.word) else ""
                yield f"{_mark(new)}{newline}{sign}{line.word}={newline}"
            case What.HOST if not marked:
                marked = True
                yield f"{_mark(new)}{newline}"
            case What.BLANK:
                yield newline
            case What.COMMENT if is_general(comment := renamed.sub(new, line.body), own):
                yield f"{comment}{newline}"
