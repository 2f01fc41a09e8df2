"""A new site has another's shape, and nothing that is the other's own."""

from pathlib import Path

import pytest

import aaroc_bot.sandbox
from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.ansible_inventory import listed
from aaroc_bot.repo.editing import CannotEdit, blank_inventory, blank_variables, set_variable

ANSIBLE = Path(aaroc_bot.sandbox.__file__).parent / "devops/Ansible"
VARIABLES = "Ansible/group_vars/za-xyz.yml"
INVENTORY = "Ansible/inventories/inventory.za-xyz"
MARK = "# ZA-XYZ: to be filled in"


def test_values_are_left_blank_and_marked_and_the_site_has_its_name() -> None:
    before = """\
---
# contact details
site_name: "ZA-UJ"   # ours
site_email: grid@uj.example # ask thandi@uj.example
vos:
  # the ones we serve
  - dteam
#  - sagrid

# passwords
mysql_pass: "ubuntu-ngumuntu-4"
# old_pass: sawubona-1
# the password was ubuntu-ngumuntu-4
# use the site name as registered
motd: |
  # no comment
  hello
db: {user: apel, pass: sawubona-2}
"""
    assert (
        blank_variables(VARIABLES, before.encode(), "ZA-XYZ").decode()
        == f"""\
---
# contact details
site_name: ZA-XYZ
site_email:  {MARK}
vos:  {MARK}

# passwords
mysql_pass:  {MARK}
# use the site name as registered
motd:  {MARK}
db:  {MARK}
"""
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("a: 1\r\nb: 2", f"a:  {MARK}\r\nb:  {MARK}\n"),
        ("a: 1\na: 2\n", f"a:  {MARK}\n"),
        ("x: &m {a: 1}\n<<: *m\n", f"x:  {MARK}\n"),
        ("a-b: 1\n'a b': 2\n'c': 3\n", f"c:  {MARK}\n"),
        ("ansible_connection: local\n", f"# ansible_connection:  {MARK}\n"),
        ("  a: 1\n  b: 2\n", f"a:  {MARK}\nb:  {MARK}\n"),
        ("--- # the file of ZA-UJ\na: 1\n...\n", f"a:  {MARK}\n...\n"),
        ("$ANSIBLE_VAULT;1.1;AES256\n3132\n", f"{MARK}\n"),
        ("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3132\n", f"a:  {MARK}\n"),
    ],
)
def test_files_of_every_shape_become_blank(before: str, after: str) -> None:
    assert blank_variables(VARIABLES, before.encode(), "ZA-XYZ").decode() == after


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "{{x}}", "-a", "a#b"])
def test_a_site_needs_a_name(name: str) -> None:
    with pytest.raises(CannotEdit) as refused:
        blank_variables(VARIABLES, b"a: 1\n", name)
    assert refused.value.why is WhyNot.NAME


def test_a_name_that_reads_as_something_else_is_quoted() -> None:
    assert blank_variables(VARIABLES, b"site_name: x\n", "NO") == b"site_name: 'NO'\n"


def test_an_inventory_keeps_its_groups_and_loses_its_hosts() -> None:
    before = """\
# Inventory of ZA-UJ
lone.uj.example
[site-bdiis] # at bdii1.uj.example
bdii1.uj.example mysql_pass=ubuntu-ngumuntu-4
bdii2.uj.example
# bdii3.uj.example

[top-bdiis]
# information systems
#top1.uj.example
[za-uj:children] # all
site-bdiis # one
[all-of-it:children]
za-uj
[za-uj:vars]
site_name=ZA-UJ
ansible_connection=local
"""
    mark = "# za-xyz: to be filled in"
    assert (
        blank_inventory(INVENTORY, before.encode(), "za-uj", "za-xyz").decode()
        == f"""\
# Inventory of za-xyz
{mark}
[site-bdiis]
{mark}

[top-bdiis]
# information systems
[za-xyz:children]
site-bdiis
[all-of-it:children]
za-xyz
[za-xyz:vars]
{mark}
site_name=
{mark}
#ansible_connection=
"""
    )


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("za-uj", "site-bdiis", WhyNot.EXISTS),
        ("za-uj", "a b", WhyNot.NAME),
        ("za-uj", "all", WhyNot.NAME),
    ],
)
def test_an_inventory_whose_new_name_does_not_fit(old: str, new: str, why: WhyNot) -> None:
    with pytest.raises(CannotEdit) as refused:
        blank_inventory(INVENTORY, b"[site-bdiis]\n[za-uj:children]\nsite-bdiis\n", old, new)
    assert refused.value.why is why


async def test_the_new_site_is_read_by_ansible_with_its_name() -> None:
    inventory = (ANSIBLE / "inventories/inventory.za-uj").read_bytes()
    variables = (ANSIBLE / "group_vars/za-uj.yml").read_bytes()
    files = {
        INVENTORY: blank_inventory(INVENTORY, inventory, "za-uj", "za-xyz"),
        VARIABLES: blank_variables(VARIABLES, variables, "ZA-XYZ"),
    }
    everything = b"\n".join(files.values()).lower()
    for own in (b"uj", b"ubuntu", b"sawubona", b"johannesburg", b"2170", b"dteam"):
        assert own not in everything
    files[INVENTORY] = files[INVENTORY].replace(b"[worker-nodes]\n", b"[worker-nodes]\nwn1\n")
    found = await listed(INVENTORY, "Ansible", files, None)
    assert found.groups["za-xyz"] == ("wn1",)
    assert found.variables["wn1"]["site_name"] == "ZA-XYZ"
    assert set(found.variables["wn1"].values()) == {"ZA-XYZ", None}


def test_a_blank_value_can_be_set() -> None:
    blank = blank_variables(VARIABLES, b"bdii_port: 2170\n", "ZA-XYZ")
    edit = set_variable(VARIABLES, blank, "bdii_port", "2171")
    assert edit.content == f"bdii_port: 2171  {MARK}\n".encode()
