"""Roles that are submodules: fetched at their recorded commit, from hosts the operator allows.

A bare fetch; nothing of theirs is executed. What cannot be had is missing, and named.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.repo.git import Git, GitFault
from aaroc_bot.repo.mirror import CommitTree, Mirror
from aaroc_bot.repo.tree import Kind, Tree

log = logging.getLogger(__name__)


class Roles:
    """Role submodules of the repository, in bare caches under the state folder."""

    def __init__(self, mirror: Mirror, state: Path, hosts: Iterable[str]) -> None:
        """Allow `hosts` (names, `AAROC_ANSIBLE__ROLE_HOSTS`); none of them means no fetch."""
        self._mirror = mirror
        self._state = state
        self._hosts = frozenset(host.casefold() for host in hosts)

    async def urls(self, sha: str) -> Mapping[str, str]:
        """Give the address that `.gitmodules` of a commit has for each path."""
        try:
            output = await self._mirror.git(
                "config", "--blob", f"{sha}:.gitmodules", "--no-includes", "-z", "--list"
            )
        except GitFault:
            return {}
        modules: dict[str, dict[str, str]] = {}
        for line in output.decode(errors="replace").split("\0"):
            name, _, value = line.partition("\n")
            parts = name.split(".")
            if len(parts) >= 3 and parts[0] == "submodule":
                modules.setdefault(".".join(parts[1:-1]), {})[parts[-1]] = value
        return {one["path"]: one["url"] for one in modules.values() if {"path", "url"} <= set(one)}

    def allowed(self, url: str) -> bool:
        """Whether an address is https, on an allowed host, and names nobody's credentials."""
        try:
            split = urlsplit(url)
            return (
                split.scheme == "https"
                and (split.hostname or "").casefold() in self._hosts
                and split.username is None
                and split.port in {None, 443}
            )
        except ValueError:
            return False

    async def tree(self, tree: Tree, path: str, urls: Mapping[str, str]) -> CommitTree | None:
        """Give the tree of the submodule at `path`, None if it cannot be had."""
        node = tree.nodes.get(path)
        url = urls.get(path, "")
        if node is None or node.kind is not Kind.MODULE or not self.allowed(url):
            return None
        name = hashlib.sha256(url.encode()).hexdigest()[:32]
        git = Git(self._state / f"{name}.git", self._state / "git-home")
        try:
            await git.ensure()
            return await commit_of(git, url, node.id, strict=True)
        except (GitFault, Unavailable, OSError) as problem:
            log.warning("The role %s cannot be fetched: %s", path, problem)
            return None


async def commit_of(git: Git, url: str, sha: str, *, strict: bool) -> CommitTree:
    """Give a commit's tree from a cache, fetched if it is not there. Raises `GitFault`."""
    try:
        await git("cat-file", "-e", f"{sha}^{{commit}}")
    except GitFault:
        await git(
            "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules",
            "--no-write-fetch-head", "--", url, f"+{sha}:refs/aaroc/{sha}", strict=strict,
        )  # fmt: skip
    return await CommitTree.listed(git, sha)
