"""Trees of the bare repository: listed, and written from what a call sent."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aaroc_bot.sandbox.github.bare import Bare
from aaroc_bot.sandbox.github.problem import Problem

MODES = {"100644": "blob", "100755": "blob", "120000": "blob", "040000": "tree", "160000": "commit"}
REMOVED = "0" * 40


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a tree; `size` is None for what is no blob."""

    path: str
    mode: str
    kind: str
    sha: str
    size: int | None


async def read_tree(bare: Bare, sha: str, *, recursive: bool) -> list[Entry]:
    """List a tree, with `recursive` all that is below it too."""
    below = ("-r", "-t") if recursive else ()
    text = await bare.git("ls-tree", "-z", "-l", *below, sha) or ""
    found = []
    for record in text.split("\0")[:-1]:
        told, _, path = record.partition("\t")
        mode, kind, oid, size = told.split()
        found.append(Entry(path, mode, kind, oid, int(size) if size.isdecimal() else None))
    return found


async def write_tree(bare: Bare, base: str | None, rows: Sequence[Any]) -> str:
    """Write a tree of these entries over `base`. Raises `Problem` for what is no good entry."""
    entries = [await _entry(bare, row) for row in rows]
    with tempfile.TemporaryDirectory(prefix="index-", dir=bare.path) as folder:
        env = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        if base is not None and await bare.ask("read-tree", base, env=env) is None:
            raise Problem(422, "base_tree is not a valid tree oid")
        there = await _listed(bare, env)
        if not {one.path for one in entries if one.sha == REMOVED} <= set(there):
            raise Problem(422, "GitRPC::BadObjectState")
        lines = [line for one in entries for line in await _lines(bare, one, there)]
        data = "".join(lines).encode(errors="surrogateescape")
        said = await bare.ask("update-index", "-z", "--index-info", input=data, env=env)
        sha = await bare.ask("write-tree", env=env) if said is not None else None
        if sha is None:
            raise Problem(422, "GitRPC::BadObjectState")
        return sha.decode().strip()


async def _listed(bare: Bare, env: dict[str, str]) -> list[str]:
    listed = await bare.ask("ls-files", "-z", env=env) or b""
    return listed.decode(errors="surrogateescape").split("\0")[:-1]


async def _lines(bare: Bare, entry: Entry, there: list[str]) -> list[str]:
    """Write an entry as git's index reads it; a tree takes the place of what is below its path."""
    if entry.kind != "tree":
        mode = "0" if entry.sha == REMOVED else entry.mode
        return [f"{mode} {entry.sha}\t{entry.path}\0"]
    gone = [each for each in there if each.startswith(f"{entry.path}/")]
    brought = await read_tree(bare, entry.sha, recursive=True)
    return [
        *(f"0 {REMOVED}\t{each}\0" for each in gone),
        *(
            f"{one.mode} {one.sha}\t{entry.path}/{one.path}\0"
            for one in brought
            if one.kind != "tree"
        ),
    ]


async def _entry(bare: Bare, row: Any) -> Entry:
    if not isinstance(row, dict):
        raise Problem(422, "Invalid tree info")
    path, mode, sha, content = (row.get(name) for name in ("path", "mode", "sha", "content"))
    if not isinstance(path, str) or not _well_formed(path):
        raise Problem(422, "tree.path contains a malformed path component")
    if mode not in MODES:
        raise Problem(422, f"Must supply a valid tree.mode: {', '.join(MODES)}")
    kind = MODES[mode]
    if row.get("type", kind) != kind:
        raise Problem(422, f"tree.mode {mode} does not fit its tree.type")
    if "content" in row and "sha" in row:
        raise Problem(422, "Must supply either tree.sha or tree.content, not both")
    if isinstance(content, str):
        made = await bare.must("hash-object", "-w", "--stdin", input=content.encode())
        return Entry(path, mode, "blob", made, None)
    if "sha" in row and sha is None:
        return Entry(path, mode, "blob", REMOVED, None)
    if not isinstance(sha, str) or (kind != "commit" and await bare.object(sha, kind) != sha):
        raise Problem(422, f"tree.sha {sha} is not a valid {kind}")
    return Entry(path, mode, kind, sha, None)


def _well_formed(path: str) -> bool:
    """Whether git would take a path; what a checkout could be led astray by is not."""
    parts = path.split("/")
    hostile = any(part in {"", ".", ".."} or part.casefold() == ".git" for part in parts)
    return not hostile and "\0" not in path and len(path.encode(errors="replace")) < 4096
