"""What the default branch would be with a pull request merged: three trees made into one."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.repo.drafting import RemoteTree
from aaroc_bot.repo.drafting.overlay import blob_id
from aaroc_bot.repo.git import Git
from aaroc_bot.repo.mirror import CommitTree
from aaroc_bot.repo.tree import Kind, Node

MOST = 50
"""Files that both sides changed: with more, nothing is put together."""

Nodes = Mapping[str, Node]
Fetch = Callable[[str], Awaitable[bytes]]


async def together(
    base: CommitTree, now: CommitTree, head: RemoteTree, git: Git, fetch: Fetch
) -> RemoteTree | None:
    """Give the tree of `now` with what `head` changed since `base`; None if they conflict.

    `fetch` gives the blobs of `head`. Files that both changed are merged by lines, as git does.
    """
    paths = base.nodes.keys() | now.nodes.keys() | head.nodes.keys()
    nodes: dict[str, Node | None] = {}
    both: list[str] = []
    for path in paths:
        before, ours, theirs = (_what(tree.nodes.get(path)) for tree in (base, now, head))
        if theirs in {before, ours}:
            nodes[path] = now.nodes.get(path)
        elif before == ours:
            nodes[path] = head.nodes.get(path)
        else:
            both.append(path)
    if len(both) > MOST:
        return None
    made: dict[str, bytes] = {}
    for path in both:
        content = await _merged(path, (base, now, head), git)
        if content is None:
            return None
        id = blob_id(content, len(now.nodes[path].id))
        made[id] = content
        nodes[path] = replace(now.nodes[path], id=id, size=len(content))

    async def either(id: str) -> bytes:
        return made[id] if id in made else await fetch(id)

    return RemoteTree({path: node for path, node in nodes.items() if node}, git, either)


def _what(node: Node | None) -> tuple[Kind, str] | None:
    return (node.kind, node.id) if node else None


async def _merged(
    path: str, trees: tuple[CommitTree, CommitTree, RemoteTree], git: Git
) -> bytes | None:
    """Merge what two made of a file; None if they conflict, or it is no file in all of them."""
    found = [node for tree in trees if (node := tree.nodes.get(path)) is not None]
    if len(found) < len(trees) or len({node.kind for node in found}) > 1 or not found[0].plain:
        return None
    read = [(await tree.read([path])).get(path) for tree in trees]
    contents = [content for content in read if content is not None]
    if len(contents) < len(trees):
        return None
    with tempfile.TemporaryDirectory() as folder:
        names = [Path(folder) / name for name in ("base", "now", "head")]
        for name, content in zip(names, contents, strict=True):
            await asyncio.to_thread(name.write_bytes, content)
        before, ours, theirs = map(str, names)
        try:
            return await git("merge-file", "-p", "--", ours, before, theirs)
        except Unavailable:
            return None
