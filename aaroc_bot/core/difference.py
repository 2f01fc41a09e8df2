"""How two sites' variables differ: the answer to `diff`, without any secret in it.

Pure: effective variables of hosts in, rows out. INTERFACES.md says how several values of
one variable are written; CONVERSATIONS.md shows the answer.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

CELL = 80
"""Characters of a value that are shown."""
ROWS = 200
"""Differing variables that are shown at most."""
VALUES = 3
"""Different values of one variable that are shown within a cell."""
SECRET = "(secret)"  # noqa: S105 - what stands for one
OPAQUE = "__ansible_vault"

Hosts = Mapping[str, Mapping[str, object]]
"""Each host's effective variables."""


@dataclass(frozen=True, slots=True)
class Row:
    """A variable that differs, with its values as they are shown on both sides."""

    variable: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two sites.

    `compared` counts the variables that both have, less secrets; `differing` those of
    them that differ, of which `rows` holds the first. `secrets` counts the values, nested
    ones each, that either side has and that were not compared: secret by name, or in a
    vault. `foreign_left` and `foreign_right` are hosts left out because they bear the
    name of another site, with that name.
    """

    rows: tuple[Row, ...]
    differing: int
    compared: int
    only_left: tuple[str, ...]
    only_right: tuple[str, ...]
    secrets: int
    foreign_left: tuple[tuple[str, str], ...] = ()
    foreign_right: tuple[tuple[str, str], ...] = ()


def difference(
    left: Hosts,
    right: Hosts,
    *,
    is_secret: Callable[[str], bool],
    foreign_left: Mapping[str, str] | None = None,
    foreign_right: Mapping[str, str] | None = None,
) -> Difference:
    """Compare the variables of two sites over the hosts given (those of a service, say).

    `is_secret` says whether a name is that of a secret. The foreign mappings are a
    site's (`Site.foreign`): hosts with an empty name there bear none, and are compared.

    >>> found = difference({"a": {"port": 1}}, {"b": {"port": 2}}, is_secret=lambda name: False)
    >>> found.rows
    (Row(variable='port', left='1', right='2'),)
    """
    left, out_left = _own(left, foreign_left or {})
    right, out_right = _own(right, foreign_right or {})
    secrets: set[str] = set()
    ours = _values(left, is_secret, secrets)
    theirs = _values(right, is_secret, secrets)
    both = sorted(ours.keys() & theirs.keys())
    differing = [name for name in both if not _same(ours[name], theirs[name], left, right)]
    return Difference(
        rows=tuple(_row(name, ours[name], theirs[name], left, right) for name in differing[:ROWS]),
        differing=len(differing),
        compared=len(both),
        only_left=tuple(sorted(ours.keys() - theirs.keys())),
        only_right=tuple(sorted(theirs.keys() - ours.keys())),
        secrets=len(secrets),
        foreign_left=out_left,
        foreign_right=out_right,
    )


def _own(hosts: Hosts, foreign: Mapping[str, str]) -> tuple[Hosts, tuple[tuple[str, str], ...]]:
    out = tuple(sorted((host, foreign[host]) for host in hosts if foreign.get(host)))
    gone = {host for host, _ in out}
    return {host: those for host, those in hosts.items() if host not in gone}, out


Texts = dict[str, dict[str, str]]
"""For each variable the hosts that have it, with the value's text."""


def _values(hosts: Hosts, is_secret: Callable[[str], bool], secrets: set[str]) -> Texts:
    """Write every value as text, leaving secrets out; their paths are added to `secrets`."""
    texts: Texts = {}
    for host, variables in hosts.items():
        for name, value in variables.items():
            if is_secret(name) or opaque(value):
                secrets.add(name)
                continue
            bare = without_secrets(value, name, is_secret, secrets)
            texts.setdefault(name, {})[host] = one_line(bare)
    # A variable that is a secret on one host only is one on all of them.
    return {name: found for name, found in texts.items() if name not in secrets}


def opaque(value: object) -> bool:
    """Whether a value is in a vault, as `ansible-inventory` writes it."""
    return isinstance(value, Mapping) and OPAQUE in value


def without_secrets(
    value: object, path: str, is_secret: Callable[[str], bool], secrets: set[str]
) -> object:
    """Put `SECRET` in the place of each secret within a value; their paths go to `secrets`."""
    if isinstance(value, Mapping):
        bare: dict[str, object] = {}
        for key, inner in value.items():
            here = f"{path}.{key}"
            if is_secret(str(key)) or opaque(inner):
                secrets.add(here)
                bare[str(key)] = SECRET
            else:
                bare[str(key)] = without_secrets(inner, here, is_secret, secrets)
        return bare
    if isinstance(value, list | tuple):
        return [
            SECRET if opaque(inner) else without_secrets(inner, path, is_secret, secrets)
            for inner in value
        ]
    return value


def one_line(value: object) -> str:
    """Write a value on one line, so that different values are written differently."""
    if isinstance(value, str) and value and value.isprintable() and value.strip() == value:
        return value if _free(value) else json.dumps(value, ensure_ascii=False)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _free(text: str) -> bool:
    """Whether a string is not also how something else (a number, a list) would be written."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return True
    return False


def _groups(values: Mapping[str, str], hosts: Iterable[str]) -> dict[str | None, list[str]]:
    """Give the hosts that have each value; None stands for those that do not have it."""
    groups: dict[str | None, list[str]] = {}
    for host in sorted(hosts):
        groups.setdefault(values.get(host), []).append(host)
    return groups


def _same(ours: dict[str, str], theirs: dict[str, str], left: Hosts, right: Hosts) -> bool:
    return _groups(ours, left).keys() == _groups(theirs, right).keys()


def _row(name: str, ours: dict[str, str], theirs: dict[str, str], left: Hosts, right: Hosts) -> Row:
    mine, other = _groups(ours, left), _groups(theirs, right)
    start = _start(list(mine), list(other))
    return Row(name, _cell(mine, start), _cell(other, start))


def _start(mine: list[str | None], other: list[str | None]) -> int:
    """Say where to begin showing two long single values, so that what differs is seen."""
    if len(mine) != 1 or len(other) != 1 or mine[0] is None or other[0] is None:
        return 0
    pairs = zip(mine[0], other[0], strict=False)
    common = next(
        (at for at, (a, b) in enumerate(pairs) if a != b), min(map(len, (mine[0], other[0])))
    )
    return 0 if common < CELL // 2 else common - 10


def _cell(groups: Mapping[str | None, list[str]], start: int) -> str:
    """Write the values of one side: the value alone, or each with the hosts that have it."""
    if len(groups) == 1:
        (only,) = groups
        return _cut(only, CELL, start)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[1]))
    shown = [
        f"{_cut(value, CELL // VALUES, 0)} ({those[0] if len(those) == 1 else f'{len(those)} hosts'})"
        for value, those in ordered[:VALUES]
    ]
    more = [f"{len(ordered) - VALUES} more values"] if len(ordered) > VALUES else []
    return ", ".join(shown + more)


def _cut(text: str | None, limit: int, start: int) -> str:
    if text is None:
        return "not set"
    text = ("…" if start else "") + text[start:]
    return text if len(text) <= limit else text[: limit - 1] + "…"
