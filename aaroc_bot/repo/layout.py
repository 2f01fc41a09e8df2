"""Where inventories and variables lie in a tree, by convention or as `.aaroc.yml` says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from aaroc_bot.core.sites import Finding, Level
from aaroc_bot.repo.rulebook import Rulebook
from aaroc_bot.repo.tree import Kind, Tree

VARIABLES = ("group_vars", "host_vars")
EXTENSIONS = (".yml", ".yaml", ".json")
"""Endings of variable files that Ansible leaves out of the group's or host's name."""
NOT_INVENTORIES = (
    ".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".retry",
    ".py", ".sh", ".cfg",
)  # fmt: skip
DEFAULT = "Ansible/inventories"


@dataclass(frozen=True, slots=True)
class Found:
    """What lies where: `inventories` and `variables` are paths of plain files."""

    inventories: tuple[str, ...]
    variables: tuple[str, ...]
    playbooks: str
    puppet: str
    findings: tuple[Finding, ...]


def find(tree: Tree, rules: Rulebook) -> Found:
    """Find a tree's inventories and variable files."""
    folder = rules.layout.inventories or _inventories_folder(tree)
    playbooks = rules.layout.playbooks or parent(folder)
    findings: list[Finding] = []
    if playbooks in tree.nodes:
        findings.append(Finding(playbooks, None, Level.ERROR, "is no folder of playbooks"))
        playbooks = parent(folder)
    named = {rule.inventory for rule in rules.sites.values() if rule.inventory}
    here = {path for path in tree.nodes if parent(path) == folder and _may_be_inventory(path)}
    inventories = []
    for path in sorted((here | named) - set(rules.ignore)):
        problem = _not_plain(tree, path)
        if problem:
            findings.append(Finding(_shown(path), None, Level.ERROR, problem))
        else:
            inventories.append(path)
    bases = {playbooks, *(parent(path) for path in inventories)}
    variables = []
    for path in sorted(tree.nodes):
        if variables_base(path) not in bases or _skipped(path):
            continue
        problem = _not_plain(tree, path)
        if problem:
            findings.append(Finding(_shown(path), None, Level.WARNING, problem))
        else:
            variables.append(path)
    if not inventories:
        what = f"no inventory found here (looked for {DEFAULT}; `.aaroc.yml` can name the place)"
        findings.append(Finding(folder, None, Level.ERROR, what))
    return Found(
        tuple(inventories),
        tuple(variables),
        playbooks,
        rules.layout.puppet or "Puppet",
        tuple(findings),
    )


def parent(path: str) -> str:
    """Give the folder of a path, empty for the root.

    >>> parent("Ansible/site.yml"), parent("site.yml")
    ('Ansible', '')
    """
    return path.rpartition("/")[0]


def suffix(inventory: str) -> str:
    """Give the site's part of an inventory's file name.

    >>> suffix("Ansible/inventories/inventory.kenet.or.ke"), suffix("inventories/za-uj.ini")
    ('kenet.or.ke', 'za-uj')
    """
    name = inventory.rpartition("/")[2]
    for ending in (".ini", *EXTENSIONS):
        name = name.removesuffix(ending)
    for start in ("inventory.", "inventory-", "inventory_", "hosts."):
        if name.startswith(start) and len(name) > len(start):
            return name[len(start) :]
    return name


def owners(path: str) -> frozenset[str]:
    """Give the names (of a group or host) whose variables a file may hold.

    >>> sorted(owners("Ansible/group_vars/za-uj.yml"))
    ['za-uj', 'za-uj.yml']
    >>> sorted(owners("Ansible/host_vars/bdii1/vault"))
    ['bdii1']
    """
    parts = path.split("/")
    at = _variables_at(parts)
    name = parts[at + 1]
    if len(parts) > at + 2:
        return frozenset({name})
    stems = {name.removesuffix(ending) for ending in EXTENSIONS}
    return frozenset({name, *stems})


def of_groups(path: str) -> bool:
    """Whether a variable file is a group's (else a host's).

    >>> of_groups("group_vars/a/host_vars/b.yml"), of_groups("host_vars/a/group_vars/b.yml")
    (True, False)
    """
    parts = path.split("/")
    return parts[_variables_at(parts)] == "group_vars"


def read_by(paths: Iterable[str], groups: Iterable[str], hosts: Iterable[str]) -> tuple[str, ...]:
    """Give those of the variable files that these groups and hosts read."""
    names = {True: frozenset(groups), False: frozenset(hosts)}
    return tuple(path for path in paths if owners(path) & names[of_groups(path)])


def _inventories_folder(tree: Tree) -> str:
    """Give the folder called `inventories` that lies nearest to the root."""
    folders = {str(up) for path in tree.nodes for up in PurePosixPath(path).parents}
    if DEFAULT in folders:
        return DEFAULT
    fitting = [folder for folder in folders if folder.rpartition("/")[2].lower() == "inventories"]
    return min(fitting, key=lambda folder: (folder.count("/"), folder), default=DEFAULT)


def _may_be_inventory(path: str) -> bool:
    name = path.rpartition("/")[2]
    return not name.startswith((".", "README")) and not name.endswith(NOT_INVENTORIES)


def variables_base(path: str) -> str | None:
    """Give the folder beside which a variable file counts, None if it is none.

    >>> variables_base("Ansible/group_vars/za-uj.yml"), variables_base("Ansible/site.yml")
    ('Ansible', None)
    """
    parts = path.split("/")
    for at, part in enumerate(parts[:-1]):
        if part in VARIABLES:
            return "/".join(parts[:at])
    return None


def _variables_at(parts: Sequence[str]) -> int:
    """Give where the folder of variables stands: the first, as Ansible reads what lies below."""
    return min(parts.index(folder) for folder in VARIABLES if folder in parts)


def _skipped(path: str) -> bool:
    """Whether Ansible passes over a file of a folder of variables (hidden, backup, other ending)."""
    parts = path.split("/")
    at = _variables_at(parts)
    name = parts[-1]
    ending = PurePosixPath(name).suffix
    return len(parts) > at + 2 and (
        name.startswith(".") or name.endswith("~") or (ending != "" and ending not in EXTENSIONS)
    )


def _not_plain(tree: Tree, path: str) -> str | None:
    node = tree.nodes.get(path)
    if not path.isprintable():
        return "has a name with characters that cannot be shown, and is not read"
    if node is None:
        return "is named in .aaroc.yml but is not there"
    if node.kind is Kind.LINK:
        return "is a symbolic link, which is not followed"
    return "is a submodule, which is not read" if node.kind is Kind.MODULE else None


def _shown(path: str) -> str:
    """Write a path so that it can be shown: git's names are bytes."""
    return path if path.isprintable() else path.encode("ascii", "backslashreplace").decode()
