"""The examples in the pages are read by what they are examples of."""

import argparse
import json
import os
import re
import stat
import tomllib
from pathlib import Path

import pytest

from aaroc_bot.chat.say import as_json
from aaroc_bot.cli import _parser
from aaroc_bot.commands import load
from aaroc_bot.content import folder, modules
from aaroc_bot.core.entries import Entry
from aaroc_bot.core.grammar import Parsed, lexicon, parse
from aaroc_bot.core.message import Message
from aaroc_bot.core.rights import Right
from aaroc_bot.core.run import NEXT, State
from aaroc_bot.core.sites import Finding
from aaroc_bot.repo.catalogue import Floor, catalogue
from aaroc_bot.repo.check import check
from aaroc_bot.repo.entry_file import WrittenEntry
from aaroc_bot.repo.rulebook import read_rulebook
from aaroc_bot.repo.tree import FolderTree
from aaroc_bot.sandbox.box import prepare
from aaroc_bot.settings import FILE, read
from aaroc_bot.store.database import Database
from aaroc_bot.store.schema import is_current, migrate
from tests.docs.blocks import ROOT, block, blocks, executed, pages
from tests.handlers.sample import DEPLOY, KE_NAIROBI, PING, ZA_UJ

READ_ONLY = Floor(read_only=frozenset({"run drill"}))


def _read(text: str) -> tuple[dict[str, Entry], tuple[Finding, ...]]:
    entries, findings = catalogue(folder("playbooks"), text.encode(), lambda _: True, READ_ONLY)
    return {entry.typed: entry for entry in entries}, findings


def test_the_settings_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AAROC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AAROC_STATE_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("github-app.pem", "github-webhook"):
        (tmp_path / name).write_text("as long as it takes")
    written = _only("docs/settings.md", "toml").replace("/etc/aaroc-bot", str(tmp_path))
    (tmp_path / FILE).write_text(written)
    settings = read()
    assert settings.github_repository == "AAROC/DevOps"
    assert settings.github_app_key and settings.github_webhook_secret


def test_the_entries_stand_as_they_are_written() -> None:
    entries, findings = _read(_only("docs/catalogue.md", "entries"))
    assert findings == ()
    parameters = [one.name for one in entries["deploy site-bdii"].parameters]
    assert parameters == ["port", "ticket", "channel", "force"]
    assert entries["run drill"].approvals == 0


def test_an_entry_tightens_and_cannot_loosen() -> None:
    entries, findings = _read(block("docs/catalogue.md", "tightens"))
    assert findings == ()
    assert entries["run ping"].may_run is Right.SITE_ADMIN
    entries, findings = _read(block("docs/catalogue.md", "loosens"))
    assert [one.line for one in findings] == [1]
    assert entries["run check-site"].may_run is Right.SITE_ADMIN


def test_every_key_of_an_entry_is_told() -> None:
    text = (ROOT / "docs/catalogue.md").read_text()
    assert all(f"`{name}`" in text for name in WrittenEntry.model_fields)


async def test_the_rules_are_read(tmp_path: Path) -> None:
    (tmp_path / ".aaroc.yml").write_text(block("docs/catalogue.md", "rules"))
    rules = await read_rulebook(await FolderTree.of(tmp_path))
    assert rules.findings == ()
    assert rules.sites["ZA-UJ"].aliases == ["uj"]


def test_every_command_and_option_is_told() -> None:
    text = (ROOT / "docs/command-line.md").read_text()
    (subcommands,) = [
        action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)
    ]
    for name, parser in subcommands.choices.items():
        assert f"| `aaroc-bot {name}" in text
        options = [o for action in parser._actions for o in action.option_strings if o[:2] == "--"]
        assert all(f"`{option}" in text for option in options if option != "--help"), name
    assert _parser().format_usage() == block("docs/command-line.md", "usage")


def test_every_field_of_an_answer_is_told() -> None:
    text = (ROOT / "docs/command-line.md").read_text()
    told = re.findall(r"^\| `(\w+)` \|", text.partition("| field |")[2], re.M)
    assert told == list(json.loads(as_json(Message("nothing"))))
    assert all(f"`{state}`" in text for state in State)


def test_the_states_and_their_order_are_those_of_the_code() -> None:
    drawn = re.findall(r"^    (\w+) --> (\w+)$", block("docs/architecture.md", "states"), re.M)
    assert sorted(drawn) == sorted((str(now), str(then)) for now in NEXT for then in NEXT[now])


def test_every_dependency_has_its_reason_and_licence() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for dependency in project["dependencies"]:
        name = re.split(r"[\[>=<]", dependency)[0]
        assert re.search(rf"^\| {re.escape(name)} \| .+ \| .+ \|$", text, re.M), name


async def test_a_backup_is_whole(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    await migrate(f"sqlite:///{tmp_path}/state/aaroc-bot.sqlite3")
    await executed(block("docs/operating.md", "about=backup"), tmp_path)
    assert await is_current(Database(f"sqlite:///{tmp_path}/backup.sqlite3"))
    assert stat.S_IMODE((tmp_path / "backup.sqlite3").stat().st_mode) == 0o600


async def test_a_finding_looks_as_told(tmp_path: Path) -> None:
    told = json.loads(block("docs/command-line.md", "finding"))
    variables = tmp_path / told["path"]
    variables.parent.mkdir(parents=True)
    variables.write_text("---\nsite_name: ZA-UJ\nmotd: \"{{ lookup('pipe', 'id') }}\"\n")
    inventory = tmp_path / "Ansible/inventories/inventory.za-uj"
    inventory.parent.mkdir()
    inventory.write_text("[za-uj]\nbdii1.uj.example\n")
    (found,) = await check(tmp_path, own=folder("playbooks"), floor=Floor())
    as_told = {"path": found.path, "line": found.line, "level": found.level, "what": found.what}
    assert as_told == told


async def test_what_is_said_is_answered(tmp_path: Path) -> None:
    await prepare(tmp_path / "box", fresh=False)
    said = block("docs/command-line.md", "about=say")
    output = await executed(f". box/env\n{said}", tmp_path)
    lines = output.splitlines()
    (status,) = [line for line in lines if line.startswith("{")]
    assert lines[0].startswith("You are uj-admin on GitHub")
    assert json.loads(status)["kind"] == "answer"
    assert "Run 1 · deploy site-bdii at ZA-UJ · planning" in output


def test_what_the_readme_has_one_type_is_understood() -> None:
    table = (ROOT / "README.md").read_text().partition("| as | type |")[2].partition("\n\n")[0]
    typed = [cell for row in table.splitlines()[2:] for cell in _typed(row)]
    assert len(typed) == 19
    patterns = [pattern for command in load(modules()).commands for pattern in command.patterns]
    names = lexicon((ZA_UJ, KE_NAIROBI), (DEPLOY, PING))
    assert [one for one in typed if not isinstance(parse(one, patterns, names), Parsed)] == []


def _typed(row: str) -> list[str]:
    """Give the commands in the second cell of a row."""
    return re.findall(r"`([^`]+)`", row.split("|")[2])


def test_what_a_page_points_at_is_there() -> None:
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
        for path in re.findall(r"`((?:aaroc_bot|handlers|playbooks|tests|docs)/[\w./]*\w)`", text):
            if path == "tests/handlers/test_hosts.py":  # what the reader is about to write
                continue
            assert (ROOT / path).exists(), f"{page.name}: {path}"


def _only(page: str, word: str) -> str:
    """Give the one block in that language, or that says that word."""
    (found,) = [one.text for one in blocks(page) if word in {one.language, one.about}]
    return found
