"""A githubkit beside a sandbox's GitHub, for the tests that play its calls."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.sandbox.github_client import GitHub, a_github
from tests.sandbox.playing import Kit
from tests.sandbox.playing import kit as make


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    async with make(tmp_path) as kit:
        yield kit


@pytest.fixture
async def github(tmp_path: Path) -> AsyncIterator[GitHub]:
    async with a_github(tmp_path) as github:
        yield github
