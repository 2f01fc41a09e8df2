"""A bot to speak with: whole, in a box of its worker, on a database of the test's own.

Conversations are held on the page. Those marked ``chats("web", "slack", ...)`` are held on
each of these; with ``only=True`` they can be held nowhere else. ``AAROC_TEST_CHAT`` holds
all of them on one chat.
"""

import os
from collections.abc import AsyncIterator

import pytest

from tests.conversations.conversation import Conversation
from tests.conversations.stage import CHAT, Stage, Ways


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "chats(*names, only=False): where a conversation is held")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Hold each conversation where it is to be held."""
    if "chat" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("chats")
    names = marker.args if marker else ("web",)
    if "AAROC_TEST_CHAT" in os.environ:
        only = marker is not None and marker.kwargs.get("only", False)
        names = tuple(name for name in [CHAT] if name in names or not only)
    metafunc.parametrize("chat", names)


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The box of this worker; a test takes `stage`, which puts it back to its beginning."""
    return Stage.built(tmp_path_factory.mktemp("box"))


@pytest.fixture
async def stage(box: Stage) -> AsyncIterator[Stage]:
    """The box as it was at first."""
    await box.reset()
    async with box.at_its_chats():
        yield box


@pytest.fixture
async def bot(stage: Stage, sqlite_url: str, chat: str) -> AsyncIterator[Conversation]:
    """A bot on SQLite, in the chat where this conversation is held."""
    async with stage.opened(sqlite_url, chat) as conversation:
        yield conversation


@pytest.fixture
async def called(stage: Stage, sqlite_url: str, chat: str) -> AsyncIterator[Conversation]:
    """The same, with GitHub calling it whenever something happens there."""
    stage.ways = Ways(called=True)
    async with stage.opened(sqlite_url, chat) as conversation:
        yield conversation
