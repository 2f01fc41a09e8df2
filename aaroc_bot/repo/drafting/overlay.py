"""A tree that is another one with some files replaced: what the repository would be."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aaroc_bot.repo.tree import Kind, Node, Tree, readable

Contents = Mapping[str, bytes | None]
"""Files by path; None: the file goes."""


@dataclass(frozen=True, slots=True)
class OverlayTree:
    """`under` with `contents` in the place of its own."""

    under: Tree
    contents: Contents
    nodes: Mapping[str, Node]

    @classmethod
    def of(cls, under: Tree, contents: Contents) -> "OverlayTree":
        """Lay files over a tree; one that is executable stays so."""
        nodes = {path: node for path, node in under.nodes.items() if path not in contents}
        for path, content in contents.items():
            if content is not None:
                there = under.nodes.get(path)
                kind = there.kind if there is not None and there.plain else Kind.FILE
                nodes[path] = Node(kind, blob_id(content), len(content))
        return cls(under, contents, nodes)

    async def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Read files, those laid over the tree first."""
        wanted = list(paths)
        own = {path: content for path in wanted if (content := self.contents.get(path)) is not None}
        found = {path: content for path, content in own.items() if readable(self.nodes[path])}
        rest = await self.under.read(path for path in wanted if path not in self.contents)
        return {**found, **rest}


def blob_id(content: bytes, length: int = 40) -> str:
    """Give git's name for a content, in its older or newer kind of hash by the name's length.

    >>> blob_id(b"")
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    kind = "sha256" if length == 64 else "sha1"
    return hashlib.new(
        kind, b"blob %d\0" % len(content) + content, usedforsecurity=False
    ).hexdigest()
