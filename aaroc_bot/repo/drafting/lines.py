"""Which lines of a file change, as the list of files shows it."""

from collections import Counter

from aaroc_bot.core.changes import FileChange


def file_change(path: str, before: bytes | None, after: bytes | None) -> FileChange:
    r"""Say how a file changes; None is a file that is not there.

    >>> file_change("a", b"1\n2\n3\n", b"1\nx\n3\n")
    FileChange(path='a', line=2, lines=1, gone=False, new=False)
    """
    old, new = (before or b"").splitlines(), (after or b"").splitlines()
    if before is None or after is None:
        lines = max(len(old), len(new))
        return FileChange(shown(path), None, lines, gone=after is None, new=before is None)
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    if not old and not new:  # the end of a line alone, or how lines end
        return FileChange(shown(path), start or None, 1 if before != after else 0)
    return FileChange(shown(path), start + 1, _changed(old, new))


def _common(one: list[bytes], other: list[bytes]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _changed(old: list[bytes], new: list[bytes]) -> int:
    """Count lines that come or go; where lines only change places, the whole stretch."""
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    return max(gone.total(), come.total()) or len(new)


def shown(path: str) -> str:
    r"""Write a path so that it can be shown: git's names are bytes, and anybody's.

    >>> shown("a b"), shown("a\x1bb")
    ('a b', 'a\\x1bb')
    """
    return path if path.isprintable() else path.encode("unicode_escape").decode()
