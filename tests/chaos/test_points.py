"""The points at which processes fall exist: a name that was changed is told here, at once."""

import importlib
import inspect
from functools import reduce

import pytest

from tests.chaos.points import FETCHING, HEARING, PLAYING, SWEEPING


@pytest.mark.parametrize("point", [*HEARING, *SWEEPING, *PLAYING, *FETCHING])
def test_a_point_names_what_is_awaited(point: str) -> None:
    when, _, where = point.partition(" ")
    module, _, path = where.partition(":")
    call = reduce(getattr, path.split("."), importlib.import_module(module))
    assert when in {"before", "after"}
    assert inspect.iscoroutinefunction(call)
