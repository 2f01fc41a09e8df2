# SPDX-License-Identifier: GPL-3.0-or-later
# It imports ansible-core, which is under that licence (aaroc_bot/execution/COPYING).
"""Opens vaults with Ansible's own code, from standard input to standard output.

The argument is the password's file. In goes a JSON list of vaults, out comes one of what
is in them, null for what this password does not open. Nothing is written to the disk.
"""

import json
import sys

from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, get_file_vault_secret


def opened(vault: VaultLib, text: str) -> str | None:
    """Give what is in one vault."""
    try:
        return bytes(vault.decrypt(text)).decode(errors="replace")
    except AnsibleError:
        return None


if __name__ == "__main__":
    secret = get_file_vault_secret(filename=sys.argv[1], loader=DataLoader())
    secret.load()
    vault = VaultLib([("default", secret)])
    json.dump([opened(vault, text) for text in json.load(sys.stdin)], sys.stdout)
