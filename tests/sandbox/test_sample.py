"""The sample repository: its past, and playbooks that really run with plain Ansible."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from aaroc_bot.content import folder
from aaroc_bot.core.entries import Entry, Origin
from aaroc_bot.core.secret_names import is_secret_name
from aaroc_bot.core.sites import Finding, Site
from aaroc_bot.repo.catalogue import EntryCatalogue, Floor
from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.repository import Repository
from aaroc_bot.sandbox import hosts, sample
from aaroc_bot.sandbox.box import READ_ONLY
from aaroc_bot.sandbox.persons import PERSONS

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Sample:
    """The sample's repository, a copy of its newest commit, and its hosts."""

    repository: Path
    tree: Path
    hosts: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", f"--git-dir={self.repository}", *arguments],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    def play(self, playbook: str, inventory: str, *more: str) -> tuple[int, str]:
        """Run ansible-playbook as it is; give its status and all that it wrote."""
        done = subprocess.run(
            [
                str(BIN / "ansible-playbook"),
                "-i", f"Ansible/inventories/inventory.{inventory}",
                f"Ansible/{playbook}.yml", *more,
            ],
            cwd=self.tree, capture_output=True, text=True, check=False,
            env={
                "PATH": f"{BIN}:/usr/bin:/bin",
                "HOME": str(self.tree.parent),
                "LC_ALL": "C.UTF-8",
                "ANSIBLE_LOCALHOST_WARNING": "0",
                "ANSIBLE_LOCAL_TEMP": str(self.tree.parent / "tmp"),
            },
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample box")
    made = Sample(folder / "devops.git", folder / "tree", folder / "hosts")
    hosts.create(made.hosts)
    now = datetime(2026, 6, 8, 12, 0, tzinfo=UTC)
    asyncio.run(sample.create(made.repository, made.hosts, now))
    subprocess.run(["git", "clone", "-q", str(made.repository), str(made.tree)], check=True)
    return made


def _recap(text: str) -> dict[str, dict[str, int]]:
    rows = re.findall(r"^(\S+)\s+: (ok=.*)$", text, re.MULTILINE)
    return {
        host: {name: int(n) for name, n in re.findall(r"(\w+)=(\d+)", counts)}
        for host, counts in rows
    }


def test_its_past(made: Sample) -> None:
    log = made.git("log", "--reverse", "--format=%ae|%aI|%s").splitlines()
    assert len(log) >= 10
    mails = {person.mail for person in PERSONS}
    assert {line.split("|")[0] for line in log} <= mails
    assert log == sorted(log, key=lambda line: line.split("|")[1])
    change = made.git("show", "--format=%an", "HEAD")
    assert "Lindiwe" in change and "-bdii_port: 2135" in change and "+bdii_port: 2170" in change


def test_every_file_of_the_sample_is_in_it(made: Sample) -> None:
    found = set(made.git("ls-tree", "-r", "--name-only", "HEAD").splitlines())
    assert found == {*sample._files(), "Ansible/group_vars/all.yml"}
    assert not any(line.startswith("120000") for line in made.git("ls-tree", "-r", "HEAD"))


def test_secrets_stand_in_plain_text_beside_harmless_keys(made: Sample) -> None:
    variables = yaml.safe_load((made.tree / "Ansible/group_vars/za-uj.yml").read_text())
    assert any(is_secret_name(name) for name in variables)
    assert (
        (made.tree / "Ansible/group_vars/identity-maren").read_text().startswith("$ANSIBLE_VAULT")
    )


def test_a_commit_can_be_added(made: Sample, tmp_path: Path) -> None:
    copy = tmp_path / "copy.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(made.repository), str(copy)], check=True)
    one = sample.Commit(datetime.now(UTC), "roc-second", "Note", {"notes.md": "é\n"})
    sha = asyncio.run(sample.commit(copy, [one]))
    shown = subprocess.run(
        ["git", f"--git-dir={copy}", "show", "--stat", "--format=%H %ae %s", "main"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert shown.stdout.startswith(f"{sha} kwame@roc.example Note\n")
    assert "1 file changed" in shown.stdout


def test_playbooks_pass_a_syntax_check(made: Sample) -> None:
    others = [f"Ansible/{name}.yml" for name in ("worker-nodes", "top-bdiis", "drill")]
    status, said = made.play("site-bdiis", "za-uj", *others, "--syntax-check")
    assert status == 0, said


def test_a_deploy_is_predicted_changes_files_and_then_nothing(made: Sample) -> None:
    conf = made.hosts / "bdii1.uj.example" / "etc/bdii/bdii.conf"
    before = conf.read_text()
    port = json.dumps({"port": 2171})
    status, planned = made.play("site-bdiis", "za-uj", "--check", "--diff", "-e", port)
    counts = _recap(planned)["bdii1.uj.example"]
    assert status == 0 and counts["changed"] >= 3 and counts["skipped"] == 0, planned
    assert "-BDII_PORT=2135" in planned and "+BDII_PORT=2171" in planned
    assert "RUNNING HANDLER [site-bdii : restart bdii]" in planned
    assert conf.read_text() == before
    status, ran = made.play("site-bdiis", "za-uj")
    assert status == 0 and _recap(ran)["bdii1.uj.example"]["changed"] == counts["changed"]
    assert "BDII_PORT=2170" in conf.read_text()
    status, again = made.play("site-bdiis", "za-uj", "--check")
    assert status == 0 and _recap(again)["bdii1.uj.example"]["changed"] == 0, again


def test_worker_nodes_hold_something_that_check_mode_cannot_predict(made: Sample) -> None:
    status, planned = made.play("worker-nodes", "za-uj", "-l", "wn03*", "--check")
    counts = _recap(planned)["wn03.uj.example"]
    assert status == 0 and counts["skipped"] == 2, planned
    status, ran = made.play("worker-nodes", "za-uj", "-l", "wn03*")
    assert status == 0 and _recap(ran)["wn03.uj.example"]["changed"] > counts["changed"], ran


def test_the_top_bdii_fails_on_one_host(made: Sample) -> None:
    status, ran = made.play("top-bdiis", "za-meraka")
    counts = _recap(ran)
    assert status == 2 and "No package lcg-CA available." in ran
    assert counts["top1.meraka.example"]["failed"] == 0
    assert counts["top2.meraka.example"]["failed"] == 1


def test_the_bot_reads_it(made: Sample, tmp_path: Path) -> None:
    async def read() -> tuple[Sequence[Site], Sequence[Entry], Sequence[Finding]]:
        async def nothing_accepted() -> None:
            return None

        mirror = Mirror(str(made.repository), tmp_path)
        repository = Repository(mirror, Reader(tmp_path, lambda _: None), nothing_accepted)
        floor = Floor(read_only=frozenset(READ_ONLY))
        catalogue = EntryCatalogue(repository, folder("playbooks"), floor)
        findings = [*await repository.findings(), *await catalogue.findings()]
        return await repository.all(), await catalogue.entries(), findings

    sites, entries, findings = asyncio.run(read())
    assert not findings
    named = {site.name: site for site in sites}
    assert set(named) == {"KE-NAIROBI", "ZA-MERAKA", "ZA-UFS", "ZA-UJ", "maren"}
    assert set(named["ZA-UJ"].services) == {"site-bdiis", "worker-nodes"}
    assert {name for name, site in named.items() if site.partial} == {"maren"}
    assert {name for name, site in named.items() if site.findings} == {"KE-NAIROBI", "maren"}
    assert {host for site in sites for host in site.hosts} == set(hosts.HOSTS)
    own = [entry for entry in entries if entry.origin is Origin.REPOSITORY]
    assert [entry.typed for entry in own] == [
        "deploy site-bdii", "deploy worker-node", "deploy top-bdii", "run drill",
    ]  # fmt: skip
    assert not own[-1].changes


def test_files_are_readable_by_whoever_runs_the_bot(made: Sample) -> None:
    for path in made.tree.rglob("*"):
        if ".git" not in path.parts and path.is_file():
            assert os.access(path, os.R_OK)
