"""Owners as people of the organisation: logins, teams, and what stands for nobody."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from aaroc_bot.changes.owning import Owning
from aaroc_bot.sandbox.github.world import Misbehaviour
from aaroc_bot.store.database import Database
from tests.changes.bench import EXPERT, KENET, SECOND, UJ, Bench, bench
from tests.changes.conftest import Devops


@pytest.fixture
async def b(devops: Devops, tmp_path: Path, sqlite_database: Database) -> AsyncIterator[Bench]:
    async with bench(devops, tmp_path / "state", sqlite_database) as b:
        yield b


async def owners(b: Bench, line: str, *, now: bool = True) -> set[int] | None:
    b.devops.commit("roc-expert", {"CODEOWNERS": f"* {line}\n# {uuid4()}\n"})
    await b.repository.refresh()
    owning = Owning(b.repository, b.directory, "AAROC")
    found = (await owning.of(["a"], now=now))["a"]
    return None if found is None else set(found)


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("@uj-admin @KENET-admin", {UJ.id, KENET.id}),
        ("@AAROC/experts @aaroc/ZA-UJ", {EXPERT.id, SECOND.id, UJ.id}),
        ("@Other/experts", set()),
        ("@AAROC/nothing @nobody-of-that-name", set()),
        ("amina@roc.example", set()),
        ("", set()),
    ],
)
async def test_whom_a_word_means(b: Bench, line: str, people: set[int]) -> None:
    assert await owners(b, line) == people


async def test_a_path_that_no_line_names_is_nobodys(b: Bench) -> None:
    await b.repository.refresh()
    found = await Owning(b.repository, b.directory, "AAROC").of(["x"], now=True)
    assert found == {"x": frozenset()}


async def test_a_team_that_took_the_slug_of_another_is_none(b: Bench) -> None:
    assert await owners(b, "@AAROC/za-uj") == {UJ.id}
    b.world.remove_team("za-uj")
    b.world.add_team("za-uj").people.add(KENET.id)
    assert await owners(b, "@AAROC/za-uj @uj-admin") == {UJ.id}


async def test_a_login_that_another_took_is_nobodys(b: Bench) -> None:
    assert await owners(b, "@kenet-admin @uj-admin") == {KENET.id, UJ.id}
    b.world.rename("kenet-admin", "kenet-renamed")
    b.world.rename("meraka-admin", "KENET-admin")
    assert await owners(b, "@Kenet-admin @uj-admin") == {UJ.id}


@pytest.mark.parametrize("line", ["@AAROC/za-uj", "@uj-admin"])
async def test_a_silent_github_is_neither_yes_nor_no(b: Bench, line: str) -> None:
    known = await owners(b, line)
    b.world.misbehave(Misbehaviour(status=500))
    assert await owners(b, line) is None
    assert await owners(b, line, now=False) == known == {UJ.id}
