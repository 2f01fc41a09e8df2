"""A host joins and leaves a group by its line, as Ansible reads inventories."""

from collections.abc import Callable, Mapping

import pytest

from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.ansible_inventory import listed
from aaroc_bot.repo.editing import CannotEdit, Edit, disable_host, enable_host

PATH = "Ansible/inventories/inventory.za-uj"
UJ = """\
# Inventory of ZA-UJ

[top-bdiis]
# top1.uj.example

[site-bdiis] # the old one
bdii1.uj.example emi_service='BDII_site' # good
;bdii2.uj.example:2222 emi_service='BDII_site'

[worker-nodes]
wn[01:03].uj.example
wn10.uj.example:22

# what the site has
[za-uj:children]
site-bdiis
worker-nodes
"""


def enabled(text: str, group: str, host: str, umbrella: str | None = "za-uj") -> Edit:
    return enable_host(PATH, text.encode(), group, host, umbrella)


def changed(text: str, edit: Edit) -> tuple[list[str], list[str]]:
    """Give the lines that went and those that came."""
    before, after = text.splitlines(keepends=True), edit.content.decode().splitlines(keepends=True)
    went = [line for line in before if line not in after]
    return went, [line for line in after if line not in before]


async def groups(content: bytes) -> Mapping[str, tuple[str, ...]]:
    return (await listed(PATH, "Ansible", {PATH: content}, None)).groups


async def test_a_line_that_was_commented_out_counts_again() -> None:
    edit = enabled(UJ, "site-bdiis", "bdii2.uj.example")
    assert changed(UJ, edit) == (
        [";bdii2.uj.example:2222 emi_service='BDII_site'\n"],
        ["bdii2.uj.example:2222 emi_service='BDII_site'\n"],
    )
    assert (edit.line, edit.lines, edit.before, edit.after) == (8, 1, None, "bdii2.uj.example")
    assert (await groups(edit.content))["site-bdiis"] == ("bdii1.uj.example", "bdii2.uj.example")


async def test_a_new_host_comes_after_the_last_of_its_section() -> None:
    edit = enabled(UJ, "worker-nodes", "wn11.uj.example")
    assert changed(UJ, edit) == ([], ["wn11.uj.example\n"])
    assert b"wn10.uj.example:22\nwn11.uj.example\n\n# what" in edit.content
    found = await groups(edit.content)
    assert found["za-uj"] == (
        "bdii1.uj.example",
        *(f"wn{number}.uj.example" for number in ("01", "02", "03", "10", "11")),
    )


async def test_a_group_gets_its_section_and_the_site_the_group() -> None:
    edit = enabled(UJ, "storage-elements", "se1.uj.example")
    assert b"[storage-elements]\nse1.uj.example\n\n# what the site has\n[za-uj:" in edit.content
    assert edit.content.endswith(b"worker-nodes\nstorage-elements\n")
    assert (edit.line, edit.lines) == (14, 4)
    found = await groups(edit.content)
    assert found["storage-elements"] == ("se1.uj.example",)
    assert "se1.uj.example" in found["za-uj"]


async def test_a_group_that_the_site_lacks_is_added_and_two_places_change() -> None:
    edit = enabled(UJ, "top-bdiis", "top1.uj.example")
    assert changed(UJ, edit) == (
        ["# top1.uj.example\n"],
        ["top1.uj.example\n", "top-bdiis\n"],
    )
    assert (edit.line, edit.lines) == (4, 2)
    assert "top1.uj.example" in (await groups(edit.content))["za-uj"]


@pytest.mark.parametrize(
    ("text", "group", "host", "umbrella", "after"),
    [
        ("", "g", "h", None, "[g]\nh\n"),
        ("", "g", "h", "u", "[g]\nh\n\n[u:children]\ng\n"),
        ("[a]\nx", "g", "h", None, "[a]\nx\n\n[g]\nh\n"),
        ("[g]\nx", "g", "h", None, "[g]\nx\nh\n"),
        ("[g]", "g", "h", None, "[g]\nh\n"),
        ("[g]\r\nx\r\n\r\n", "g", "h", None, "[g]\r\nx\r\nh\r\n\r\n"),
        ("[g]\n[g:vars]\na=1\n", "g", "h", None, "[g]\nh\n[g:vars]\na=1\n"),
        ("[g:vars]\na=1\n[a]\nx\n", "g", "h", None, "[g:vars]\na=1\n[a]\nx\n\n[g]\nh\n"),
        ("[g]\n[a]\n[g]\nx\n[b]\n", "g", "h", None, "[g]\n[a]\n[g]\nx\nh\n[b]\n"),
        ("[a]\nx\n[u:children]\na\n", "g", "h", "u", "[a]\nx\n\n[g]\nh\n\n[u:children]\na\ng\n"),
        ("[g]\n#[a]\n#h\n", "g", "h", None, "[g]\nh\n#[a]\n#h\n"),
        ("[g]\n# h is broken\n", "g", "h", None, "[g]\nh\n# h is broken\n"),
        ("[g]\n# h x='\n", "g", "h", None, "[g]\nh\n# h x='\n"),
        ("[g]\n  ## h x=1 # old\n", "g", "h", None, "[g]\n  h x=1 # old\n"),
        ("[a]\n#h\n[g]\nx\n", "g", "h", None, "[a]\n#h\n[g]\nx\nh\n"),
        ("[g]\nx\n[u:children]\n#g\na\n[a]\n", "g", "h", "u", "[g]\nx\nh\n[u:children]\ng\na\n[a]\n"),
        ("[g]\n[m:children]\ng\n[u:children]\nm\n", "g", "h", "u", "[g]\nh\n[m:children]\ng\n[u:children]\nm\n"),
        ("[u]\nx\n", "u", "h", "u", "[u]\nx\nh\n"),
        ("[a]\nh\n[g]\n", "g", "h", None, "[a]\nh\n[g]\nh\n"),
    ],
)  # fmt: skip
def test_where_a_host_comes(
    text: str, group: str, host: str, umbrella: str | None, after: str
) -> None:
    assert enabled(text, group, host, umbrella).content.decode() == after


def test_a_host_that_is_there_is_told() -> None:
    for host, line in (("bdii1.uj.example", 7), ("wn02.uj.example", 11), ("wn10.uj.example", 12)):
        group = "site-bdiis" if line == 7 else "worker-nodes"
        with pytest.raises(CannotEdit) as refused:
            enabled(UJ, group, host)
        assert (refused.value.why, refused.value.line) == (WhyNot.EXISTS, line)


async def test_disabling_comments_a_hosts_line_out() -> None:
    edit = disable_host(PATH, UJ.encode(), "site-bdiis", "bdii1.uj.example")
    line = "bdii1.uj.example emi_service='BDII_site' # good\n"
    assert changed(UJ, edit) == ([line], [f"#{line}"])
    assert (edit.line, edit.lines, edit.before, edit.after) == (7, 1, "bdii1.uj.example", None)
    assert "bdii1.uj.example" not in (await groups(edit.content))["za-uj"]
    assert enabled(edit.content.decode(), "site-bdiis", "bdii1.uj.example").content == UJ.encode()


def test_disabling_a_service_comments_all_its_hosts_out_and_ranges() -> None:
    edit = disable_host(PATH, UJ.encode(), "worker-nodes", None)
    assert b"#wn[01:03].uj.example\n#wn10.uj.example:22\n" in edit.content
    assert (edit.line, edit.lines) == (11, 2)
    assert edit.before == "wn[01:03].uj.example, wn10.uj.example"


@pytest.mark.parametrize(
    ("group", "host", "why", "line"),
    [
        ("worker-nodes", "wn02.uj.example", WhyNot.RANGE, 11),
        ("worker-nodes", "wn04.uj.example", WhyNot.NOT_THERE, None),
        ("site-bdiis", "bdii2.uj.example", WhyNot.NOT_THERE, None),
        ("top-bdiis", None, WhyNot.NOT_THERE, None),
        ("unknown", None, WhyNot.NOT_THERE, None),
        ("za-uj", None, WhyNot.NOT_THERE, None),
    ],
)
def test_what_cannot_be_disabled(
    group: str, host: str | None, why: WhyNot, line: int | None
) -> None:
    with pytest.raises(CannotEdit) as refused:
        disable_host(PATH, UJ.encode(), group, host)
    assert (refused.value.why, refused.value.line) == (why, line)


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        (PATH + ".yml", "all:\n  hosts:\n", WhyNot.KIND),
        (PATH, "# c\n---\nall:\n", WhyNot.KIND),
        (PATH, "all:\n  hosts:\n    h:\n", WhyNot.KIND),
        (PATH, '{"all": {}}\n', WhyNot.KIND),
        (PATH, "#!/bin/sh\necho\n", WhyNot.KIND),
        (PATH, "\ufeff[g]\nh\n", WhyNot.KIND),
        (PATH, "$ANSIBLE_VAULT;1.1;AES256\n31\n", WhyNot.KIND),
        (PATH, "[g:unknown]\n", WhyNot.UNREADABLE),
        (PATH, "[g h]\n", WhyNot.UNREADABLE),
        (PATH, "[g]\nh x='\n", WhyNot.UNREADABLE),
        (PATH, "[g:vars]\nx\n", WhyNot.UNREADABLE),
        (PATH, "[g:children]\na b\n", WhyNot.UNREADABLE),
    ],
)
def test_inventories_of_another_kind_are_left_alone(path: str, text: str, why: WhyNot) -> None:
    edits: tuple[Callable[[], Edit], ...] = (
        lambda: enable_host(path, text.encode(), "g", "h", None),
        lambda: disable_host(path, text.encode(), "g", "h"),
    )
    for edit in edits:
        with pytest.raises(CannotEdit) as refused:
            edit()
        assert refused.value.why is why


@pytest.mark.parametrize(
    "host",
    [
        "",
        "-x",
        ".x",
        "x-",
        "a..b",
        "a b",
        "a_b",
        "a\nb",
        "wn[1:3]",
        "h:22",
        "a=b",
        "é",
        "#h",
        "---",
    ],
)
def test_names_that_no_host_bears_are_refused(host: str) -> None:
    edits: tuple[Callable[[], Edit], ...] = (
        lambda: enable_host(PATH, b"[g]\n", "g", host, None),
        lambda: disable_host(PATH, b"[g]\n", "g", host),
    )
    for edit in edits:
        with pytest.raises(CannotEdit) as refused:
            edit()
        assert refused.value.why is WhyNot.NAME


@pytest.mark.parametrize("group", ["", "all", "ungrouped", "a b", "a]", "a:vars", "#a", "-a"])
def test_names_that_no_group_bears_are_refused(group: str) -> None:
    edits: tuple[Callable[[], Edit], ...] = (
        lambda: enable_host(PATH, b"[g]\n", group, "h", None),
        lambda: enable_host(PATH, b"[g]\n", "g", "h", group or "a b"),
        lambda: disable_host(PATH, b"[g]\n", group, None),
    )
    for edit in edits:
        with pytest.raises(CannotEdit) as refused:
            edit()
        assert refused.value.why is WhyNot.NAME


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("#h x=1 ansible_connection=local", "ansible_connection"),
        ("#h motd=\"{{ lookup('pipe', 'id') }}\"", "motd"),
    ],
)
def test_a_commented_line_that_would_execute_stays_a_comment(line: str, name: str) -> None:
    with pytest.raises(CannotEdit) as refused:
        enabled(f"[g]\n{line}\n", "g", "h")
    assert (refused.value.why, refused.value.line, refused.value.name) == (
        WhyNot.EXECUTES,
        2,
        name,
    )


def test_a_commented_line_with_a_harmless_variable_counts_again() -> None:
    text = "[g]\n#h ansible_user=ansible\n"
    assert enabled(text, "g", "h", None).content == b"[g]\nh ansible_user=ansible\n"


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LocalHost", "localhost.localdomain", "localhost6", "ip6-loopback",
        "bdii.localhost", "localhost.uj.example", "127.0.0.1", "127.1", "10.0.0.7", "2130706433",
        "0x7f000001", "0x7F.1", "0177.0.0.01", "1.2.3.4.5", "::1", "[::1]", "fe80::1", "all",
        "ungrouped",
    ],
)  # fmt: skip
def test_a_host_joins_by_its_own_name(host: str) -> None:
    with pytest.raises(CannotEdit) as refused:
        enabled(UJ, "site-bdiis", host)
    assert refused.value.why is WhyNot.NAME


def test_a_host_that_stands_there_by_its_address_can_still_go() -> None:
    text = UJ.replace("bdii1.uj.example", "10.0.0.7")
    edit = disable_host(PATH, text.encode(), "site-bdiis", "10.0.0.7")
    assert b"#10.0.0.7" in edit.content
