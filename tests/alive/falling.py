"""`aaroc-bot run` as it is, but at one point its power fails (SIGKILL).

The point stands in AAROC_TEST_FALL: ``before`` or ``after``, a module and what is called in
it: ``after aaroc_bot.store.intake:Intake.take_in``. The first call counts.
"""

import functools
import importlib
import os
import signal
import sys
from typing import Any

from aaroc_bot.cli import main


def fall_at(point: str) -> None:
    """Have the process end at a call, before it does anything or once it is done."""
    when, _, where = point.partition(" ")
    module, _, path = where.partition(":")
    owner: Any = importlib.import_module(module)
    *owners, name = path.split(".")
    for each in owners:
        owner = getattr(owner, each)
    call = getattr(owner, name)

    @functools.wraps(call)
    async def falling(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            await call(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, falling)


if __name__ == "__main__":
    if point := os.environ.get("AAROC_TEST_FALL"):
        fall_at(point)
    sys.exit(main(["run"]))
