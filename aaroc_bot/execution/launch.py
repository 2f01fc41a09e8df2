"""The bot's end of the supervisor: start it, let it go, stop it, and be sure of its end."""

import asyncio
import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aaroc_bot.process import end_leftovers

LAUNCHER = Path(__file__).parent / "inside/launcher.py"
NAMESPACE = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
GRACE = 3.0
"""Seconds that what is told to end has before it is killed."""
PATIENCE = 20.0
"""Seconds over which the supervisor may be late before it is killed itself."""


@dataclass(frozen=True, slots=True)
class Report:
    """How the supervisor says it ended: ``finished``, ``stopped``, ``timed out``, ``orphaned``,
    ``silent`` (no sign of life within the dead-man's limit), or ``died`` when it said nothing.
    """

    how: str
    status: int | None


@functools.cache
def namespace() -> tuple[str, ...]:
    """Give the prefix that starts a PID namespace; empty where the machine allows none.

    Tried once. A user namespace would allow it to anybody, but sudo and ssh refuse to work
    in one (files of root belong to nobody there).
    """
    try:
        tried = subprocess.run([*NAMESPACE, "true"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return NAMESPACE if tried.returncode == 0 else ()


class Launched:
    """A supervisor that waits for the word to start, or watches over what it started."""

    def __init__(self, child: asyncio.subprocess.Process, report: int, mark: str) -> None:
        """Keep the child, the reading end of its report, and the mark of all it starts.

        Raises OSError if it is gone already.
        """
        self._child = child
        self._process = os.pidfd_open(child.pid)
        self._report = report
        self._mark = mark

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def output(self) -> asyncio.StreamReader:
        """What the playbook prints."""
        assert self._child.stdout is not None
        return self._child.stdout

    def tell(self, word: str) -> None:
        """Say ``g`` (go), ``s`` (stop), or a moment at which there was a sign of life."""
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._child.stdin.write(f"{word}\n".encode())

    async def ended(self, time_limit: timedelta, stop: asyncio.Event) -> Report:
        """Wait for its end; it is told to stop when `stop` is set, and killed when it is late."""
        end = asyncio.create_task(self._exit())
        stopped = asyncio.create_task(stop.wait())
        late = GRACE + PATIENCE
        try:
            limit = time_limit.total_seconds() + late
            await asyncio.wait({end, stopped}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if not end.done() and stop.is_set():
                self.tell("s")
                await asyncio.wait({end}, timeout=late)
        finally:
            stopped.cancel()
            end.cancel()
        await asyncio.shield(self.kill())
        return self._read()

    async def _exit(self) -> None:
        """Wait for its exit; asyncio's own `wait` also waits for all who hold its pipes."""
        loop, gone = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._process, gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(self._process)

    async def kill(self) -> None:
        """End it and everything that bears its mark, at once. Harmless after the end."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
        await end_leftovers(self._mark)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._child.wait(), PATIENCE)

    def _read(self) -> Report:
        try:
            said = json.loads(os.read(self._report, 4096))
            return Report(said["how"], said["status"])
        except (OSError, ValueError):
            return Report("died", None)

    def close(self) -> None:
        """Give back what is open."""
        os.close(self._process)
        os.close(self._report)


async def launch(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    time_limit: timedelta,
    silence: timedelta | None,
    mark: str,
) -> Launched:
    """Start a supervisor that waits with `command` for the word. Raises OSError.

    It is forked from the event loop's thread: a parent-death signal fires when the thread
    that forked ends.
    """
    prefix = await asyncio.to_thread(namespace)
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    try:
        child = await asyncio.create_subprocess_exec(
            *prefix,
            *(sys.executable, "-I", "-S", str(LAUNCHER)),
            *(str(writing), str(time_limit.total_seconds()), str(GRACE)),
            str(silence.total_seconds() if silence else 0),
            *command,
            env=env,
            cwd=cwd,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=(writing,),
            start_new_session=True,
        )
        return Launched(child, reading, mark)
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
