"""The world of a run, on both kinds of database."""

from tests.runs.conftest import world

__all__ = ["world"]
