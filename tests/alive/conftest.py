"""One box for all tests of a worker: what was read of its repository is read once."""

from pathlib import Path

import pytest

from aaroc_bot.sandbox.box import Box
from tests.alive.roc import build


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    return build(Path(tmp_path_factory.mktemp("alive")) / "box")
