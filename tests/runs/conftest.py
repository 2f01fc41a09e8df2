"""The world of a run, on both kinds of database."""

from pathlib import Path

import pytest

from aaroc_bot.store.database import Database
from tests.runs.world import World


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)
