"""What import-linter cannot see: handlers are content, loaded by path."""

import ast
from pathlib import Path

import pytest

from aaroc_bot.content import folder, modules

HANDLERS = sorted(folder("handlers").glob("*.py"))


@pytest.mark.parametrize("file", HANDLERS, ids=lambda file: file.name)
def test_a_handler_knows_the_public_face_its_siblings_and_the_standard_library(
    file: Path,
) -> None:
    allowed = {"aaroc_bot.commands", "collections.abc", "dataclasses", "datetime", "typing"}
    allowed |= {"re", "itertools", "difflib", "zoneinfo", "enum", "math"}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {name.name for name in node.names} <= allowed
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            assert node.module in allowed


def test_handlers_are_loaded_under_the_package_in_a_checkout_too() -> None:
    names = {module.__name__ for module in modules()}
    assert {"aaroc_bot._handlers.deploy", "aaroc_bot._handlers._refusals"} <= names
