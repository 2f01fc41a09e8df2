"""Plain secrets that a difference adds: where they stand, never what they are."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from aaroc_bot.core.secret_names import secret_places
from aaroc_bot.core.text import quoted
from aaroc_bot.repo.assignments import VAULT, Described
from aaroc_bot.repo.drafting.overlay import Contents
from aaroc_bot.repo.executing import strings

Describe = Callable[[str, bytes], Described | None]
"""Says what the text of a file says, None for one that holds no variables."""
Redact = Callable[[str], str]

WHOLE = "(the whole file)"
SEARCHED = 2_000_000
"""Characters of added lines that are searched; a difference with more is one to be looked at."""
_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}")
_BREAKS = re.compile(r"[\s=:,'\"]+")
_COMMENT = re.compile(r"\s*[#;]")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a plain secret stands, and what makes it the same one as another."""

    where: str
    value: tuple[str, ...]


def added_secrets(
    before: Contents, after: Contents, describe: Describe, redact: Redact
) -> tuple[tuple[str, str], ...]:
    """Name what is plain and secret in files after and was not there before: path and key.

    That is values of secret names, nested ones too, values with a secret's look or known to
    be one, what was in a vault and is plain now, and lines of comments and other texts that
    hold any of it. What moves within these files is not added.
    """
    old = {path: content for path, content in before.items() if content is not None}
    new = {path: content for path, content in after.items() if content is not None}
    known = {one.value for path in old for one in _places(path, old[path], describe, redact)}
    found = [
        (path, one.where)
        for path in sorted(new)
        for one in _places(path, new[path], describe, redact)
        if one.value not in known
    ]
    for path in sorted(new.keys() & old.keys()):
        found += [(path, name) for name in _opened(path, old[path], new[path], describe)]
    found += _in_lines(old, new, describe, redact)
    shown = ((quoted(path).text, quoted(redact(key)).text) for path, key in found)
    return tuple(dict.fromkeys(shown))


def _places(path: str, content: bytes, describe: Describe, redact: Redact) -> Iterator[_Place]:
    text = describe(path, content)
    for one in text.assignments if text else ():
        named = list(secret_places({one.name: one.value}))
        for where, value in named:
            yield _Place(where, (where.rpartition(".")[2], value))
        for value in set(strings(one.value)) - {value for _, value in named}:
            if _looks_secret(value, redact):
                yield _Place(one.name, (value,))


def _looks_secret(value: str, redact: Redact) -> bool:
    if value.lstrip().startswith(VAULT.decode()):
        return False
    bare = _TEMPLATE.sub("", value)
    return redact(bare) != bare


def _opened(path: str, old: bytes, new: bytes, describe: Describe) -> list[str]:
    """Name what was in a vault and is plain now."""
    was, is_now = describe(path, old), describe(path, new)
    if old.startswith(VAULT) and not new.startswith(VAULT):
        return [WHOLE]
    if was is None or is_now is None:
        return []
    vaulted = {one.name for one in was.assignments if _vaults(one.value)}
    return [one.name for one in is_now.assignments if one.name in vaulted and _bare(one.value)]


def _vaults(value: object) -> bool:
    return any(text.lstrip().startswith(VAULT.decode()) for text in strings(value))


def _bare(value: object) -> bool:
    return value is not None and not _vaults(value)


def _in_lines(
    old: Mapping[str, bytes], new: Mapping[str, bytes], describe: Describe, redact: Redact
) -> Iterator[tuple[str, str]]:
    """Name lines of texts, and comments of variable files, that hold a secret."""
    known = set().union(*(_lines(content) for content in old.values()))
    words = {word for line in known for word in _BREAKS.split(line)}
    searched = 0
    for path, content in sorted(new.items()):
        if content.startswith(VAULT):
            continue
        text = describe(path, content)
        structured = text is not None and text.problem is None
        for number, line in enumerate(_lines(content), start=1):
            if line in known or (structured and not _COMMENT.match(line)):
                continue
            searched += len(line)
            if searched > SEARCHED:
                yield path, "more than can be searched"
                return
            if _holds_secret(line, words, redact):
                yield path, f"line {number}"


def _lines(content: bytes) -> list[str]:
    return content.decode(errors="replace").splitlines()


def _holds_secret(line: str, words: Iterable[str], redact: Redact) -> bool:
    bare = _TEMPLATE.sub("", line)
    left = redact(bare)
    if left == bare:
        return False
    gone = {word for word in _BREAKS.split(bare) if word and word not in left}
    return not gone <= set(words)
