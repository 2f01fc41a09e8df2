"""`rollback`: a site's own files as they were, and what is left as it is."""

from aaroc_bot.core.changes import RollBack, SetVariables, WhyNot
from tests.repo.drafting.conftest import Bench, MakeBench

UJ = "Ansible/group_vars/za-uj.yml"
HOST = "Ansible/host_vars/wn2.uj.example"
GONE = "Ansible/host_vars/bdii1.uj.example"
SHARED = "Ansible/group_vars/site-bdiis"


async def changed(made: Bench) -> None:
    """Change one file of ZA-UJ, bring one, take one, change a shared and a foreign one."""
    text = (made.upstream.folder / UJ).read_text()
    await made.commit(
        {
            UJ: text.replace("2171", "2175"),
            HOST: "cores: 4\n",
            GONE: None,
            SHARED: "emi_service: OTHER\n",
            "Ansible/group_vars/kenet.yml": "site_name: KE-NAIROBI\n",
        }
    )


async def test_own_files_are_as_they_were_and_shared_ones_are_named(bench: MakeBench) -> None:
    made = await bench({GONE: "cores: 2\n"})
    await changed(made)
    assert not await made.drafter.same_files("ZA-UJ", made.first)
    drafted = await made.draft(RollBack("ZA-UJ", made.first, run=12))
    assert drafted.draft.title == f"ZA-UJ back to {made.first[:7]} (run 12)"
    content = drafted.contents[UJ]
    assert content is not None and b"2171" in content
    assert drafted.contents.keys() == {UJ, HOST, GONE}
    assert drafted.contents[HOST] is None and drafted.contents[GONE] == b"cores: 2\n"
    assert drafted.draft.untouched == (SHARED,)
    assert [(one.path, one.new, one.gone) for one in drafted.draft.files] == [
        (UJ, False, False),
        (GONE, True, False),
        (HOST, False, True),
    ]
    assert {one.site for one in drafted.draft.effects} == {"ZA-UJ"}
    await made.commit(drafted.contents)
    assert await made.drafter.same_files("ZA-UJ", made.first)
    assert (await made.refused(RollBack("ZA-UJ", made.first))).why is WhyNot.NOTHING


async def test_only_revisions_of_the_default_branch(bench: MakeBench) -> None:
    made = await bench()
    why = await made.refused(RollBack("ZA-UJ", "0" * 40))
    assert (why.why, why.name) == (WhyNot.UNKNOWN_REVISION, "0000000")
    assert not await made.drafter.same_files("ZA-UJ", "0" * 40)


async def test_a_revision_without_the_site_is_none_to_go_back_to(bench: MakeBench) -> None:
    made = await bench()
    await made.commit({"Ansible/inventories/inventory.new": "[new]\nh1\n"})
    why = await made.refused(RollBack("new", made.first))
    assert (why.why, why.name) == (WhyNot.UNREADABLE, "new")


async def test_a_plain_secret_does_not_come_back(bench: MakeBench) -> None:
    made = await bench()
    text = (made.upstream.folder / UJ).read_text()
    await made.commit({UJ: text.replace("plain-old-secret-1", '"{{ vault_mysql }}"')})
    why = await made.refused(RollBack("ZA-UJ", made.first))
    assert (why.why, why.path, why.name) == (WhyNot.SECRET, UJ, "mysql_pass")
    assert "plain-old" not in str(why)


async def test_a_line_that_executes_does_not_come_back(bench: MakeBench) -> None:
    made = await bench({HOST: "ansible_ssh_common_args: -v\n"})
    await made.commit({HOST: None})
    why = await made.refused(RollBack("ZA-UJ", made.first))
    assert (why.why, why.path, why.line, why.name) == (
        WhyNot.EXECUTES,
        HOST,
        1,
        "ansible_ssh_common_args",
    )


async def test_a_site_that_cannot_be_read_is_mended(bench: MakeBench) -> None:
    inventory = "Ansible/inventories/inventory.za-uj"
    text = "site_name: ZA-UJ\nansible_ssh_common_args: -v\n"
    made = await bench({UJ: text})
    await made.commit({inventory: "[za-uj:children]\nnope\n"})
    why = await made.refused(SetVariables("ZA-UJ", (("bdii_port", "9"),)))
    assert why.why is WhyNot.UNREADABLE
    drafted = await made.draft(RollBack("ZA-UJ", made.first))
    assert drafted.contents.keys() == {inventory}
    (effect,) = drafted.draft.effects
    assert effect.unread and not effect.joined


async def test_the_same_wish_at_the_same_commit_gives_the_same(bench: MakeBench) -> None:
    made = await bench()
    await made.commit({HOST: "cores: 4\n"})
    at_first = await made.drafter.draft(SetVariables("ZA-UJ", (("bdii_port", "9"),)), made.first)
    again = await made.drafter.draft(SetVariables("ZA-UJ", (("bdii_port", "9"),)), made.first)
    assert at_first == again
