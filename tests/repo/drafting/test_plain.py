"""Plain secrets that a difference adds: named by key and file, never shown."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.redaction import Redactor
from aaroc_bot.repo.assignments import Described, of_inventory, of_variables
from aaroc_bot.repo.drafting.plain import SEARCHED, added_secrets
from aaroc_bot.repo.layout import variables_base

PATH = "group_vars/za-uj.yml"
INVENTORY = "inventories/inventory.za-uj"
VAULT = "!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6137\n"


def describe(path: str, content: bytes) -> Described | None:
    if path.endswith(".sh"):
        return None
    return (of_inventory if variables_base(path) is None else of_variables)(path, content)


def added(before: str | None, after: str, path: str = PATH) -> tuple[str, ...]:
    old = {path: before.encode()} if before is not None else {}
    new = {path: after.encode()}
    return tuple(
        key for _, key in added_secrets(old, new, describe, Redactor(["known-to-us"]).text)
    )


@pytest.mark.parametrize(
    ("before", "after", "keys"),
    [
        (None, "db: {hosts: [{pass: abc}]}\n", ("db.hosts.pass",)),
        ("a_pass: old-one\n", "a_pass: new-one\n", ("a_pass",)),
        ("a_pass: old-one\n", "b: 1\na_pass: old-one\n", ()),
        ("a_pass: old-one\n", "b: old-one\n", ()),
        ("", "b: it is known-to-us\n", ("b",)),
        ("", f"a_pass: {VAULT}", ()),
        (f"a: {VAULT}", "a: opened\n", ("a",)),
        (f"a: {VAULT}", "b: 1\n", ()),
        ("", "a_pass: '{{ vault_a }}'\nuse_token: true\nssh_key: ~/keys/id.pub\nx_pass:\n", ()),
        ("", "# a_password: in-a-comment-1\n", ("line 1",)),
        ("# a_password: in-a-comment-1\n", "b: 1\n# a_password: in-a-comment-1\n", ()),
        ("", "url: https://me:hunter22@uj.example/\n", ("url",)),
        ("", 'url: "https://me:{{ vault_me }}@uj.example/"\n', ()),
    ],
)
def test_what_is_added(before: str | None, after: str, keys: tuple[str, ...]) -> None:
    assert added(before, after) == keys


def test_a_host_line_and_its_comment() -> None:
    line = "h1 ansible_become_pass=sawubona-1\n"
    assert added("", f"[a]\n{line}", INVENTORY) == ("ansible_become_pass",)
    assert added(f"[a]\n{line}", f"[a]\n#{line}", INVENTORY) == ()
    assert added("[a]\n", f"[a]\n#{line}", INVENTORY) == ("line 2",)


def test_what_is_too_much_to_be_searched_is_told() -> None:
    text = "".join(f"{number:x<1000}\n" for number in range(SEARCHED // 1000 + 2))
    assert added("", text, "big.sh") == ("more than can be searched",)


VALUES = st.text(alphabet="abcdefgh0123456789", min_size=12, max_size=20)


@given(VALUES, st.lists(st.sampled_from(["db", "hosts", "x"]), max_size=3))
def test_a_secret_is_named_by_its_way_and_never_shown(value: str, way: list[str]) -> None:
    data: object = {"my_pass": value}
    for key in reversed(way):
        data = [{key: data}] if key == "hosts" else {key: data}
    if isinstance(data, list):
        data = {"top": data}
        way = ["top", *way]
    keys = added(None, json.dumps(data))
    assert keys == (".".join([*way, "my_pass"]),)
    assert value not in str(keys)
