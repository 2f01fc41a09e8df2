"""Over generated files: the value becomes what was typed, everything else stays as it was."""

import ast

import yaml
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.editing import (
    CannotEdit,
    add_variable,
    disable_host,
    enable_host,
    set_variable,
    unset_variable,
)
from aaroc_bot.repo.editing.ranges import covers
from aaroc_bot.repo.editing.sections import What, read

PATH = "Ansible/group_vars/za-uj"
INVENTORY = "Ansible/inventories/inventory.za-uj"
NAMES = ["a", "b_1", "site_name", "v"]

TYPED = st.text(max_size=12) | st.text(alphabet="ab01 '\"#:-{}[]&*!|>%@,\\?=.~_xé", max_size=10)
PLAIN = ["x", "'x'", '"x"', "1", "0777", "1.5", "yes", "~", "", "2016-01-01"]
NESTED = ["[a, b]", "{c: d}", "\n  - a\n  - b", "\n  c: d"]
SPREAD = ["|\n  x", ">-\n  x\n  y", "!vault x", "'a\n  b'", "&z x"]
SCALARS = st.sampled_from([*PLAIN, *NESTED, *SPREAD])
COMMENTS = st.sampled_from(["", " # so", "\t# it's {", "   "])
BETWEEN = st.lists(st.sampled_from(["", "# about", "#a: 1", "  # deeper"]), max_size=2)


@st.composite
def variable_files(draw: st.DrawFn) -> str:
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    lines = draw(st.sampled_from([[], ["---"], ["# top", "---"]]))
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=5)):
        value = draw(SCALARS)
        comment = draw(COMMENTS) if "\n" not in value else ""
        lines = [*lines, f"{name}: {value}{comment}", *draw(BETWEEN)]
    text = newline.join("\n".join(lines).split("\n"))
    return draw(st.sampled_from(["", "\ufeff"])) + text + draw(st.sampled_from(["", newline]))


class _Loader(yaml.CSafeLoader):
    """Plain data, a vault's text as it is."""


_Loader.add_constructor("!vault", lambda loader, node: ("vault", node.value))


def loaded(content: bytes) -> dict[str, object]:
    data: dict[str, object] = yaml.load(content.decode("utf-8-sig"), Loader=_Loader) or {}
    return data


def typed_as(value: object, typed: str) -> bool:
    """Whether a value is what was typed: the text, or the number or boolean it reads as."""
    return value == typed or (not isinstance(value, str) and repr(value) == repr(_read(typed)))


def _read(typed: str) -> object:
    return yaml.safe_load(typed)


@given(variable_files(), st.sampled_from(NAMES), TYPED)
def test_setting_changes_one_line_and_one_value(text: str, name: str, typed: str) -> None:
    content = text.encode()
    try:
        edit = set_variable(PATH, content, name, typed)
    except CannotEdit:
        return
    before, after = loaded(content), loaded(edit.content)
    assert typed_as(after[name], typed)
    assert repr({**after, name: 0}) == repr({**before, name: 0})
    pairs = zip(content.split(b"\n"), edit.content.split(b"\n"), strict=True)
    changed = [at for at, (old, new) in enumerate(pairs, start=1) if old != new]
    assert changed == ([edit.line] if edit.lines else [])


@given(variable_files(), st.sampled_from(NAMES), TYPED)
def test_adding_keeps_all_that_is_there(text: str, name: str, typed: str) -> None:
    content = text.encode()
    try:
        edit = add_variable(PATH, content, name, typed)
    except CannotEdit:
        return
    before, after = loaded(content) if text.strip("\ufeff-\r\n") else {}, loaded(edit.content)
    assert typed_as(after.pop(name), typed)
    assert repr(after) == repr(before)
    assert edit.content.startswith(content)
    assert set_variable(PATH, edit.content, name, typed).lines == 0


@given(variable_files(), st.sampled_from(NAMES))
def test_unsetting_takes_out_that_variable_only(text: str, name: str) -> None:
    content = text.encode()
    try:
        edit = unset_variable(PATH, content, name)
    except CannotEdit:
        return
    before, after = loaded(content), loaded(edit.content)
    assert {key: repr(value) for key, value in before.items() if key != name} == {
        key: repr(value) for key, value in after.items()
    }


@given(st.text(max_size=80), st.sampled_from(NAMES), TYPED)
def test_any_text_at_all_is_edited_or_refused(text: str, name: str, typed: str) -> None:
    for path in (PATH, INVENTORY):
        content = text.encode(errors="surrogatepass")
        for edit in (
            lambda path=path, content=content: set_variable(path, content, name, typed),
            lambda path=path, content=content: unset_variable(path, content, name),
            lambda content=content: add_variable(PATH, content, name, typed),
            lambda content=content: enable_host(INVENTORY, content, "g", "h1", "u"),
            lambda content=content: disable_host(INVENTORY, content, "g", None),
        ):
            try:
                edit()
            except CannotEdit as refused:
                assert isinstance(refused.why, WhyNot)


HOSTS = ["h1.example", "h2.example", "h3.example"]
GROUPS = ["site-bdiis", "worker-nodes", "za-uj"]
MEMBERS = st.sampled_from([*HOSTS, "h[1:2].example", "#h1.example x=1", "# h3.example", "#[dead]"])
TAIL = st.sampled_from(["", " # so", " x='a b'", ":22 y=1"])


@st.composite
def inventories(draw: st.DrawFn) -> str:
    lines: list[str] = draw(st.sampled_from([[], ["# top"], ["", "lone.example"]]))
    for group in draw(st.lists(st.sampled_from(GROUPS), max_size=4)):
        lines = [*lines, f"[{group}]{draw(st.sampled_from(['', ' # note']))}"]
        lines += [f"{one}{draw(TAIL)}" for one in draw(st.lists(MEMBERS, max_size=3))]
        lines += draw(st.sampled_from([[], [""], ["", "# next"]]))
    if draw(st.booleans()):
        lines = [*lines, "[za-uj:children]", *draw(st.sampled_from([[], ["site-bdiis"], ["#x"]]))]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return newline.join(lines) + draw(st.sampled_from(["", newline]))


def members(content: bytes) -> list[tuple[str, str]]:
    kinds = {What.HOST, What.CHILD}
    lines = read(content.decode())
    return sorted((line.group, line.word) for line in lines if line.what in kinds)


@given(inventories(), st.sampled_from(GROUPS[:2]), st.sampled_from(HOSTS))
def test_enabling_adds_one_member_and_disabling_takes_it_out(
    text: str, group: str, host: str
) -> None:
    content = text.encode()
    before = members(content)
    try:
        edit = enable_host(INVENTORY, content, group, host, "za-uj")
    except CannotEdit as refused:
        assert refused.why is WhyNot.EXISTS
        return
    come = members(edit.content)
    for one in before:
        come.remove(one)
    assert come in ([(group, host)], [(group, host), ("za-uj", group)])
    back = disable_host(INVENTORY, edit.content, group, host)
    assert (group, host) not in members(back.content)
    lines = [line.strip("# ;") for line in back.content.decode().splitlines()]
    for line in content.decode().splitlines():
        assert line.strip("# ;") in lines


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 4), st.integers(0, 35), st.booleans())
def test_a_range_covers_what_it_stands_for(
    first: int, last: int, step: int, number: int, padded: bool
) -> None:
    width = 2 if padded else 1
    pattern = f"wn[{first:0{width}}:{last:0{width}}:{step}].example"
    if (padded and first < 10 and last < 10) or first >= 10 or not padded:
        said = number in range(first, last + 1, step)
        assert covers(pattern, f"wn{number:0{width if first < 10 else 1}}.example") is said


@given(TYPED)
def test_an_inventorys_value_is_read_back_as_typed(typed: str) -> None:
    content = b"[g]\nh1\n[g:vars]\nold='x' # so\n"
    try:
        edit = set_variable(INVENTORY, content, "old", typed)
    except CannotEdit as refused:
        assert refused.why is WhyNot.TEMPLATE
        return
    line = edit.content.decode().split("\n")[3]
    assert line.endswith(" # so")
    assert ast.literal_eval(line.removeprefix("old=")) == typed
