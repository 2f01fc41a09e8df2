"""The state folder: one bot or worker at a time lives in it.

What it writes there is of one process: its mirror, its exports, the logs of its runs.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aaroc_bot.core.ports import Unavailable


@contextmanager
def lived_in(folder: Path) -> Iterator[bool]:
    """Live in a folder that is there; False if another process does.

    The system lets go of it when the process ends, however it ends. Raises `Unavailable`.
    """
    try:
        file = os.open(folder / ".in-use", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise Unavailable("the state folder") from problem
    try:
        yield _locked(file)
    finally:
        os.close(file)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as problem:  # a file system without locks: who else is there nobody can tell
        raise Unavailable("the state folder") from problem
    return True
