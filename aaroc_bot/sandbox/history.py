"""The sample repository's past: who committed what, in which order, and what it read then."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Past:
    """A commit: `days` before the repository is made, by `login`.

    `paths` are the files (or folders, ending in ``/``) that it brings as they are in the
    end; `instead` gives, for a path, a text in it and what stood there at that time.
    """

    days: float
    login: str
    subject: str
    paths: tuple[str, ...]
    why: str = ""
    instead: Mapping[str, tuple[str, str]] = field(default_factory=dict)


ALL = "Ansible/group_vars/all.yml"
ZA_UJ = "Ansible/group_vars/za-uj.yml"
KENET = "Ansible/group_vars/kenet.yml"
UFS = "Ansible/group_vars/za-ufs"

PAST = (
    Past(120, "roc-expert", "Begin with what all sites share", ("README.md", ALL, "Ansible/roles/common/")),
    Past(
        112, "uj-admin", "Describe ZA-UJ", ("Ansible/inventories/inventory.za-uj", ZA_UJ),
        instead={ZA_UJ: ("bdii_port: 2170", "bdii_port: 2135")},
    ),
    Past(
        96, "kenet-admin", "Describe KE-NAIROBI",
        ("Ansible/inventories/inventory.kenet", "Ansible/group_vars/local", KENET),
        instead={KENET: ("ce_os_release: 6.9", "ce_os_release: 5.8")},
    ),
    Past(
        90, "meraka-admin", "Describe ZA-MERAKA with the region's top BDIIs",
        ("Ansible/inventories/inventory.za-meraka", "Ansible/group_vars/za-meraka.yml"),
    ),
    Past(
        71, "ufs-admin", "Describe ZA-UFS", ("Ansible/inventories/inventory.za-ufs", UFS),
    ),
    Past(
        64, "roc-second", "Describe MAREN",
        ("Ansible/inventories/inventory.maren", "Ansible/group_vars/identity-maren"),
        why="Its variables are in a vault; only its administrators have the password.",
    ),
    Past(
        50, "roc-expert", "Deploy site BDIIs by role",
        ("Ansible/site-bdiis.yml", "Ansible/roles/site-bdii/", "Ansible/group_vars/site-bdiis"),
    ),
    Past(
        41, "roc-second", "Deploy worker nodes and top BDIIs by role",
        (
            "Ansible/worker-nodes.yml", "Ansible/roles/worker-node/", "Ansible/roles/yaim/",
            "Ansible/group_vars/worker-nodes", "Ansible/top-bdiis.yml", "Ansible/roles/top-bdii/",
        ),
    ),
    Past(
        33, "roc-expert", "Say what may be asked for, and who owns what",
        (".aaroc.yml", ".aaroc/", "CODEOWNERS", "Ansible/drill.yml",
         "Ansible/inventories/inventory.travis"),
    ),
    Past(20, "kenet-admin", "kenet: the compute element runs 6.9 now", (KENET,)),
    Past(9, "uj-admin", "Note what the firewall of ZA-UJ lets through", ("sites/ZA-UJ/",)),
    Past(
        2, "uj-admin", "za-uj: publish on the usual port", (ZA_UJ,),
        why="The firewall blocked 2135.",
    ),
)  # fmt: skip
"""Oldest first. What no commit names is not in the repository."""
