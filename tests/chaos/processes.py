"""Bots and workers as processes of their own, which are killed, frozen and started again.

They are forked from a process that has imported everything already: starting one costs a
fraction of what `aaroc-bot run` does from a shell, so more of them can be killed in the same
time. From there on each is what the command line runs.
"""

import asyncio
import ctypes
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from tests.chaos.history import Blow

PRELOADED = [
    "pytest",
    "tests.alive.falling",
    "aaroc_bot.app",
    "aaroc_bot.platforms",
    "aaroc_bot.chat.slack",
    "aaroc_bot.chat.telegram",
    "aaroc_bot.web.server",
    "aaroc_bot.web.hooks",
]
PR_SET_PDEATHSIG = 1
PATIENCE = 60.0
"""Seconds in which a process that is told to end must have ended."""

context = get_context("forkserver")
context.set_forkserver_preload(PRELOADED)


def live(arguments: Sequence[str], environment: Mapping[str, str], log: str, fall: str) -> None:
    """Be `aaroc-bot` with these arguments. Runs in the process that was forked."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # nothing outlives the tests
    os.environ.clear()
    os.environ.update(environment)
    with Path(log).open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    from aaroc_bot.cli import main
    from tests.alive.falling import fall_at

    _without_limits()
    if fall:
        fall_at(fall)
    logging.captureWarnings(True)
    sys.exit(main(list(arguments)))


def _without_limits() -> None:
    """Let messages go as fast as the emulators take them, which count no limits here.

    With the platforms' limits the cards of two hundred runs take half an hour; that the
    limits are kept is tested elsewhere.
    """
    from aaroc_bot.chat.pace import Pace
    from aaroc_bot.chat.telegram_pace import TelegramPace

    def at_once(self: Pace) -> float:
        return 0.0

    limitless: Any = TelegramPace
    windows = limitless._of

    def unlimited(self: TelegramPace, chat: int) -> Any:
        limits = windows(self, chat)
        limits.windows = {sort: [] for sort in limits.windows}
        self._all.most = 1_000_000
        return limits

    Pace.take = at_once  # type: ignore[method-assign]
    limitless._of = unlimited


@dataclass
class Member:
    """One bot or worker, by its name. `fallen` counts how often it was killed."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: ForkServerProcess | None = None
    fallen: int = 0
    ends: list[int] = field(default_factory=list)
    """Exit statuses of those that ended by themselves since one was killed: none should."""
    blows: list[Blow] = field(default_factory=list)

    @property
    def worker(self) -> bool:
        """Whether it is a worker."""
        return self.arguments[0] == "worker"

    @property
    def alive(self) -> bool:
        """Whether it lives, frozen or not."""
        return self.process is not None and self.process.is_alive()

    def start(self, fall: str = "") -> None:
        """Start it; `fall` is where its power fails (`tests.alive.falling`)."""
        assert not self.alive
        self.process = context.Process(
            target=live,
            args=(tuple(self.arguments), dict(self.environment), str(self.log), fall),
            daemon=True,
        )
        self.process.start()

    def kill(self) -> None:
        """End it as a power failure does."""
        if self.process is not None and self.process.is_alive():
            self.process.kill()

    def freeze(self) -> None:
        """Stop it where it is."""
        self._strike()
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _strike(self) -> None:
        self.blows.append(Blow(self.name, datetime.now(UTC)))

    def _signal(self, number: int) -> None:
        if self.process is not None and self.process.pid and self.process.is_alive():
            os.kill(self.process.pid, number)

    def buried(self) -> bool:
        """Note it if it is dead since it was started; whether it is."""
        if self.process is None or self.process.is_alive():
            return False
        if self.process.exitcode == -signal.SIGKILL:
            self.fallen += 1
            self.ends.clear()
        else:
            self.ends.append(self.process.exitcode or 0)
            self._strike()
        self.process.close()
        self.process = None
        return True

    async def stop(self) -> None:
        """End it in order."""
        if self.process is None:
            return
        self.thaw()
        self.process.terminate()
        await until(lambda: not self.alive, PATIENCE)

    @property
    def said(self) -> str:
        """What stands in its log."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""


async def until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until a condition holds; TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (a process tells nobody of its end)
            await asyncio.sleep(0.05)
