"""A worker that cannot be: wrongly set up, it says so and what to do."""

from pathlib import Path

import pytest

from aaroc_bot.settings import Settings, SettingsFault
from aaroc_bot.working import opened_worker


def settings(folder: Path, url: str, **more: str) -> Settings:
    return Settings.model_validate({"state_dir": folder / "state", "database": url, **more})


async def fault(settings: Settings, sites: str | None = None) -> str:
    with pytest.raises(SettingsFault) as problem:
        async with opened_worker(settings, sites):
            pass
    return "\n".join(problem.value.faults)


async def test_it_needs_postgresql(sqlite_url: str, tmp_path: Path) -> None:
    assert "AAROC_DATABASE" in await fault(settings(tmp_path, sqlite_url))


async def test_it_needs_the_repository(postgres_url: str, tmp_path: Path) -> None:
    assert "AAROC_REPOSITORY" in await fault(settings(tmp_path, postgres_url))
