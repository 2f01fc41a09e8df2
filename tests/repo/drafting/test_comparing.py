"""A pull request's tree is trusted for nothing: read as data, bounded, and told as it is."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from aaroc_bot.core.changes import Draft, FileChange
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.sites import Level
from aaroc_bot.repo.drafting import RemoteTree, comparing
from aaroc_bot.repo.drafting.overlay import OverlayTree, blob_id
from aaroc_bot.repo.tree import BIGGEST, Kind, Node
from tests.repo.drafting.conftest import Bench, MakeBench

UJ = "Ansible/group_vars/za-uj.yml"
SHARED = "Ansible/group_vars/site-bdiis"
INVENTORY = "Ansible/inventories/inventory.za-uj"
TASKS = "Ansible/roles/common/tasks/main.yml"


async def compared(made: Bench, files: Mapping[str, bytes | None], *links: str) -> Draft:
    """Compare the newest commit with what it would be with these files; `links` are links."""
    tree = await made.repository.mirror.tree(made.first)
    laid = OverlayTree.of(tree, files)
    nodes = {**laid.nodes, **{path: Node(Kind.LINK, "1" * 40, 9) for path in links}}
    return await made.drafter.compare(made.first, OverlayTree(tree, files, nodes))


async def test_every_site_that_is_touched_is_told(bench: MakeBench) -> None:
    made = await bench()
    draft = await compared(made, {SHARED: b"emi_service: BDII_other\n", "README.md": b"a\nb\n"})
    assert [one.site for one in draft.effects] == ["KE-NAIROBI", "ZA-UJ"]
    assert draft.title == "KE-NAIROBI, ZA-UJ"
    assert draft.effects[1].variables[0].hosts == ("bdii1.uj.example",)
    assert draft.files == (FileChange(SHARED, 1, 1), FileChange("README.md", 1, 2))
    assert not (draft.findings or draft.secrets or draft.executing)


async def test_secrets_are_named_and_never_shown(bench: MakeBench) -> None:
    made = await bench()
    text = b"".join(
        [
            b"site_name: ZA-UJ\nbdii_port: 2171\n",
            b"mysql_pass: brand-new-secret-9\nnotes: brand-new-secret-9 is it\n",
            b"cloud: {nested: [{api_key: deep-secret-8}]}\n",
            b"fine_pass: '{{ vault_fine }}'\n",
            b"kept_pass: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6137\n",
            b"# root password: commented-secret-7\n",
        ]
    )
    script = b"export DB_PASSWORD=scripted-secret-6\necho {{ password }}\n"
    defaults = b"backup_token: role-secret-5\n"
    files = {UJ: text, "bin/x.sh": script, "Ansible/roles/r/defaults/main.yml": defaults}
    draft = await compared(made, files)
    assert draft.secrets == (
        "Ansible/group_vars/za-uj.yml: mysql_pass",
        "Ansible/group_vars/za-uj.yml: cloud.nested.api_key",
        "Ansible/roles/r/defaults/main.yml: backup_token",
        "Ansible/group_vars/za-uj.yml: line 10",
        "bin/x.sh: line 1",
    )
    for secret in ("brand-new", "deep-secret", "commented-secret", "scripted", "role-secret"):
        assert secret not in str(draft)


async def test_with_more_secrets_than_can_be_looked_for_nothing_is_shown(bench: MakeBench) -> None:
    made = await bench()
    many = "".join(f"k{n}_pass: value-number-{n}\n" for n in range(comparing.MOST_SECRETS + 1))
    draft = await compared(made, {UJ: f"site_name: ZA-UJ\n{many}".encode()})
    assert "value-number" not in str(draft) and not draft.files
    assert all(one.unread for one in draft.effects) and "secrets" in draft.findings[0].what


async def test_lines_that_execute_are_named(bench: MakeBench) -> None:
    made = await bench()
    draft = await compared(made, {SHARED: b"motd: \"{{ lookup('pipe', 'id') }}\"\n"})
    assert draft.executing == ("Ansible/group_vars/site-bdiis:1: motd",)
    host = b"[site-bdiis]\nbdii1.uj.example ansible_connection=local\n"
    draft = await compared(made, {INVENTORY: host})
    assert draft.executing == (f"{INVENTORY}:2: ansible_connection",)


async def test_a_site_that_comes_or_goes_or_breaks_is_told(bench: MakeBench) -> None:
    made = await bench()
    draft = await compared(made, {"Ansible/inventories/inventory.xyz": b"[top-bdiis]\nt.xyz\n"})
    (new,) = draft.effects
    assert (new.site, new.new, new.services) == ("xyz", True, ("top-bdii",))
    draft = await compared(made, {INVENTORY: None})
    (gone,) = draft.effects
    assert (gone.site, gone.gone) == ("ZA-UJ", True)
    draft = await compared(made, {INVENTORY: b"[a:children]\nnope\n"})
    (unread,) = draft.effects
    assert unread.site == "ZA-UJ" and unread.unread and not unread.left
    assert (INVENTORY, 2, Level.ERROR) in {(f.path, f.line, f.level) for f in draft.findings}


async def test_yamllint_tells_what_is_added_and_not_what_was_there(bench: MakeBench) -> None:
    made = await bench({UJ: "site_name: ZA-UJ\nvos:  [a]   \nport: 1\n"})
    draft = await compared(
        made, {UJ: b"# new first line\nsite_name: ZA-UJ\nvos:  [a]   \nport:   2\n"}
    )
    (found,) = draft.findings
    assert (found.path, found.line) == (UJ, 4) and "too many spaces" in found.what


async def test_links_modules_and_huge_files_are_findings_and_not_read(bench: MakeBench) -> None:
    made = await bench()
    huge = b"a: 1\n" * (BIGGEST // 5 + 1)
    files = {"Ansible/group_vars/huge.yml": huge, "odd\x1bname": b"x\n"}
    draft = await compared(made, files, "Ansible/group_vars/link.yml")
    what = {one.path: one.what for one in draft.findings}
    assert "symbolic link" in what["Ansible/group_vars/link.yml"]
    assert "bigger than" in what["Ansible/group_vars/huge.yml"]
    paths = [*(one.path for one in draft.files), *(one.path for one in draft.findings)]
    assert "odd\\x1bname" in paths and all(path.isprintable() for path in paths)


async def test_a_tree_that_is_too_big_is_not_read_and_may_touch_every_site(
    bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await bench()
    files = {f"x/{number}": b"" for number in range(comparing.MOST_FILES + 1)}
    draft = await compared(made, files)
    assert [(one.site, one.unread) for one in draft.effects] == [
        ("KE-NAIROBI", True),
        ("ZA-UJ", True),
    ]
    assert draft.findings[0].level is Level.ERROR and not draft.files


async def test_rights_that_a_pull_request_gives_itself_are_not_in_force(bench: MakeBench) -> None:
    made = await bench()
    rules = f"sites:\n  ZA-UJ: {{inventory: {INVENTORY}, team: mine}}\nignore: [{INVENTORY}]\n"
    draft = await compared(made, {".aaroc.yml": rules.encode()})
    assert not draft.effects
    assert draft.files == (FileChange(".aaroc.yml", None, 3, new=True),)


async def test_no_vault_is_opened_for_an_outsider(bench: MakeBench, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("open sesame\n")
    vault = "$ANSIBLE_VAULT;1.1;AES256\n6137\n"
    made = await bench({"Ansible/group_vars/worker-nodes": vault}, password=password)
    draft = await compared(made, {"Ansible/group_vars/worker-nodes": vault.encode() + b"38\n"})
    (effect,) = draft.effects
    assert effect.site == "ZA-UJ" and effect.unread
    draft = await compared(made, {"Ansible/group_vars/worker-nodes": b"cores: 4\n"})
    assert draft.secrets == ("Ansible/group_vars/worker-nodes: (the whole file)",)


async def test_a_remote_tree_fetches_only_what_the_mirror_lacks(bench: MakeBench) -> None:
    made = await bench()
    tree = await made.repository.mirror.tree(made.first)
    content = b"site_name: ZA-UJ\nbdii_port: 9\n"
    nodes = {**tree.nodes, UJ: Node(Kind.FILE, blob_id(content), len(content))}
    fetched: list[str] = []

    async def fetch(id: str) -> bytes:
        fetched.append(id)
        return content

    remote = RemoteTree(nodes, made.repository.mirror.git, fetch)
    draft = await made.drafter.compare(made.first, remote)
    assert "bdii_port" in {one.variable for one in draft.effects[0].variables}
    assert fetched == [blob_id(content)]
    assert await remote.read(["README.md", UJ, "no/such"]) == {
        "README.md": b"untidy\n",
        UJ: content,
    }

    async def forge(id: str) -> bytes:
        return b"something else"

    with pytest.raises(Unavailable):
        await RemoteTree(nodes, made.repository.mirror.git, forge).read([UJ])


async def test_who_reads_and_who_touched_a_file(bench: MakeBench) -> None:
    made = await bench()
    await made.commit({UJ: "site_name: ZA-UJ\n"}, "second")
    assert await made.drafter.sharing([UJ, SHARED, "README.md"]) == (
        (UJ, ("ZA-UJ",)),
        (SHARED, ("KE-NAIROBI", "ZA-UJ")),
        ("README.md", ()),
    )
    own = await made.drafter.own(made.first)
    assert (own[UJ], own[INVENTORY]) == ("ZA-UJ", "ZA-UJ") and SHARED not in own
    (touched,) = await made.drafter.touched_by([UJ, SHARED])
    assert touched[0] == "uj-admin"
    assert await made.drafter.touched_by([]) == ()
