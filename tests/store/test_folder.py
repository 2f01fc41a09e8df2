"""The state folder: one process at a time, and none that is gone keeps it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.folder import lived_in

LIVES = """
import sys, time
from pathlib import Path
from aaroc_bot.store.folder import lived_in

with lived_in(Path(sys.argv[1])) as alone:
    print(alone, flush=True)
    time.sleep(600)
"""


def test_one_lives_there_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with lived_in(tmp_path) as first, lived_in(tmp_path) as second:
        assert (first, second) == (True, False)
        with lived_in(tmp_path / "other") as elsewhere:
            assert elsewhere
    with lived_in(tmp_path) as later:
        assert later


def test_who_was_killed_is_gone_from_there(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LIVES, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None and process.stdout.readline() == "True\n"
        with lived_in(tmp_path) as alone:
            assert not alone
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
    with lived_in(tmp_path) as alone:
        assert alone


def test_a_folder_that_cannot_be_used_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="the state folder"), lived_in(tmp_path / "missing"):
        pass
