"""Every variable of the sample's own files can be set, and one line changes each time."""

from pathlib import Path

import pytest

import aaroc_bot.sandbox
from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.assignments import of_variables
from aaroc_bot.repo.editing import CannotEdit, set_variable, unset_variable

DEVOPS = Path(aaroc_bot.sandbox.__file__).parent / "devops"
FILES = sorted(path for path in (DEVOPS / "Ansible/group_vars").rglob("*") if path.is_file())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_scalar_changes_one_line(file: Path) -> None:
    content, path = file.read_bytes(), str(file.relative_to(DEVOPS))
    described = of_variables(path, content)
    lines = content.split(b"\n")
    for one in described.assignments:
        try:
            edit = set_variable(path, content, one.name, "a new: value")
        except CannotEdit as refused:
            assert refused.why is WhyNot.NOT_PLAIN
            assert isinstance(one.value, list | dict)
            continue
        after = edit.content.split(b"\n")
        changed = [at for at, (old, new) in enumerate(zip(lines, after, strict=True)) if old != new]
        assert changed == [one.line - 1]
        assert edit.line == one.line


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_variable_can_be_unset(file: Path) -> None:
    content, path = file.read_bytes(), str(file.relative_to(DEVOPS))
    for one in of_variables(path, content).assignments:
        after = unset_variable(path, content, one.name).content
        lines = iter(content.splitlines())
        assert all(line in lines for line in after.splitlines())
        assert f"\n{one.name}:".encode() not in after
