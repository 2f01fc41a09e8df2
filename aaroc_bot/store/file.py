"""The SQLite file: made for this user alone, and known again for as long as it is open.

A process goes on writing into a file that was removed or replaced, and all of that is gone
when the process ends. So whoever opened it asks, before each transaction, whether the path
still leads to it.
"""

import os
from contextlib import suppress
from pathlib import Path

from aaroc_bot.core.ports import Unavailable


class OneFile:
    """The file that stood at a path when it was first asked for."""

    def __init__(self, path: Path) -> None:
        """Look at nothing yet."""
        self._path = path
        self._known: tuple[int, int] | None = None

    def still_there(self) -> None:
        """Raise `Unavailable` if the path leads nowhere or to another file by now."""
        try:
            found = self._path.stat()
        except OSError as problem:
            raise Unavailable("the database") from problem
        now = (found.st_dev, found.st_ino)
        self._known = self._known or now
        if now != self._known:
            raise Unavailable("the database")


def create_file(path: Path) -> None:
    """Create the SQLite file and its folder if they are missing, for this user alone.

    SQLite gives its journals the mode of the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Never open the file where it is there: closing it would drop this process's SQLite locks.
    if path.exists():
        path.chmod(0o600)
        return
    with suppress(FileExistsError):  # another process was faster, and no less careful
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
