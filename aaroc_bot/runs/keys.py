"""Which key and vault password a run gets: its own site's, or one for all if so set."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Keys:
    """Files as the operator named them (`AAROC_ANSIBLE__...`), and the local hosts' patterns."""

    ssh_key_file: Path | None = None
    ssh_key_dir: Path | None = None
    vault_password_file: Path | None = None
    vault_password_dir: Path | None = None
    known_hosts: Path | None = None
    local_hosts: tuple[str, ...] = ()

    def ssh_key(self, site: str) -> Path | None:
        """Give the SSH key that a run at `site` may use, None if it has none."""
        return self.ssh_key_file or _of_site(self.ssh_key_dir, site)

    def vault_password(self, site: str) -> Path | None:
        """Give the file with the vault password of `site`, None if it has none."""
        return self.vault_password_file or _of_site(self.vault_password_dir, site)


def _of_site(folder: Path | None, site: str) -> Path | None:
    """Find the site's file; its name comes from the repository, so it must be a bare one."""
    if folder is None or Path(site).name != site or "\0" in site:
        return None
    path = folder / site
    return path if path.is_file() else None
