"""Drafters over small repositories; readings are shared, for each takes most of a second."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from aaroc_bot.core.changes import NotOpened, Wish
from aaroc_bot.core.redaction import Redactor
from aaroc_bot.repo.drafting import Drafted, Drafter
from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.repository import Repository
from tests.repo.conftest import FILES, Upstream, newest_counts

Files = Mapping[str, str | bytes | None]


@dataclass(frozen=True, slots=True)
class Bench:
    """A drafter, and the repository that it drafts on."""

    drafter: Drafter
    repository: Repository
    upstream: Upstream
    first: str

    async def commit(self, files: Files, message: str = "change") -> str:
        """Change the repository, and have the mirror follow."""
        sha = self.upstream.commit(files, message)
        await self.repository.refresh()
        return sha

    async def draft(self, wish: Wish) -> Drafted:
        """Draft a wish that comes true on the newest commit."""
        drafted = await self.drafter.draft(wish, (await self.repository.newest()).sha)
        assert isinstance(drafted, Drafted), drafted
        return drafted

    async def refused(self, wish: Wish) -> NotOpened:
        """Draft a wish of which nothing comes."""
        drafted = await self.drafter.draft(wish, (await self.repository.newest()).sha)
        assert isinstance(drafted, NotOpened), drafted
        return drafted

    def lines(self, drafted: Drafted) -> list[str]:
        """Give the lines that change in files that stay, as a difference writes them."""
        told = []
        for path, content in drafted.contents.items():
            place = self.upstream.folder / path
            old = place.read_text().splitlines() if place.exists() else []
            new = (content or b"").decode().splitlines()
            told += [f"- {line}" for line in old if line not in new]
            told += [f"+ {line}" for line in new if line not in old]
        return told


MakeBench = Callable[..., Awaitable[Bench]]


@pytest.fixture(scope="session")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give where readings are kept, by what they depend on."""
    return tmp_path_factory.mktemp("readings")


@pytest.fixture
def bench(upstream: Upstream, tmp_path: Path, readings: Path) -> MakeBench:
    """Make a bench over the untidy files, with these in addition (None: one goes)."""

    async def make(
        more: Files | None = None, *, files: Files = FILES, password: Path | None = None
    ) -> Bench:
        there = {path: text for path, text in {**files, **(more or {})}.items() if text is not None}
        first = upstream.commit(there, "first")
        reader = Reader(readings, lambda _: password)
        repository = Repository(
            Mirror(str(upstream.folder), tmp_path / "state"), reader, newest_counts
        )
        await repository.refresh()
        redactor = Redactor(await repository.secrets())
        drafter = Drafter(repository, Reader(readings, lambda _: None), redactor.text)
        return Bench(drafter, repository, upstream, first)

    return make
