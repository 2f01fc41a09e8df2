"""What a run gets: the exact commit's files, written to a folder, and the digest of them.

Only what this site's run may read is written, and exactly that is in the digest (the
seal's `inputs`): so another site's merge changes neither. Left out are the inventories and
variable files of others, symbolic links, and what lies outside the playbooks' folder
except the site's own under `sites/`. Beside the one digest there are those of its parts,
by which it can be told what changed.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from aaroc_bot.core.entries import Entry, Origin
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.repo.git import GitFault
from aaroc_bot.repo.layout import parent, variables_base
from aaroc_bot.repo.mirror import CommitTree
from aaroc_bot.repo.playbooks import ENDINGS, executing_tasks, roles_named
from aaroc_bot.repo.repository import Repository
from aaroc_bot.repo.roles import Roles
from aaroc_bot.repo.tree import Kind, Node
from aaroc_bot.repo.view import View

LARGEST = 512 * 1024 * 1024
BATCH = 16 * 1024 * 1024
PART = 16
"""Hex digits of a part's digest: it only names what changed; the whole one decides."""


class CannotExport(Exception):
    """The run cannot have its files; the text is the reason, for people."""


@dataclass(frozen=True, slots=True)
class Export:
    """Where a run finds things. `missing` names roles that are not there, `skipped` links.

    `parts` are the digests of what `inputs` covers, by the name of the part.
    """

    project: Path
    inventory: Path
    playbook: Path
    inputs: str
    missing: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Selection:
    """Files of the commit by path, the bot's own by path, links and submodules left out."""

    tree: CommitTree
    inventory: str
    playbook: str
    files: Mapping[str, Node]
    own: Mapping[str, bytes]
    modules: Mapping[str, str]
    links: tuple[str, ...]


class Exporter:
    """Writes out what runs need."""

    def __init__(self, repository: Repository, roles: Roles, own: Path) -> None:
        """Take the bot's own playbooks from the folder `own`."""
        self._repository = repository
        self._roles = roles
        self._own = own

    async def inputs(self, sha: str, site: str, entry: Entry) -> str:
        """Give the digest of everything that such a run reads. Raises `CannotExport`."""
        return _digest(await self._select(sha, site, entry), site, entry)

    async def parts(self, sha: str, site: str, entry: Entry) -> Mapping[str, str]:
        """Give the digests of what `inputs` covers, by the name of the part."""
        return _parts(await self._select(sha, site, entry), entry)

    async def export(self, sha: str, site: str, entry: Entry, folder: Path) -> Export:
        """Write the files below `folder`, which must not exist yet. Raises `CannotExport`."""
        chosen = await self._select(sha, site, entry)
        missing: tuple[str, ...] = ()
        try:
            await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True)
            await _write(chosen.tree, chosen.files, folder)
            await asyncio.to_thread(_write_files, folder, chosen.own)
            if entry.origin is Origin.REPOSITORY:
                missing = await self._add_roles(chosen, folder)
        except (GitFault, OSError) as problem:
            raise CannotExport(f"the files could not be written out: {problem}") from problem
        return Export(
            folder,
            folder / chosen.inventory,
            folder / chosen.playbook,
            _digest(chosen, site, entry),
            missing,
            chosen.links,
            _parts(chosen, entry),
        )

    async def executing_tasks(self, sha: str, site: str, entry: Entry) -> bool:
        """Whether a plan of this really runs something (tasks with `check_mode: false`)."""
        chosen = await self._select(sha, site, entry)
        wanted = {path: node for path, node in chosen.files.items() if path.endswith(ENDINGS)}
        contents = {**await chosen.tree.read(wanted), **chosen.own}
        return await asyncio.to_thread(
            lambda: any(executing_tasks(path, content) for path, content in contents.items())
        )

    async def _select(self, sha: str, site: str, entry: Entry) -> _Selection:
        try:
            seen = await self._repository.view_at(sha)
            tree = await self._repository.mirror.tree(sha)
        except (Unavailable, GitFault) as problem:
            raise CannotExport(f"revision {sha[:7]} cannot be read") from problem
        if site not in seen.sites or seen.sites[site].broken:
            raise CannotExport(f"{site} cannot be read at revision {sha[:7]}")
        own: dict[str, bytes] = {}
        if entry.origin is Origin.BOT:
            own = await asyncio.to_thread(_own_files, self._own, seen.found.playbooks)
        return _selection(seen, tree, site, entry, own)

    async def _add_roles(self, chosen: _Selection, folder: Path) -> tuple[str, ...]:
        """Fetch the submodules that the playbook's roles are; give the roles that are missing."""
        _, missing = await roles_named(chosen.tree, chosen.playbook)
        urls = await self._roles.urls(chosen.tree.sha) if missing else {}
        still = []
        for path in sorted(missing):
            role = await self._roles.tree(chosen.tree, path, urls) if _safe(path) else None
            if role is None:
                still.append(path.rpartition("/")[2])
                continue
            files = {name: node for name, node in role.nodes.items() if node.plain and _safe(name)}
            await _write(role, files, folder / path)
        return tuple(still)


def _selection(
    seen: View, tree: CommitTree, site: str, entry: Entry, own: Mapping[str, bytes]
) -> _Selection:
    reading = seen.readings[seen.sites[site].inventory]
    base = seen.found.playbooks
    mine = {reading.inventory, *reading.files}
    if entry.origin is Origin.BOT:
        chosen = {path: tree.nodes[path] for path in mine}
        playbook = f"{base}/{entry.playbook}".lstrip("/")
        return _Selection(tree, reading.inventory, playbook, chosen, own, {}, ())
    node = tree.nodes.get(entry.playbook)
    if node is None or not node.plain:
        raise CannotExport(f"there is no playbook {entry.playbook}")
    others = {*seen.found.inventories} - mine
    folders = {parent(path) for path in seen.found.inventories} - {base, parent(entry.playbook)}
    roots = {base, parent(entry.playbook), f"sites/{site}"}
    wanted = {
        path: node
        for path, node in tree.nodes.items()
        if path in mine
        or (
            path not in others
            and parent(path) not in folders
            and variables_base(path) is None  # variables count only where a site was read
            and _below(path, roots)
        )
    }
    return _Selection(
        tree,
        reading.inventory,
        entry.playbook,
        {path: node for path, node in wanted.items() if node.plain and _safe(path)},
        {},
        {path: node.id for path, node in wanted.items() if node.kind is Kind.MODULE},
        tuple(path for path, node in wanted.items() if node.kind is Kind.LINK),
    )


def _below(path: str, roots: set[str]) -> bool:
    """Whether a path lies below one of these; the root itself leaves out what is the bot's."""
    if "" in roots:
        return not path.startswith((".", "Puppet/", "sites/"))
    return any(path.startswith(f"{root}/") for root in roots)


def _safe(path: str) -> bool:
    """Whether a path of a commit may be written: git's own checks are not relied upon."""
    parts = path.split("/")
    return path.isprintable() and not any(
        part in {"", ".", ".."} or part.casefold() in {".git", "ansible.cfg"} for part in parts
    )


def _own_files(own: Path, base: str) -> dict[str, bytes]:
    """Give the bot's playbooks as they will lie beside the site's group_vars and host_vars."""
    return {
        f"{base}/{path.relative_to(own).as_posix()}".lstrip("/"): path.read_bytes()
        for path in sorted(own.rglob("*"))
        if path.is_file() and path.name != "catalogue.yml" and "__pycache__" not in path.parts
    }


def _digest(chosen: _Selection, site: str, entry: Entry) -> str:
    terms = asdict(entry)
    del terms["line"], terms["path"]  # where it stands changes nothing
    body = [
        site,
        chosen.inventory,
        sorted((path, node.kind.value, node.id) for path, node in chosen.files.items()),
        sorted((path, hashlib.sha256(data).hexdigest()) for path, data in chosen.own.items()),
        sorted(chosen.modules.items()),
        terms,
    ]
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()


def _parts(chosen: _Selection, entry: Entry) -> dict[str, str]:
    """Digest inventory, variables and playbook file by file, roles and the rest by folder."""
    own_base = chosen.playbook.removesuffix(entry.playbook)
    pieces: dict[str, list[tuple[str, str, str]]] = {}
    for path, node in chosen.files.items():
        pieces.setdefault(_part(path, chosen), []).append((path, node.kind.value, node.id))
    for path, commit in chosen.modules.items():
        pieces.setdefault(_part(path, chosen), []).append((path, Kind.MODULE.value, commit))
    for path, data in chosen.own.items():
        name = f"the bot's own {_grouped(path.removeprefix(own_base), 1)}"
        pieces.setdefault(name, []).append((path, "", hashlib.sha256(data).hexdigest()))
    return {
        name: hashlib.sha256(json.dumps(sorted(found)).encode()).hexdigest()[:PART]
        for name, found in pieces.items()
    }


def _part(path: str, chosen: _Selection) -> str:
    """Name the part that a file of the commit belongs to."""
    by_itself = path in {chosen.inventory, chosen.playbook} or variables_base(path) is not None
    return path if by_itself else _grouped(path, 2)


def _grouped(path: str, depth: int) -> str:
    """Name the role or, `depth` deep, the folder that a file belongs to.

    >>> _grouped("Ansible/roles/bdii/tasks/main.yml", 2), _grouped("Ansible/files/a/b", 2)
    ('Ansible/roles/bdii', 'Ansible/files')
    """
    pieces = path.split("/")
    if "roles" in pieces[:-1]:
        depth = pieces.index("roles") + 2
    return "/".join(pieces[:depth])


async def _write(tree: CommitTree, files: Mapping[str, Node], folder: Path) -> None:
    """Write files in batches, so that a big repository does not fill the memory."""
    if sum(node.size for node in files.values()) > LARGEST:
        raise CannotExport("the repository is too big")
    batch: dict[str, Node] = {}
    size = 0
    for path, node in files.items():
        batch[path] = node
        size += node.size
        if size > BATCH:
            await _write_batch(tree, batch, folder)
            batch, size = {}, 0
    await _write_batch(tree, batch, folder)


async def _write_batch(tree: CommitTree, batch: Mapping[str, Node], folder: Path) -> None:
    contents = await tree.contents(batch)
    executable = {path for path, node in batch.items() if node.kind is Kind.EXECUTABLE}
    await asyncio.to_thread(_write_files, folder, contents, executable)


def _write_files(
    folder: Path, contents: Mapping[str, bytes], executable: set[str] | frozenset[str] = frozenset()
) -> None:
    for path, content in contents.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:  # never through something that lies there
            file.write(content)
        place.chmod(0o755 if path in executable else 0o644)
