"""The tree of a pull request: what the mirror has of it is read there, the rest from GitHub."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.repo.drafting.overlay import blob_id
from aaroc_bot.repo.git import Git
from aaroc_bot.repo.mirror import CommitTree
from aaroc_bot.repo.tree import Node, readable

AT_ONCE = 4
"""Files that are fetched at the same time."""

Fetch = Callable[[str], Awaitable[bytes]]
"""Gives the content of a blob by git's name for it."""


class RemoteTree:
    """A tree whose listing came from GitHub. Each content is fetched once."""

    def __init__(self, nodes: Mapping[str, Node], git: Git, fetch: Fetch) -> None:
        """Read what `git` has there, anything else by `fetch`."""
        self.nodes = nodes
        self._git = git
        self._fetch = fetch
        self._fetched: dict[str, bytes] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Read files. Raises `Unavailable`, also for content that is not what it is called."""
        wanted = {path: self.nodes[path] for path in paths if readable(self.nodes.get(path))}
        here = await self._here({node.id for node in wanted.values()} - self._fetched.keys())
        mirrored = {path: node for path, node in wanted.items() if node.id in here}
        found = dict(await CommitTree(self._git, "", self.nodes).contents(mirrored))
        missing = {node.id for path, node in wanted.items() if path not in found}
        await asyncio.gather(*map(self._get, sorted(missing - self._fetched.keys())))
        elsewhere = wanted.keys() - found.keys()
        return found | {path: self._fetched[wanted[path].id] for path in sorted(elsewhere)}

    async def _here(self, ids: set[str]) -> set[str]:
        """Give those of the blobs that the mirror has."""
        if not ids:
            return set()
        asked = "".join(f"{id}\n" for id in sorted(ids)).encode()
        output = await self._git(
            "cat-file", "--batch-check=%(objectname) %(objecttype)", input=asked
        )
        words = [line.split() for line in output.decode().splitlines()]
        return {word[0] for word in words if word[1:] == ["blob"]}

    async def _get(self, id: str) -> None:
        async with self._turn:
            content = await self._fetch(id)
        if blob_id(content, len(id)) != id:
            raise Unavailable("GitHub")
        self._fetched[id] = content
