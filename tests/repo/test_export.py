"""What a run gets, and that its digest covers exactly that."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from aaroc_bot.core.entries import Entry, Origin
from aaroc_bot.core.parts import changed
from aaroc_bot.repo.export import CannotExport, Exporter
from aaroc_bot.repo.git import Git
from aaroc_bot.repo.repository import Repository
from aaroc_bot.repo.roles import Roles, commit_of
from tests.repo.conftest import FILES, Make, Upstream

THEIRS = Entry(
    "deploy", "site-bdiis", "Ansible/site-bdiis.yml", Origin.REPOSITORY, ".aaroc/catalogue.yml", 1
)
OWN = Entry("run", "ping", "ping.yml", Origin.BOT, "playbooks/catalogue.yml", 1)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "ping.yml").write_text("- hosts: all\n")
    (folder / "catalogue.yml").write_text("[]\n")
    return folder


def exporter(repository: Repository, own: Path, tmp_path: Path) -> Exporter:
    roles = Roles(repository.mirror, tmp_path / "state" / "roles", ["roles.example"])
    return Exporter(repository, roles, own)


def listing(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


async def test_a_run_gets_the_commit_without_what_is_others(
    make: Make, own: Path, tmp_path: Path, upstream: Upstream
) -> None:
    upstream.folder.joinpath("Ansible").mkdir()
    upstream.folder.joinpath("Ansible/link").symlink_to("/etc/passwd")
    upstream.commit({"Ansible/run.sh": "#!/bin/sh\n"})
    upstream.folder.joinpath("Ansible/run.sh").chmod(0o755)
    repository = await make(
        {
            **FILES,
            "Ansible/ansible.cfg": "[defaults]\n",
            "Ansible/host_vars/localhost": "ansible_connection: local\n",
            "Ansible/deeper/group_vars/all": "ansible_connection: local\n",
        }
    )
    sha = (await repository.newest()).sha
    files = exporter(repository, own, tmp_path)
    result = await files.export(sha, "ZA-UJ", THEIRS, tmp_path / "run")
    assert listing(tmp_path / "run") == {
        "Ansible/group_vars/za-uj.yml",
        "Ansible/group_vars/site-bdiis",
        "Ansible/inventories/inventory.za-uj",
        "Ansible/roles/common/tasks/main.yml",
        "Ansible/run.sh",
        "Ansible/site-bdiis.yml",
    }
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "run/Ansible/run.sh").stat().st_mode & 0o777 == 0o755
    assert result.inventory.is_file() and result.playbook.is_file()
    assert (result.missing, result.skipped) == ((), ("Ansible/link",))
    assert result.inputs == await files.inputs(sha, "ZA-UJ", THEIRS)
    assert result.parts == await files.parts(sha, "ZA-UJ", THEIRS)
    assert await files.executing_tasks(sha, "ZA-UJ", THEIRS)
    assert not await files.executing_tasks(sha, "ZA-UJ", OWN)


async def test_only_what_the_run_reads_changes_its_digest(
    make: Make, own: Path, tmp_path: Path, upstream: Upstream
) -> None:
    repository = await make()
    files = exporter(repository, own, tmp_path)

    async def digests() -> tuple[str, str]:
        await repository.refresh()
        sha = (await repository.newest()).sha
        return await files.inputs(sha, "ZA-UJ", THEIRS), await files.inputs(sha, "ZA-UJ", OWN)

    before = await digests()
    upstream.commit(
        {
            "Ansible/group_vars/kenet.yml": "site_name: KE-NAIROBI\nbdii_port: 9\n",
            "Ansible/inventories/inventory.new": "[n]\nh9\n",
            "Ansible/inventories/README": "x",
            "Ansible/host_vars/h9": "a: 1\n",
            "sites/KE-NAIROBI/x": "x",
            "README.md": "x",
        }
    )
    assert await digests() == before
    upstream.commit({"Ansible/roles/common/tasks/main.yml": "- ping:\n"})
    after_role = await digests()
    assert after_role[0] != before[0] and after_role[1] == before[1]
    upstream.commit({"Ansible/group_vars/za-uj.yml": "site_name: ZA-UJ\n"})
    after_variables = await digests()
    assert after_variables[0] != after_role[0] and after_variables[1] != after_role[1]
    (own / "ping.yml").write_text("- hosts: none\n")
    after_own = await digests()
    assert after_own[0] == after_variables[0] and after_own[1] != after_variables[1]


async def test_what_changed_is_named(
    make: Make, own: Path, tmp_path: Path, upstream: Upstream
) -> None:
    repository = await make()
    files = exporter(repository, own, tmp_path)

    async def parts() -> tuple[Mapping[str, str], Mapping[str, str]]:
        await repository.refresh()
        sha = (await repository.newest()).sha
        return await files.parts(sha, "ZA-UJ", THEIRS), await files.parts(sha, "ZA-UJ", OWN)

    theirs, mine = await parts()
    upstream.commit({"Ansible/group_vars/kenet.yml": "site_name: KE-NAIROBI\nbdii_port: 9\n"})
    assert await parts() == (theirs, mine), "another site's file is no part of it"
    upstream.commit({"Ansible/group_vars/za-uj.yml": "site_name: ZA-UJ\nbdii_port: 3\n"})
    variables = await parts()
    assert changed(theirs, variables[0]) == "Ansible/group_vars/za-uj.yml has changed"
    assert changed(mine, variables[1]) == "Ansible/group_vars/za-uj.yml has changed"
    upstream.commit({"Ansible/roles/common/tasks/main.yml": "- ping:\n", "Ansible/files/x": "x"})
    roles = await parts()
    what = "Ansible/roles/common has changed; Ansible/files is new"
    assert changed(variables[0], roles[0]) == what
    assert variables[1] == roles[1]
    (own / "ping.yml").write_text("- hosts: none\n")
    assert changed(roles[1], (await parts())[1]) == "the bot's own ping.yml has changed"


async def test_the_bots_own_playbook_lies_beside_the_sites_variables(
    make: Make, own: Path, tmp_path: Path
) -> None:
    repository = await make()
    sha = (await repository.newest()).sha
    result = await exporter(repository, own, tmp_path).export(sha, "ZA-UJ", OWN, tmp_path / "run")
    assert listing(tmp_path / "run") == {
        "Ansible/group_vars/za-uj.yml",
        "Ansible/group_vars/site-bdiis",
        "Ansible/inventories/inventory.za-uj",
        "Ansible/ping.yml",
    }
    assert result.playbook == tmp_path / "run" / "Ansible" / "ping.yml"


async def test_a_role_that_is_a_submodule_is_missing_unless_its_host_is_allowed(
    make: Make, own: Path, tmp_path: Path, upstream: Upstream
) -> None:
    role = Upstream(tmp_path / "role")
    commit = role.commit({"tasks/main.yml": "- ping:\n"})
    upstream.commit(FILES, "first")
    modules = '[submodule "bdii"]\n\tpath = Ansible/roles/bdii\n\turl = https://roles.example/x\n'
    upstream.folder.joinpath(".gitmodules").write_text(modules)
    upstream.git("update-index", "--add", "--cacheinfo", f"160000,{commit},Ansible/roles/bdii")
    playbook = "- hosts: a\n  roles: [common, bdii, nowhere]\n"
    upstream.folder.joinpath("Ansible/site-bdiis.yml").write_text(playbook)
    upstream.git("add", ".gitmodules", "Ansible/site-bdiis.yml")
    upstream.git("commit", "--quiet", "-m", "roles")
    repository = await make({"other": "x"})
    sha = (await repository.newest()).sha
    roles = Roles(repository.mirror, tmp_path / "roles", [])
    assert not roles.allowed("https://roles.example/x")
    assert await roles.urls(sha) == {"Ansible/roles/bdii": "https://roles.example/x"}
    files = Exporter(repository, roles, own)
    result = await files.export(sha, "ZA-UJ", THEIRS, tmp_path / "run")
    assert result.missing == ("bdii", "nowhere")


def test_where_roles_may_come_from(tmp_path: Path) -> None:
    roles = Roles(None, tmp_path, ["roles.example"])  # type: ignore[arg-type]
    assert roles.allowed("https://ROLES.example/a/b.git")
    for url in (
        "http://roles.example/a",
        "ssh://roles.example/a",
        "https://roles.example.evil/a",
        "https://user:pass@roles.example/a",
        "https://roles.example:8443/a",
        "https://evil/roles.example",
        "../a",
        "file:///a",
        "ext::sh -c id",
    ):
        assert not roles.allowed(url), url


async def test_a_submodule_is_fetched_at_its_recorded_commit(tmp_path: Path) -> None:
    role = Upstream(tmp_path / "role")
    recorded = role.commit({"tasks/main.yml": "- ping:\n"})
    role.commit({"tasks/main.yml": "- command: id\n"})
    git = Git(tmp_path / "cache.git", tmp_path / "home")
    await git.ensure()
    tree = await commit_of(git, str(role.folder), recorded, strict=False)
    assert await tree.read(["tasks/main.yml"]) == {"tasks/main.yml": b"- ping:\n"}
    role.folder.rename(tmp_path / "away")
    assert (await commit_of(git, str(role.folder), recorded, strict=False)).sha == recorded


async def test_what_cannot_be_exported_says_why(make: Make, own: Path, tmp_path: Path) -> None:
    repository = await make()
    files = exporter(repository, own, tmp_path)
    sha = (await repository.newest()).sha
    gone = Entry("run", "x", "Ansible/gone.yml", Origin.REPOSITORY, "c", 1)
    for revision, site, entry in (
        ("0" * 40, "ZA-UJ", THEIRS),
        (sha, "NOBODY", THEIRS),
        (sha, "ZA-UJ", gone),
    ):
        with pytest.raises(CannotExport):
            await files.inputs(revision, site, entry)
