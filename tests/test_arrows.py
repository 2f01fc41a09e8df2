"""What import-linter cannot see: handlers are content, loaded by path."""

import ast
import sys
from pathlib import Path

import pytest

from aaroc_bot.content import folder, modules

OUTSIDE = {"os", "subprocess", "socket", "asyncio", "sqlite3", "urllib", "http", "pathlib"}
"""What reaches beyond the bot; a handler asks the ports instead."""

HANDLERS = sorted(folder("handlers").glob("*.py"))


@pytest.mark.parametrize("file", HANDLERS, ids=lambda file: file.name)
def test_a_handler_knows_the_public_face_its_siblings_and_the_standard_library(
    file: Path,
) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert all(_is_allowed(name.name) for name in node.names)
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            assert _is_allowed(node.module or "")


def _is_allowed(module: str) -> bool:
    top = module.split(".", maxsplit=1)[0]
    return module == "aaroc_bot.commands" or (top in sys.stdlib_module_names and top not in OUTSIDE)


def test_handlers_are_loaded_under_the_package_in_a_checkout_too() -> None:
    names = {module.__name__ for module in modules()}
    assert {"aaroc_bot._handlers.deploy", "aaroc_bot._handlers._refusals"} <= names


def test_each_folder_of_an_operator_has_its_own_package(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "extra.py").write_text(f"FOLDER_OF_IT = {name!r}\n", encoding="utf-8")
    found = [
        m.FOLDER_OF_IT
        for name in ("one", "two")
        for m in modules([tmp_path / name])
        if "FOLDER_OF_IT" in vars(m)
    ]
    assert found == ["one", "two"]
