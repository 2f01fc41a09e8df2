"""`set` and `unset`: the line that changes, what that does, and what is not opened."""

from pathlib import Path

import pytest

from aaroc_bot.core.changes import (
    FileChange,
    SetVariables,
    UnsetVariable,
    VariableEffect,
    WhyNot,
)
from aaroc_bot.core.sites import Level
from tests.repo.drafting.conftest import MakeBench

UJ = "Ansible/group_vars/za-uj.yml"
INVENTORY = "Ansible/inventories/inventory.za-uj"
HOSTS = ("bdii1.uj.example", "wn2.uj.example")


def setting(*values: tuple[str, str]) -> SetVariables:
    return SetVariables("ZA-UJ", values)


async def test_a_value_is_set_in_the_one_line_where_it_stands(bench: MakeBench) -> None:
    made = await bench()
    drafted = await made.draft(setting(("bdii_port", "2175")))
    assert made.lines(drafted) == ["- bdii_port: 2171", "+ bdii_port: 2175"]
    assert drafted.draft.title == "ZA-UJ bdii_port 2171 → 2175"
    assert drafted.draft.files == (FileChange(UJ, 3, 1),)
    (effect,) = drafted.draft.effects
    assert effect.site == "ZA-UJ" and effect.services == ("site-bdii", "worker-node")
    assert effect.variables == (VariableEffect("bdii_port", "2171", "2175", HOSTS),)
    assert not (drafted.draft.findings or drafted.draft.secrets or drafted.draft.executing)
    again = await made.draft(setting(("bdii_port", "2175")))
    assert again == drafted


async def test_several_values_are_one_change(bench: MakeBench) -> None:
    made = await bench()
    drafted = await made.draft(setting(("bdii_port", "2175"), ("site_email", "a@uj.example")))
    assert drafted.draft.title == "ZA-UJ bdii_port 2171 → 2175, site_email empty → a@uj.example"
    assert drafted.draft.files == (FileChange(UJ, 3, 2),)


async def test_a_variable_that_stands_nowhere_goes_to_the_end_of_the_sites_file(
    bench: MakeBench,
) -> None:
    made = await bench()
    drafted = await made.draft(setting(("ce_os", "CentOS")))
    content = drafted.contents[UJ]
    assert content is not None and content.endswith(b"\nce_os: CentOS\n")
    assert drafted.draft.title == "ZA-UJ ce_os not set → CentOS"
    assert drafted.draft.effects[0].variables[0].before is None


async def test_a_new_variable_names_what_may_have_been_meant(bench: MakeBench) -> None:
    made = await bench()
    drafted = await made.draft(setting(("bdi_port", "2175"), ("ce_os", "CentOS")))
    (found,) = drafted.draft.findings
    assert found.what == "bdi_port is a new variable; near: bdii_port"
    assert (found.path, found.level) == (UJ, Level.WARNING) and found.line
    assert (await made.draft(setting(("bdii_port", "2175")))).draft.findings == ()


async def test_a_site_without_a_file_gets_one_beside_the_others(bench: MakeBench) -> None:
    made = await bench({UJ: None, ".aaroc.yml": f"sites:\n  ZA-UJ: {{inventory: {INVENTORY}}}\n"})
    drafted = await made.draft(setting(("ce_os", "CentOS")))
    assert drafted.contents == {UJ: b"---\nce_os: CentOS\n"}
    assert drafted.draft.files == (FileChange(UJ, None, 2, new=True),)


async def test_what_a_shared_file_overrides_is_not_opened_and_names_it(bench: MakeBench) -> None:
    made = await bench()
    why = await made.refused(setting(("emi_service", "MINE")))
    assert (why.why, why.path, why.line) == (WhyNot.SHARED, "Ansible/group_vars/site-bdiis", 1)
    assert why.sites == ("KE-NAIROBI", "ZA-UJ")


async def test_what_a_host_has_for_itself_stays_and_is_not_said_to_change(bench: MakeBench) -> None:
    own = "Ansible/host_vars/bdii1.uj.example.yml"
    made = await bench({own: "bdii_port: 2171\n"})
    drafted = await made.draft(setting(("bdii_port", "2175")))
    assert drafted.draft.effects[0].variables[0].hosts in {HOSTS[:1], HOSTS[1:]}
    inventory = f"[site-bdiis]\n{HOSTS[0]} color=red\n[za-uj:children]\nsite-bdiis\n"
    made = await bench({own: None, INVENTORY: inventory})
    why = await made.refused(setting(("color", "blue")))
    assert (why.why, why.path, why.line) == (WhyNot.NOT_PLAIN, INVENTORY, 2)


async def test_a_place_without_the_last_word_is_passed_over(bench: MakeBench) -> None:
    folder = "Ansible/group_vars/za-uj"
    files = {
        UJ: None,
        f"{folder}/a.yml": "site_name: ZA-UJ\nport: 1\n",
        f"{folder}/b.yml": "port: 1\n",
    }
    made = await bench(files)
    drafted = await made.draft(setting(("port", "2")))
    assert drafted.contents == {f"{folder}/b.yml": b"port: 2\n"}


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("bdii_port", "2171", WhyNot.NOTHING),
        ("needs_certificate", "x{{ y }}", WhyNot.TEMPLATE),
        ("ansible_connection", "local", WhyNot.EXECUTES),
        ("not-a-name", "1", WhyNot.NAME),
        ("vos", "1", WhyNot.NOT_PLAIN),
        ("mysql_pass", "another-secret", WhyNot.SECRET),
        ("new_password", "abc", WhyNot.SECRET),
        ("site_motto", "plain-old-secret-1", WhyNot.SECRET),
        ("site_url", "https://me:hunter22@uj.example", WhyNot.SECRET),
    ],
)
async def test_what_is_not_set(bench: MakeBench, name: str, typed: str, why: WhyNot) -> None:
    made = await bench()
    no = await made.refused(setting((name, typed)))
    assert (no.why, no.name) == (why, name)
    assert typed not in str(no) or why is not WhyNot.SECRET


async def test_a_typed_secret_is_kept_nowhere(bench: MakeBench, readings: Path) -> None:
    made = await bench()
    await made.refused(setting(("mysql_pass", "kept-nowhere-77")))
    kept = [path.read_bytes() for path in readings.rglob("*") if path.is_file()]
    assert kept and not any(b"kept-nowhere-77" in content for content in kept)


async def test_a_variable_goes_out_of_all_of_the_sites_own_files(bench: MakeBench) -> None:
    own = "Ansible/host_vars/wn2.uj.example"
    made = await bench({own: "cores: 4\nbdii_port: 3\n"})
    drafted = await made.draft(UnsetVariable("ZA-UJ", "bdii_port"))
    assert drafted.draft.title == "ZA-UJ without bdii_port"
    assert set(drafted.contents) == {UJ, own}
    assert {one.after for one in drafted.draft.effects[0].variables} == {None}
    why = await made.refused(UnsetVariable("ZA-UJ", "emi_service"))
    assert (why.why, why.path, why.sites[0]) == (
        WhyNot.SHARED,
        "Ansible/group_vars/site-bdiis",
        "KE-NAIROBI",
    )
    why = await made.refused(UnsetVariable("ZA-UJ", "no_such"))
    assert why.why is WhyNot.NOT_THERE


async def test_a_secret_that_goes_is_only_said_to_change(bench: MakeBench) -> None:
    made = await bench()
    drafted = await made.draft(UnsetVariable("ZA-UJ", "mysql_pass"))
    assert drafted.draft.effects[0].variables == (
        VariableEffect("mysql_pass", None, None, HOSTS, secret=True),
    )
    assert "plain-old" not in str(drafted.draft)


async def test_a_host_that_two_sites_describe_touches_both(bench: MakeBench) -> None:
    shared = "[site-bdiis]\nbdii1.uj.example\n[za-twin:children]\nsite-bdiis\n"
    made = await bench({"Ansible/inventories/inventory.za-twin": shared})
    why = await made.refused(setting(("bdii_port", "2175")))
    assert (why.why, why.sites) == (WhyNot.OTHER_SITES, ("za-twin",))


async def test_a_file_that_a_broken_inventory_may_read_belongs_to_nobody_alone(
    bench: MakeBench,
) -> None:
    made = await bench(
        {"Ansible/inventories/inventory.bad": "[za-uj]\nh1 [half\n[nope:children]\nx\n"}
    )
    why = await made.refused(setting(("ce_os", "CentOS")))
    assert why.why in {WhyNot.NO_PLACE, WhyNot.KIND}


async def test_a_site_that_cannot_be_read_or_is_claimed_twice_is_not_changed(
    bench: MakeBench,
) -> None:
    made = await bench({INVENTORY: "[a:children]\nnope\n"})
    why = await made.refused(setting(("bdii_port", "1")))
    assert (why.why, why.path, why.line) == (WhyNot.UNREADABLE, INVENTORY, 2)
    why = await made.refused(SetVariables("NO-SUCH", (("a", "1"),)))
    assert (why.why, why.name) == (WhyNot.UNREADABLE, "NO-SUCH")
