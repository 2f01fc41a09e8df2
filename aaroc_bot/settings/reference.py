"""Every setting that there is, by its name in the environment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import get_origin

from pydantic.fields import FieldInfo

from aaroc_bot.settings.groups import Part
from aaroc_bot.settings.model import PREFIX, Settings


@dataclass(frozen=True, slots=True)
class Named:
    """One setting as the reference lists it: its name in the environment, default, meaning."""

    name: str
    default: str
    meaning: str
    is_list: bool


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
    many = get_origin(field.annotation) in {tuple, frozenset}
    return Named(name, _shown(field.default), field.description or "", many)


def _shown(default: object) -> str:
    if isinstance(default, timedelta):
        return _written(default)
    return (
        ""
        if default in (None, (), frozenset(), "") or "Undefined" in repr(default)
        else str(default)
    )


def _written(span: timedelta) -> str:
    """Write a duration as a setting does, in the largest unit that is whole.

    >>> _written(timedelta(hours=4)), _written(timedelta(seconds=90)), _written(timedelta(days=1))
    ('4h', '90s', '24h')
    """
    seconds = int(span.total_seconds())
    days, hours, minutes = 86400, 3600, 60
    if seconds > days and seconds % days == 0:
        return f"{seconds // days}d"
    for unit, size in (("h", hours), ("m", minutes)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


NAMES = frozenset(named.name for named in reference())
"""Every name that there is."""
