"""Every setting that there is, by its name in the environment."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import get_args, get_origin

from pydantic.fields import FieldInfo

from aaroc_bot.settings.durations import written
from aaroc_bot.settings.groups import Part
from aaroc_bot.settings.model import PREFIX, Settings


@dataclass(frozen=True, slots=True)
class Named:
    """One setting as the reference lists it: its name in the environment, default, meaning.

    `like` shows how a list is written in the environment; empty for what is no list.
    """

    name: str
    default: str
    meaning: str
    like: str


def reference() -> Iterator[Named]:
    """List every setting there is, for `docs/settings.md` and for the nearest name."""
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Part):
            for inner, inner_field in kind.model_fields.items():
                full = f"{PREFIX}{name}__{inner}".upper()
                yield _named(full, inner_field)
        else:
            yield _named(f"{PREFIX}{name}".upper(), field)


def _named(name: str, field: FieldInfo) -> Named:
    return Named(name, _shown(field.default), field.description or "", _like(field.annotation))


def _like(annotation: object) -> str:
    if get_origin(annotation) not in {tuple, frozenset}:
        return ""
    item, *_ = get_args(annotation)
    if not issubclass(item, Part):
        return "[1, 2]" if item is int else '["one", "two"]'
    fields = item.model_fields.items()
    return json.dumps([{name: (field.examples or [""])[0] for name, field in fields}])


def _shown(default: object) -> str:
    if isinstance(default, timedelta):
        return written(default)
    return (
        ""
        if default in (None, (), frozenset(), "") or "Undefined" in repr(default)
        else str(default)
    )


LISTS = {named.name: named.like for named in reference() if named.like}
"""How each list is written, by its name."""

NAMES = frozenset(named.name for named in reference())
"""Every name that there is."""
