"""Small, untidy DevOps repositories, made with the real git."""

import os
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.repository import Repository

ENV = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "uj-admin",
    "GIT_AUTHOR_EMAIL": "uj@example.org",
    "GIT_COMMITTER_NAME": "uj-admin",
    "GIT_COMMITTER_EMAIL": "uj@example.org",
}

FILES = {
    "Ansible/inventories/inventory.za-uj": """\
[site-bdiis]
bdii1.uj.example ansible_user=ansible

[worker-nodes]
# wn1.uj.example
wn2.uj.example needs_certificate=false

[za-uj:children]
site-bdiis
worker-nodes
""",
    "Ansible/inventories/inventory.kenet": """\
[local-machines]
localhost
[UIs]
ui.kenet.example
[kenet]
UIs
bdii.kenet.example
[site-bdiis]
bdii.kenet.example
localhost
[top-bdiis]
[local:children]
local-machines
UIs
""",
    "Ansible/group_vars/za-uj.yml": """\
---
site_name: ZA-UJ
bdii_port: 2171
site_email:
vos: [dteam, ops]
mysql_pass: plain-old-secret-1
db: {user: bdii, password: nested-secret-22}
cidr_networks:
  container: 172.29.236.0/22
""",
    "Ansible/group_vars/kenet.yml": """\
site_name: KE-NAIROBI
bdii_port: 2170
vos: [dteam, ops]
vos: [dteam]
mysql_pass: other-secret-333
site_other_wlcg_tier: 3
""",
    "Ansible/group_vars/local": "site_name: local\nbdii_port: 1\n",
    "Ansible/group_vars/site-bdiis": "emi_service: BDII_site\n",
    "Ansible/site-bdiis.yml": "- hosts: site-bdiis\n  roles: [common]\n",
    "Ansible/roles/common/tasks/main.yml": "- ping:\n- command: id\n  check_mode: false\n",
    "README.md": "untidy\n",
}


class Upstream:
    """The repository that the bot mirrors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=ENV, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def commit(self, files: Mapping[str, str | bytes | None], message: str = "change") -> str:
        """Write files (None removes one), commit, and give the sha."""
        for path, content in files.items():
            place = self.folder / path
            if content is None:
                place.unlink()
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return Upstream(tmp_path / "devops")


async def newest_counts() -> str | None:
    return None


Make = Callable[..., Awaitable[Repository]]


@pytest.fixture
def make(upstream: Upstream, tmp_path: Path) -> Make:
    """Give a repository over these files (the untidy ones if none are given), refreshed."""

    async def build(
        files: Mapping[str, str | bytes | None] | None = None,
        *,
        password: Path | None = None,
        accepted: Callable[[], Awaitable[str | None]] = newest_counts,
    ) -> Repository:
        upstream.commit(FILES if files is None else files, "first")
        mirror = Mirror(str(upstream.folder), tmp_path / "state")
        reader = Reader(tmp_path / "state" / "cache", lambda _: password)
        repository = Repository(mirror, reader, accepted)
        await repository.refresh()
        return repository

    return build
