"""A bot to speak with: whole, in a box of its worker, on a database of the test's own."""

from collections.abc import AsyncIterator

import pytest

from tests.conversations.conversation import Conversation
from tests.conversations.stage import Stage


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The box of this worker; a test takes `stage`, which puts it back to its beginning."""
    return Stage.built(tmp_path_factory.mktemp("box"))


@pytest.fixture
async def stage(box: Stage) -> Stage:
    """The box as it was at first."""
    await box.reset()
    return box


@pytest.fixture
async def bot(stage: Stage, sqlite_url: str) -> AsyncIterator[Conversation]:
    """A bot on SQLite."""
    async with stage.opened(sqlite_url) as conversation:
        yield conversation
