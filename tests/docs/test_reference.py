"""The reference says what the code says, all of it."""

import pytest

from aaroc_bot.commands import load
from aaroc_bot.content import modules
from aaroc_bot.settings import reference
from tests.docs.blocks import ROOT
from tests.docs.reference import pages


@pytest.mark.parametrize(("path", "now", "then"), [(p.name, a, b) for p, a, b in pages()])
def test_a_page_is_up_to_date(path: str, now: str, then: str) -> None:
    assert now == then, f"docs/{path} is out of date: make docs"


def test_every_setting_is_told_with_its_meaning() -> None:
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    for one in reference():
        assert one.meaning, one.name
        assert f"| `{one.name}` | {one.meaning} |" in text


def test_every_command_is_told_with_its_help() -> None:
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    for command in load(modules()).commands:
        assert command.help in text
        assert all(f"`{pattern.usage}`" in text for pattern in command.patterns)
