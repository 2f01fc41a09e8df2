"""`new site`: the shape of another, as the start of a pull request."""

import pytest

from aaroc_bot.core.changes import Effect, FileChange, NewSite, WhyNot
from tests.repo.drafting.conftest import MakeBench

LIKE = "ZA-UJ"
RESERVED = [
    "all",
    "All",
    "ungrouped",
    "children",
    "vars",
    "hosts",
    "CODEOWNERS",
    "localhost",
    "127.0.0.1",
    "42",
]


async def test_a_site_begins_in_the_shape_of_another_without_its_particulars(
    bench: MakeBench,
) -> None:
    made = await bench()
    drafted = await made.draft(NewSite("ZA-XYZ", LIKE))
    assert drafted.draft.title == "New site ZA-XYZ like ZA-UJ"
    assert [one.path for one in drafted.draft.files] == [
        "Ansible/group_vars/za-xyz.yml",
        "Ansible/inventories/inventory.za-xyz",
    ]
    assert all(one.new for one in drafted.draft.files)
    variables, inventory = (drafted.contents[one.path] for one in drafted.draft.files)
    assert variables is not None and b"site_name: ZA-XYZ" in variables
    assert b"bdii_port:" in variables and b"2171" not in variables
    assert inventory is not None and b"[za-xyz:children]" in inventory
    assert b"plain-old" not in variables and b"uj.example" not in variables + inventory
    assert drafted.draft.effects == (Effect("ZA-XYZ", new=True),)


async def test_names_are_written_as_the_others_are(bench: MakeBench) -> None:
    files = {
        "Ansible/group_vars/za-uj.yml": None,
        "Ansible/group_vars/za-uj/main.yml": "site_name: ZA-UJ\nport: 1\n",
    }
    made = await bench(files)
    drafted = await made.draft(NewSite("ZA-XYZ", LIKE))
    assert set(drafted.contents) == {
        "Ansible/group_vars/za-xyz/main.yml",
        "Ansible/inventories/inventory.za-xyz",
    }


async def test_a_site_without_variables_gives_a_file_with_the_name_alone(bench: MakeBench) -> None:
    rules = "sites:\n  ZA-UJ: {inventory: Ansible/inventories/inventory.za-uj}\n"
    made = await bench({"Ansible/group_vars/za-uj.yml": None, ".aaroc.yml": rules})
    drafted = await made.draft(NewSite("ZA-XYZ", LIKE))
    assert drafted.contents["Ansible/group_vars/za-xyz.yml"] == b"---\nsite_name: ZA-XYZ\n"
    assert FileChange("Ansible/group_vars/za-xyz.yml", None, 2, new=True) in drafted.draft.files


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ZA-UJ", WhyNot.EXISTS),
        ("za_uj", WhyNot.EXISTS),
        ("kenet", WhyNot.EXISTS),
        ("site-bdiis", WhyNot.EXISTS),
        *((name, WhyNot.NAME) for name in RESERVED),
        ("../escape", WhyNot.NAME),
        ("a b", WhyNot.NAME),
        ("x" * 65, WhyNot.NAME),
    ],
)
async def test_names_that_are_taken_or_none(bench: MakeBench, name: str, why: WhyNot) -> None:
    made = await bench()
    assert (await made.refused(NewSite(name, LIKE))).why is why
