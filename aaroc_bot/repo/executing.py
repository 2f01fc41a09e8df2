"""Variables are code: which ones execute on the controller when they are used (RULES.md).

Default deny: a connection variable that is not on the short list of harmless ones, or not
plain, executes; so does any value that could call a lookup, however it is written.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from aaroc_bot.core.sites import Executing
from aaroc_bot.core.text import quoted
from aaroc_bot.repo.assignments import Assignment
from aaroc_bot.repo.calling import calls

Redact = Callable[[str, str], str]
"""Takes secrets out of a text that is the value of a variable: name, text."""

SHOWN = 160

_CONNECTION = re.compile(r"_*ansible_\w*")
_PLAIN = {
    "ansible_host": re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.:-]{0,253}[A-Za-z0-9_])?"),
    "ansible_port": re.compile(r"[0-9]{1,5}"),
    "ansible_user": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}"),
}
"""A host such as `-oProxyCommand=...` would be an option of ssh's: it executes."""
_BECOME = re.compile(r"ansible_become\w*")
_INTERPRETER = re.compile(r"ansible_\w+_interpreter")
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_.+-]+)+|auto(?:_silent|_legacy|_legacy_silent)?")


def executes(name: str, value: object, texts: Iterable[str]) -> bool:
    """Whether a variable of this name and value executes; `texts` are the strings within it.

    >>> executes("ansible_connection", "local", ["local"])
    True
    >>> executes("ansible_host", "10.0.0.1", ["10.0.0.1"])
    False
    >>> executes("motd", "{{ lookup('pipe', 'id') }}", ["{{ lookup('pipe', 'id') }}"])
    True
    """
    return _connects(name, value) or any(map(calls, texts))


def _connects(name: str, value: object) -> bool:
    if not _CONNECTION.fullmatch(name) or _BECOME.fullmatch(name):
        return False
    if isinstance(value, bool) or not isinstance(value, str | int):
        return True
    pattern = _PLAIN.get(name)
    if pattern is None and _INTERPRETER.fullmatch(name):
        pattern = _PLAIN_PATH
    return pattern is None or not pattern.fullmatch(str(value))


def in_files(assignments: Iterable[Assignment], redact: Redact) -> list[Executing]:
    """Give those of the assignments that execute, each with file and line."""
    found = []
    for one in assignments:
        if executes(one.name, one.value, (text for _, text in one.texts)):
            culprits = ((line, text) for line, text in one.texts if calls(text))
            line, text = next(culprits, (one.line, _written(one.value)))
            found.append(_executing(one.path, line, one.name, one.value, redact(one.name, text)))
    return found


def in_effect(
    inventory: str,
    variables: Mapping[str, Mapping[str, object]],
    known: Iterable[Executing],
    redact: Redact,
) -> list[Executing]:
    """Give those of the effective variables that execute and that no line of text explains.

    This is what Ansible itself read, so nothing is missed that a vault or the text's
    reading hides. `known` are those found in files.
    """
    have = {one.digest for one in known}
    paths = sorted({one.path for one in known})
    found: dict[str, Executing] = {}
    for host in sorted(variables):
        for name, value in sorted(variables[host].items()):
            if not executes(name, value, strings(value)):
                continue
            if any(digest(path, name, value) in have for path in paths):
                continue
            one = _executing(inventory, None, name, value, redact(name, _written(value)))
            found[one.digest] = one
    return list(found.values())


def not_seen(path: str, content: bytes) -> Executing:
    """Give a file that could not be looked into: who accepts it accepts this content unseen."""
    known = hashlib.sha256(content).hexdigest()
    return Executing(path, None, "(the whole file)", "could not be read", digest(path, "", known))


def strings(value: object) -> Iterator[str]:
    """Give every string within a value, keys included.

    Those that `ansible-inventory` marks as unsafe or vaulted too: a plain file can write
    the same marks, and then Ansible templates what stands beside and below them.
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from strings(key)
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def digest(path: str, variable: str, value: object) -> str:
    """Hash what an acceptance is for: exactly this value of this variable in this file."""
    text = json.dumps([path, variable, value], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _executing(path: str, line: int | None, name: str, value: object, text: str) -> Executing:
    return Executing(path, line, name, quoted(text, SHOWN).text, digest(path, name, value))


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
