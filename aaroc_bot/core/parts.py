"""What a run reads, part by part, so that a run which ends as void can say what changed."""

from collections.abc import Mapping

CHANGED = "what it was bound to has changed"
"""The reason where it cannot be told which part it was."""

SHOWN = 3
LONGEST = 80
"""Characters of a path in a reason: the end tells most."""


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Say what differs between two sets of parts (name to digest); `CHANGED` where none does.

    Runs of an older version have kept no parts: `before` is empty, and no part is named.

    >>> changed({"a.yml": "1", "b.yml": "1"}, {"a.yml": "2", "b.yml": "1"})
    'a.yml has changed'
    >>> changed({"a.yml": "1"}, {"b.yml": "1"})
    'a.yml is gone; b.yml is new'
    >>> changed({}, {"a.yml": "1"})
    'what it was bound to has changed'
    """
    if not before:
        return CHANGED
    other = [name for name in before if name in now and before[name] != now[name]]
    gone = [name for name in before if name not in now]
    new = [name for name in now if name not in before]
    told = [
        _told(names, one, many)
        for names, one, many in (
            (other, "has changed", "have changed"),
            (gone, "is gone", "are gone"),
            (new, "is new", "are new"),
        )
        if names
    ]
    return "; ".join(told) or CHANGED


def _told(names: list[str], one: str, many: str) -> str:
    shown = [_short(name) for name in sorted(names)]
    if len(shown) == 1:
        return f"{shown[0]} {one}"
    if len(shown) > SHOWN:
        return f"{', '.join(shown[:SHOWN])} and {len(shown) - SHOWN} more {many}"
    return f"{', '.join(shown[:-1])} and {shown[-1]} {many}"


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"
