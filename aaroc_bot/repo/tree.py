"""A tree of files to be read as data: a commit's, or a folder's as it lies there.

Nothing is ever followed: a symbolic link is a node that says so.
"""

import asyncio
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

BIGGEST = 1_000_000
"""Bytes of a file that is read as a description; a bigger one is a finding."""


class Kind(Enum):
    """What a node is. Only files and executables have content of their own."""

    FILE = "100644"
    EXECUTABLE = "100755"
    LINK = "120000"
    MODULE = "160000"


@dataclass(frozen=True, slots=True)
class Node:
    """One path of a tree; `id` is git's for its content (empty in a folder)."""

    kind: Kind
    id: str
    size: int

    @property
    def plain(self) -> bool:
        """Whether it is a file with content of its own."""
        return self.kind in {Kind.FILE, Kind.EXECUTABLE}


class Tree(Protocol):
    """Paths with ``/``, relative to the root, and what is there."""

    @property
    def nodes(self) -> Mapping[str, Node]:
        """Give every path that is not a folder."""
        ...

    async def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Give the content of plain files; those that are none or are too big are left out."""
        ...


@dataclass(frozen=True, slots=True)
class FolderTree:
    """A folder as it lies there (git's own folder left out)."""

    root: Path
    nodes: Mapping[str, Node]

    @classmethod
    async def of(cls, root: Path) -> "FolderTree":
        """List a folder, in a thread. Raises `OSError` if it cannot be read."""
        return cls(root, await asyncio.to_thread(_walk, root))

    async def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Read files without following a link at their end."""
        wanted = [path for path in paths if readable(self.nodes.get(path))]
        return await asyncio.to_thread(lambda: {path: _read(self.root / path) for path in wanted})


def readable(node: Node | None) -> bool:
    """Whether a node is a plain file of a size that is read."""
    return node is not None and node.plain and node.size <= BIGGEST


def _walk(root: Path) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    next(root.iterdir(), None)  # os.walk would be silent about a root that cannot be read
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if name != ".git"]
        for name in [*names, *files]:
            path = Path(folder, name)
            status = path.lstat()
            relative = path.relative_to(root).as_posix()
            if stat.S_ISLNK(status.st_mode):
                nodes[relative] = Node(Kind.LINK, "", status.st_size)
            elif stat.S_ISREG(status.st_mode):
                kind = Kind.EXECUTABLE if status.st_mode & stat.S_IXUSR else Kind.FILE
                nodes[relative] = Node(kind, "", status.st_size)
    return nodes


def _read(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(BIGGEST)
