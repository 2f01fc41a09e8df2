"""docs/first-command.md is true: its handler, its test, and what one sees of it."""

from pathlib import Path
from typing import Any

import pytest

from aaroc_bot.commands import load
from aaroc_bot.content import modules
from aaroc_bot.sandbox.box import prepare
from tests.docs.blocks import block, executed
from tests.handlers import ports

PAGE = "docs/first-command.md"


@pytest.fixture
def handlers(tmp_path: Path) -> Path:
    folder = tmp_path / "our-handlers"
    folder.mkdir()
    (folder / "hosts.py").write_text(block(PAGE, "file=hosts.py"), encoding="utf-8")
    return folder


@pytest.fixture
def _loaded(handlers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "HANDLERS", load(modules([handlers])))


@pytest.mark.usefixtures("_loaded")
async def test_its_test_passes() -> None:
    written: dict[str, Any] = {}
    exec(compile(block(PAGE, "file=test_hosts.py"), PAGE, "exec"), written)
    tests = [test for name, test in written.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        await test()


async def test_it_is_seen_in_a_demo(handlers: Path, tmp_path: Path) -> None:
    await prepare(tmp_path / ".demo", fresh=False)
    seen = await executed(block(PAGE, "about=see"), tmp_path)
    assert "Hosts of ZA-UJ: 4\n  bdii1.uj.example\n" in seen
    assert "`hosts <site>`  List the hosts of a site." in seen
