"""A variable of an inventory's group is set by its line: Python literals, else text."""

import json
from typing import Any

import pytest

from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.ansible_inventory import listed
from aaroc_bot.repo.editing import CannotEdit, add_variable, set_variable, unset_variable

PATH = "Ansible/inventories/inventory.za-uj"


def put(line: str, typed: str) -> str:
    content = f"[g]\nh1 other=1\n\n[g:vars]\n{line}\nlast=1".encode()
    before, after = "[g]\nh1 other=1\n\n[g:vars]\n", "\nlast=1"
    done = set_variable(PATH, content, "v", typed).content.decode()
    assert done.startswith(before)
    assert done.endswith(after)
    return done.removeprefix(before).removesuffix(after)


@pytest.mark.parametrize(
    ("before", "typed", "after"),
    [
        ("v=2170", "2171", "v=2171"),
        ("v = 2170 # as agreed", "2171", "v = 2171 # as agreed"),
        ("v=2170\r", "2171", "v=2171\r"),
        ("v=2170", "two", "v=two"),
        ("v=2170", "7.10", "v='7.10'"),
        ("v=2170", "0777", "v=0777"),  # no Python literal, so text
        ("v=text", "2171", "v='2171'"),
        ("v=text", "other text", "v=other text"),
        ("v=text # 7", "x", "v=x"),  # the sign is part of a text
        ("v='text' # 7", "x", "v='x' # 7"),
        ('v="text"', 'a "b" \\', 'v="a \\"b\\" \\\\"'),
        ("v=text", "None", "v='None'"),
        ("v=text", "[1]", "v='[1]'"),
        ("v=text", "True", "v='True'"),
        ("v=text", "yes", "v=yes"),
        ("v=text", "1 # b", "v='1 # b'"),
        ("v=text", " a ", "v=' a '"),
        ("v=text", "", "v=''"),
        ("v=True", "no", "v=False"),
        ("v=False", "true", "v=True"),
        ("v=", "2171", "v=2171"),
        ("v=", "x", "v=x"),
        ("v=None", "x", "v=x"),
        ("v=a=b", "c=d", "v=c=d"),
        ("  v=1", "2", "  v=2"),
        ("v=1\nv=2", "3", "v=1\nv=3"),
    ],
)
def test_only_the_value_changes(before: str, typed: str, after: str) -> None:
    assert put(before, typed) == after


async def test_ansible_reads_what_was_typed() -> None:
    typed = {"a": "2171", "b": "x # y", "c": 'it\'s "so" \\', "d": "0777", "e": "no", "f": "7.10"}
    content = b"[g]\nh1\n[g:vars]\na=1\nb=text\nc='text' # c\nd=text\ne=True\nf=\n"
    for name, value in typed.items():
        content = set_variable(PATH, content, name, value).content
    found: dict[str, Any] = dict(
        (await listed(PATH, "Ansible", {PATH: content}, None)).variables["h1"]
    )
    assert json.loads(json.dumps(found)) == {**typed, "a": 2171, "e": False}


def test_an_edit_says_where_and_what_from_and_to() -> None:
    edit = set_variable(PATH, b"[g:vars]\nw=1\nv='x y' # c\n", "v", "z")
    assert (edit.line, edit.lines, edit.before, edit.after) == (3, 1, "x y", "z")
    same = set_variable(PATH, b"[g:vars]\nv='x y' # c\n", "v", "x y")
    assert (same.content, same.lines) == (b"[g:vars]\nv='x y' # c\n", 0)


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        ("[g:vars]\nv=[1]\n", WhyNot.NOT_PLAIN, 2),
        ("[g:vars]\nv={'a': 1}\n", WhyNot.NOT_PLAIN, 2),
        ("[g:vars]\nv=1\n[h:vars]\nv=2\n", WhyNot.NOT_PLAIN, 4),
        ("[g]\nh v=1\n", WhyNot.NOT_PLAIN, 2),
        ("[g]\nh w=1\n", WhyNot.NOT_THERE, None),
        ("[g:vars]\n#v=1\n", WhyNot.NOT_THERE, None),
        ("[g:vars]\nv\n", WhyNot.UNREADABLE, 2),
        ("all:\n  vars:\n    v: 1\n", WhyNot.KIND, 1),
    ],
)
def test_what_is_no_plain_line_of_one_group_is_left_alone(
    text: str, why: WhyNot, line: int | None
) -> None:
    with pytest.raises(CannotEdit) as refused:
        set_variable(PATH, text.encode(), "v", "x")
    assert (refused.value.why, refused.value.line) == (why, line)


def test_unsetting_takes_the_lines_out() -> None:
    edit = unset_variable(PATH, b"# c\n[g:vars]\nv=1\n# about v\nv=2\nw=3\n", "v")
    assert edit.content == b"# c\n[g:vars]\n# about v\nw=3\n"
    assert (edit.line, edit.lines, edit.before, edit.after) == (3, 2, "2", None)


def test_a_variable_is_added_to_files_of_variables_only() -> None:
    with pytest.raises(CannotEdit) as refused:
        add_variable(PATH, b"[g:vars]\n", "v", "x")
    assert refused.value.why is WhyNot.KIND
