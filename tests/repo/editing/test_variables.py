"""A variable's value is replaced where it stands, and nothing else of the file changes."""

from collections.abc import Callable

import pytest

from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.editing import (
    CannotEdit,
    Edit,
    add_variable,
    set_variable,
    unset_variable,
)

PATH = "Ansible/group_vars/za-uj.yml"


def put(text: str, name: str, typed: str) -> str:
    return set_variable(PATH, text.encode(), name, typed).content.decode()


@pytest.mark.parametrize(
    ("before", "typed", "after"),
    [
        ("port: 2170\n", "2171", "port: 2171\n"),
        ("port: 2170 # as agreed\n", "2171", "port: 2171 # as agreed\n"),
        ("port:\t2170\t# tab\r\n", "2171", "port:\t2171\t# tab\r\n"),
        ("port: 2170", "2171", "port: 2171"),
        ("\ufeff---\nport: 2170\n", "2171", "\ufeff---\nport: 2171\n"),
        ("  port: 2170\n  other: x\n", "2171", "  port: 2171\n  other: x\n"),
        ("port  :   2170   \nx: 1\n", "2171", "port  :   2171   \nx: 1\n"),
        ('"port": 2170\n', "2171", '"port": 2171\n'),
        ("port:\n  2170 # below\n", "2171", "port:\n  2171 # below\n"),
        ("? port\n: 2170\n", "2171", "? port\n: 2171\n"),
        ("%YAML 1.1\n---\nport: 2170\n...\n", "2171", "%YAML 1.1\n---\nport: 2171\n...\n"),
        ("port: 'a'\nport: 'b'\n", "c", "port: 'a'\nport: 'c'\n"),
        ("port: 'a' # it's\n", "it's", "port: 'it''s' # it's\n"),
        ('port: "a"\n', 'say "no" \\ é', 'port: "say \\"no\\" \\\\ é"\n'),
        ("x: &a 1\nport: 2\ny: *a\n", "3", "x: &a 1\nport: 3\ny: *a\n"),
        ("<<: &m {port: 1}\nport: 2\n", "3", "<<: &m {port: 1}\nport: 3\n"),
        ("é: 😀\nport: 2170\n", "2171", "é: 😀\nport: 2171\n"),
        ('port: "{{ other }}"\n', "2171", 'port: "2171"\n'),
    ],
)
def test_only_the_value_changes(before: str, typed: str, after: str) -> None:
    assert put(before, "port", typed) == after


@pytest.mark.parametrize(
    ("before", "typed", "after"),
    [
        # A text stays a text.
        ("v: text\n", "other text", "v: other text\n"),
        ("v: text\n", "2171", "v: '2171'\n"),
        ("v: text\n", "yes", "v: 'yes'\n"),
        ("v: text\n", "0777", "v: '0777'\n"),
        ("v: text\n", "1.0", "v: '1.0'\n"),
        ("v: text\n", "null", "v: 'null'\n"),
        ("v: text\n", "2016-01-01", "v: '2016-01-01'\n"),
        ("v: text\n", "12:30", "v: '12:30'\n"),
        ("v: text\n", "a: b", "v: 'a: b'\n"),
        ("v: text # c\n", "a #b", "v: 'a #b' # c\n"),
        ("v: text\n", "a#b", "v: a#b\n"),
        ("v: text\n", "-n BDII_site", "v: -n BDII_site\n"),
        ("v: text\n", "- x", "v: '- x'\n"),
        ("v: text\n", "*x", "v: '*x'\n"),
        ("v: text\n", "&x", "v: '&x'\n"),
        ("v: text\n", "[a]", "v: '[a]'\n"),
        ("v: text\n", "{a: b}", "v: '{a: b}'\n"),
        ("v: text\n", "@x", "v: '@x'\n"),
        ("v: text\n", "%x", "v: '%x'\n"),
        ("v: text\n", "=", "v: '='\n"),
        ("v: text\n", " a ", "v: ' a '\n"),
        ("v: text\n", "", "v: ''\n"),
        ("v: text\n", "it's: so", 'v: "it\'s: so"\n'),
        # Numbers and booleans stay such.
        ("v: 1\n", "2", "v: 2\n"),
        ("v: 1\n", "-2.5", "v: -2.5\n"),
        ("v: 1\n", "two", "v: two\n"),
        ("v: 1\n", "0777", "v: '0777'\n"),
        ("v: 0644\n", "0777", "v: 0777\n"),
        ("v: 7.4\n", "7.10", "v: '7.10'\n"),
        ("v: no\n", "yes", "v: yes\n"),
        ("v: no\n", "maybe", "v: maybe\n"),
        ("v: true\n", "False", "v: False\n"),
        ("v: 2016-01-01\n", "2017-01-01", "v: 2017-01-01\n"),
        # Where nothing stood, numbers and true and false are such.
        ("v:\n", "2171", "v: 2171\n"),
        ("v: \n", "true", "v: true\n"),
        ("v:   # to be filled in\n", "yes", "v: 'yes'   # to be filled in\n"),
        ("v: # c\n", "x", "v: x # c\n"),
        ("v:", "x", "v: x"),
        ("v: ~\n", "x", "v: x\n"),
        ("v:\r\nw: 1\r\n", "x", "v: x\r\nw: 1\r\n"),
        ("v:\nw:\n  - 1\n", "x", "v: x\nw:\n  - 1\n"),
    ],
)
def test_what_a_person_means_is_what_ansible_reads(before: str, typed: str, after: str) -> None:
    assert put(before, "v", typed) == after


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("v: 'x'\n", "x"),
        ("v: yes\n", "true"),
        ("v: 2171\n", "2171"),
        ("v: '2171'\n", "2171"),
        ("v: 0777\n", "0777"),
        ("v: 511\n", "511"),
    ],
)
def test_a_value_that_means_the_same_stays_as_it_is_written(text: str, typed: str) -> None:
    edit = set_variable(PATH, text.encode(), "v", typed)
    assert (edit.content, edit.lines) == (text.encode(), 0)


def test_an_edit_says_where_and_what_from_and_to() -> None:
    content = b"---\nsite_name: ZA-UJ\nbdii_port: 2170\n"
    assert set_variable(PATH, content, "bdii_port", "2171") == Edit(
        b"---\nsite_name: ZA-UJ\nbdii_port: 2171\n", 3, 1, "2170", "2171"
    )
    assert set_variable(PATH, b"x: yes\n", "x", "no").before == "yes"
    assert set_variable(PATH, b"x:\n", "x", "no").before == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nv: [x]\n", 2),
        ("v: {a: b}\n", 1),
        ("v:\n  - x\n", 2),
        ("v:\n  a: b\n", 2),
        ("v: |\n  x\n", 1),
        ("v: >-\n  x\n", 1),
        ("v: a\n  b\n", 1),
        ("v: 'a\n  b'\n", 1),
        ("v: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3132\n", 1),
        ("v: !unsafe x\n", 1),
        ("v: !!str 1\n", 1),
        ("v: &a x\nw: *a\n", 1),
        ("w: &a x\nv: *a\n", 2),
        ("v: &a\nw: *a\n", 1),
        ("? v\n", 1),
    ],
)
def test_what_is_no_plain_value_on_one_line_is_left_alone(text: str, line: int) -> None:
    with pytest.raises(CannotEdit) as refused:
        put(text, "v", "x")
    assert (refused.value.why, refused.value.name, refused.value.line) == (
        WhyNot.NOT_PLAIN,
        "v",
        line,
    )


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        ("a: 1\nv: [x\n", WhyNot.UNREADABLE, 3),
        ("- v\n", WhyNot.UNREADABLE, 1),
        ("v: 1\n---\nw: 2\n", WhyNot.UNREADABLE, 2),
        ("v: *unknown\n", WhyNot.UNREADABLE, 1),
        ("a: &a [*a]\nv: 1\n", WhyNot.UNREADABLE, None),
        ("{v: 1}\n", WhyNot.KIND, 1),
        ('{"v": 1}\n', WhyNot.KIND, 1),
        ("[a]: 1\nv: 1\n", WhyNot.KIND, 1),
        ("$ANSIBLE_VAULT;1.1;AES256\n3132\n", WhyNot.KIND, None),
        ("w: 1\n", WhyNot.NOT_THERE, None),
        ("", WhyNot.NOT_THERE, None),
        ("---\n", WhyNot.NOT_THERE, None),
        ("w: {v: 1}\n", WhyNot.NOT_THERE, None),
        ("<<: {v: 1}\n", WhyNot.NOT_THERE, None),
    ],
)
def test_what_cannot_be_read_is_not_written(text: str, why: WhyNot, line: int | None) -> None:
    with pytest.raises(CannotEdit) as refused:
        put(text, "v", "x")
    assert (refused.value.why, refused.value.line) == (why, line)


@pytest.mark.parametrize("closing", ["", "]"])
def test_what_is_nested_very_deeply_is_refused_and_ends_nothing(closing: str) -> None:
    with pytest.raises(CannotEdit) as refused:
        put(f"v: 1\nw: {'[' * 100_000}{closing * 100_000}\n", "v", "x")
    assert (refused.value.why, refused.value.line) == (WhyNot.UNREADABLE, 2)


def test_bytes_that_are_no_text_and_json_are_left_alone() -> None:
    with pytest.raises(CannotEdit) as refused:
        set_variable(PATH, b"a: 1\nv: \xff\n", "v", "x")
    assert (refused.value.why, refused.value.line) == (WhyNot.UNREADABLE, 2)
    with pytest.raises(CannotEdit) as refused:
        set_variable("Ansible/group_vars/za-uj.json", b"v: 1\n", "v", "x")
    assert refused.value.why is WhyNot.KIND


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ansible_connection", WhyNot.EXECUTES),
        ("_ansible_x", WhyNot.EXECUTES),
        ("a-b", WhyNot.NAME),
        ("1a", WhyNot.NAME),
        ("", WhyNot.NAME),
        ("a b", WhyNot.NAME),
        ("a:", WhyNot.NAME),
        ("a\n", WhyNot.NAME),
        ("é", WhyNot.NAME),
        ("yes", WhyNot.NAME),
        ("null", WhyNot.NAME),
        ("class", WhyNot.NAME),
        ("a" * 200, WhyNot.NAME),
    ],
)
def test_names_that_are_none_or_execute_are_refused(name: str, why: WhyNot) -> None:
    text = b"ansible_connection: ssh\n"
    edits: tuple[Callable[[], Edit], ...] = (
        lambda: set_variable(PATH, text, name, "local"),
        lambda: add_variable(PATH, text, name, "local"),
        lambda: unset_variable(PATH, text, name),
        lambda: set_variable("Ansible/inventories/i", b"[g:vars]\nx=1\n", name, "local"),
    )
    for edit in edits:
        with pytest.raises(CannotEdit) as refused:
            edit()
        assert (refused.value.why, refused.value.name) == (why, name)


TEMPLATES = ["{{ x }}", "a {{x", "{% if %}", "{# c #}", "!vault x", "  !unsafe x"]
UNSEEN = ["a\nb", "a\rb", "a\tb", "a\x00b", "a\x85b", "a\u2028b", "a\u202eb", "a\x1b[31m"]


@pytest.mark.parametrize("typed", [*TEMPLATES, *UNSEEN, "\ufeffa", "\ud800"])
def test_templates_tags_and_what_cannot_be_seen_are_refused(typed: str) -> None:
    edits: tuple[Callable[[], Edit], ...] = (
        lambda: set_variable(PATH, b"v: x\n", "v", typed),
        lambda: add_variable(PATH, b"w: x\n", "v", typed),
        lambda: set_variable("Ansible/inventories/i", b"[g:vars]\nv=1\n", "v", typed),
    )
    for edit in edits:
        with pytest.raises(CannotEdit) as refused:
            edit()
        assert refused.value.why is WhyNot.TEMPLATE


@pytest.mark.parametrize(
    ("before", "typed", "after", "line"),
    [
        ("", "2171", "---\nv: 2171\n", 1),
        ("---\n", "x", "---\nv: x\n", 2),
        ("---", "x", "---\nv: x\n", 1),
        ("# only this\n", "x", "# only this\nv: x\n", 2),
        ("a: 1\n", "0777", "a: 1\nv: '0777'\n", 2),
        ("a: 1\n", "yes", "a: 1\nv: 'yes'\n", 2),
        ("a: 1\n", "true", "a: 1\nv: true\n", 2),
        ("a: 1", "x", "a: 1\nv: x\n", 1),
        ("a: 1\r\n", "x", "a: 1\r\nv: x\r\n", 2),
        ("  a: 1\n", "x", "  a: 1\n  v: x\n", 2),
        ("a: 1\n...\n", "x", "a: 1\nv: x\n...\n", 2),
        ("a:\n  - 1\n# end\n", "x", "a:\n  - 1\n# end\nv: x\n", 4),
        ("a: |+\n  x\n\n", "y", "a: |+\n  x\n\nv: y\n", 4),
        ("<<: {v: 1}\n", "2", "<<: {v: 1}\nv: 2\n", 2),
        ("\ufeffa: 1\n", "x", "\ufeffa: 1\nv: x\n", 2),
    ],
)
def test_a_new_variable_comes_at_the_end(before: str, typed: str, after: str, line: int) -> None:
    edit = add_variable(PATH, before.encode(), "v", typed)
    assert (edit.content.decode(), edit.line) == (after, line)
    assert (edit.before, edit.after) == (None, typed)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: 1\nv: 2\n", WhyNot.EXISTS),
        ("{a: 1}\n", WhyNot.KIND),
        ("- a\n", WhyNot.UNREADABLE),
        ("a: |\n  no line break after this", WhyNot.NOT_PLAIN),
        ("a: [1\n", WhyNot.UNREADABLE),
    ],
)
def test_a_variable_is_not_added_where_that_would_change_another(text: str, why: WhyNot) -> None:
    with pytest.raises(CannotEdit) as refused:
        add_variable(PATH, text.encode(), "v", "x")
    assert refused.value.why is why


@pytest.mark.parametrize(
    ("before", "after", "line", "lines", "was"),
    [
        ("a: 1\nv: 2\nb: 3\n", "a: 1\nb: 3\n", 2, 1, "2"),
        ("a: 1\nv: 2", "a: 1\n", 2, 1, "2"),
        ("# about v\nv: 2 # so\n# about b\nb: 3\n", "# about v\n# about b\nb: 3\n", 2, 1, "2"),
        ("v:\n  - a\n  - b\n# end\n\nb: 3\n", "# end\n\nb: 3\n", 1, 3, '["a", "b"]'),
        ("v:\n- a\n- b\nb: 3\n", "b: 3\n", 1, 3, '["a", "b"]'),
        ("v: |\n  x\n  # y\n\nb: 3\n", "\nb: 3\n", 1, 3, "x\n# y\n"),
        ("v: 'x\n  y'\r\nb: 3\r\n", "b: 3\r\n", 1, 2, "x y"),
        ("v: [a,\n  b]  # c\nb: 3\n", "b: 3\n", 1, 2, '["a", "b"]'),
        ("v:\n  a:\n    b:\nb: 3\n", "b: 3\n", 1, 3, '{"a": {"b": null}}'),
        ("v: 1\na: 2\nv: 3\n", "a: 2\n", 1, 2, "3"),
        ("---\nv: 1\n", "---\n", 2, 1, "1"),
        ("v:\nb: 3\n", "b: 3\n", 1, 1, ""),
        ("v: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3132\nb: 3\n", "b: 3\n", 1, 3, None),
        ("  v: 1\n  b: 3\n", "  b: 3\n", 1, 1, "1"),
        ("\ufeffv: 1\nb: 3\n", "\ufeffb: 3\n", 1, 1, "1"),
    ],
)
def test_unsetting_takes_the_lines_out(
    before: str, after: str, line: int, lines: int, was: str | None
) -> None:
    edit = unset_variable(PATH, before.encode(), "v")
    assert edit == Edit(after.encode(), line, lines, was, None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: 1\n", WhyNot.NOT_THERE),
        ("v: &a 1\nb: *a\n", WhyNot.NOT_PLAIN),
        ("a: &x 1\nv: &x 2\nb: *x\n", WhyNot.UNREADABLE),
        ("v: &m {c: 1}\n<<: *m\n", WhyNot.NOT_PLAIN),
        ("a: |+\n  x\n\nv: |+\n  y\n\n\nb: 1\n", WhyNot.NOT_PLAIN),
    ],
)
def test_nothing_is_unset_where_that_would_change_another(text: str, why: WhyNot) -> None:
    with pytest.raises(CannotEdit) as refused:
        unset_variable(PATH, text.encode(), "v")
    assert refused.value.why is why
