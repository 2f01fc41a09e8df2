"""`check`: everything broken, with file and line, and nothing executed."""

from pathlib import Path

import pytest

from aaroc_bot.core.sites import Level
from aaroc_bot.repo.catalogue import Floor
from aaroc_bot.repo.check import check
from tests.repo.conftest import FILES

CATALOGUE = """\
- {verb: deploy, service: site-bdiis, playbook: Ansible/site-bdiis.yml}
- {verb: run, name: torn, playbook: Ansible/torn.yml}
- {verb: run, name: gone, playbook: Ansible/gone.yml}
- {verb: run, name: ping, approvals: 0, may_run: member}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    text = "- {verb: run, name: ping, playbook: ping.yml, approvals: 1}\n"
    (folder / "catalogue.yml").write_text(text)
    (folder / "ping.yml").write_text("- hosts: all\n")
    return folder


async def test_a_folder_is_checked_as_it_lies_there(tmp_path: Path, own: Path) -> None:
    mark = tmp_path / "executed"
    files = {
        **FILES,
        ".aaroc.yml": "sites: {NOBODY: {}}\n",
        ".aaroc/catalogue.yml": CATALOGUE,
        "Ansible/torn.yml": "- hosts: a\n  tasks: [\n",
        "Ansible/inventories/inventory.bad": "[a]\nh1 oops\n",
        "Ansible/host_vars/bdii1.uj.example": "ansible_connection: local\n",
        "Ansible/vars_plugins/evil.py": f"open({str(mark)!r}, 'w')\n",
        "Ansible/site-bdiis.yml": "- hosts: a\n  roles: [common, {role: nowhere}]\n",
    }
    root = tmp_path / "devops"
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    (root / "Ansible" / "group_vars" / "dangling").symlink_to("nowhere")
    findings = await check(root, own=own, floor=Floor())
    assert not mark.exists()
    told = {(one.path, one.line, one.level) for one in findings}
    assert {
        (".aaroc.yml", 1, Level.WARNING),
        (".aaroc/catalogue.yml", 3, Level.ERROR),
        (".aaroc/catalogue.yml", 4, Level.ERROR),
        ("Ansible/torn.yml", 3, Level.ERROR),
        ("Ansible/site-bdiis.yml", None, Level.ERROR),
        ("Ansible/inventories/inventory.bad", 2, Level.ERROR),
        ("Ansible/host_vars/bdii1.uj.example", 1, Level.WARNING),
        ("Ansible/group_vars/kenet.yml", 4, Level.WARNING),
        ("Ansible/group_vars/dangling", None, Level.WARNING),
        ("Ansible/roles/common/tasks/main.yml", 3, Level.WARNING),
    } <= told
    assert not any("secret" in one.what for one in findings)


async def test_the_syntax_check_is_ansibles_own(tmp_path: Path, own: Path) -> None:
    root = tmp_path / "devops"
    (root / ".aaroc").mkdir(parents=True)
    (root / "play.yml").write_text("- hosts: a\n  tasks: [{no_such_module: }]\n")
    entry = "- {verb: run, name: play, playbook: play.yml}\n"
    (root / ".aaroc" / "catalogue.yml").write_text(entry)
    findings = await check(root, own=own, floor=Floor(), syntax=True)
    assert [one.path for one in findings] == ["Ansible/inventories", "play.yml"]
    assert "no_such_module" in findings[1].what


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path, own: Path) -> None:
    (finding,) = await check(tmp_path / "nowhere", own=own, floor=Floor())
    assert finding.level is Level.ERROR


async def test_a_bare_repository_is_no_checkout(tmp_path: Path, own: Path) -> None:
    bare = tmp_path / "devops.git"
    bare.mkdir()
    for name in ("HEAD", "config"):
        (bare / name).write_text("")
    (found,) = await check(bare, own=own, floor=Floor())
    assert found.level is Level.ERROR and "check a checkout" in found.what
