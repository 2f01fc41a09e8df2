"""What lies between two commits, file by file, as GitHub tells it."""

from dataclasses import dataclass

from aaroc_bot.sandbox.github.bare import Bare

WORDS = {
    "A": "added",
    "D": "removed",
    "M": "modified",
    "R": "renamed",
    "C": "copied",
    "T": "changed",
}
LARGEST_PATCH = 1024 * 1024
"""Characters; a longer patch is left out, as GitHub leaves out large ones."""


@dataclass(frozen=True, slots=True)
class File:
    """What became of a file; `before` is its earlier path, `patch` None where none is shown."""

    path: str
    status: str
    blob: str | None
    additions: int
    deletions: int
    patch: str | None
    before: str | None = None


async def files(bare: Bare, old: str, new: str) -> list[File]:
    """Give the files that differ between two commits (or trees), by path."""
    told = await bare.git("diff", "--raw", "--numstat", "-z", "--abbrev=40", "-M", old, new, "--")
    text = await bare.git("diff", "--no-color", "-M", old, new, "--")
    if not told or text is None:
        return []
    fields = told.split("\0")[:-1]
    raw, at = _raw(fields)
    counts = _counts(fields[at:], len(raw))
    return [
        File(path, status, blob, *count, patch=patch, before=before)
        for (path, status, blob, before), count, patch in zip(
            raw, counts, _patches(text, [row[1] for row in raw]), strict=True
        )
    ]


def _raw(fields: list[str]) -> tuple[list[tuple[str, str, str | None, str | None]], int]:
    """Read what ``--raw -z`` wrote: path, status, blob, earlier path; and where it ends."""
    found: list[tuple[str, str, str | None, str | None]] = []
    at = 0
    while at < len(fields) and fields[at].startswith(":"):
        _, _, old, new, letter = fields[at].split(" ")
        status = WORDS.get(letter[0], "changed")
        moved = letter[0] in "RC"
        before = fields[at + 1] if moved else None
        found.append((fields[at + 1 + moved], status, old if letter == "D" else new, before))
        at += 2 + moved
    return found, at


def _counts(fields: list[str], number: int) -> list[tuple[int, int]]:
    """Read what ``--numstat -z`` wrote: lines added and deleted; 0 for what is no text."""
    found, at = [], 0
    for _ in range(number):
        added, deleted, path = fields[at].split("\t", 2)
        found.append(tuple(int(n) if n.isdecimal() else 0 for n in (added, deleted)))
        at += 1 if path else 3
    return [(one, other) for one, other in found]


def _patches(text: str, statuses: list[str]) -> list[str | None]:
    """Take the text apart by file; one whose kind changed has two parts."""
    parts = text.split("\ndiff --git ")
    found: list[str | None] = []
    for status in statuses:
        part = parts.pop(0)
        if status == "changed" and parts:
            parts.pop(0)
        at = part.find("\n@@ ")
        patch = part[at + 1 :].rstrip("\n") if at >= 0 else None
        found.append(patch if patch is None or len(patch) <= LARGEST_PATCH else None)
    return found
