"""Child processes: an environment built from nothing, bounded output, a certain end.

`run` is for short children (git, ansible-inventory). Everything that this module starts
carries a random mark in its environment, so that what outlives its parent can be found in
``/proc`` and ended, whichever session it moved to (`end_leftovers`).
"""

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

MARK = "AAROC_MARK"
"""The variable that carries the mark of everything started together."""

PROC = Path("/proc")
KEPT_ERRORS = 64 * 1024
PATIENCE = 10.0
"""Seconds after which what SIGKILL does not end (a process stuck in the kernel) is left."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a short child ended.

    `status` is its exit status, negative for a signal. `output` is whole unless `cut`: the
    child was ended because it wrote more than its limit. `errors` is the end of its
    standard error. `timed_out`: it was ended at its time limit.
    """

    status: int
    output: bytes
    errors: bytes
    timed_out: bool = False
    cut: bool = False

    @property
    def ok(self) -> bool:
        """Whether it came to its own end with status 0 and nothing of its output is missing."""
        return self.status == 0 and not self.timed_out and not self.cut


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Build an environment from nothing: this venv's programs first, then the system's.

    `home` should be a private folder. Nothing of the bot's own environment is passed on.
    """
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        **(more or {}),
    }


def new_mark() -> str:
    """Make a mark that nothing else has."""
    return secrets.token_hex(16)


async def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    time_limit: timedelta,
    limit_bytes: int,
    input: bytes | None = None,
) -> Finished:
    """Run a short child to its end; `env` is its whole environment (see `environment`).

    At the time limit, past `limit_bytes` of output and when cancelled, it is ended with
    all that it started. Raises OSError when it cannot be started.
    """
    mark = new_mark()
    child = await asyncio.create_subprocess_exec(
        *argv,
        env={**env, MARK: mark},
        cwd=cwd,
        stdin=asyncio.subprocess.PIPE if input is not None else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    output, errors = bytearray(), bytearray()
    timed_out = cut = False
    try:
        async with asyncio.timeout(time_limit.total_seconds()):
            _, cut, _, _ = await asyncio.gather(
                _feed(child.stdin, input),
                _take(child, output, limit_bytes),
                _keep_end(child.stderr, errors),
                child.wait(),
            )
    except TimeoutError:
        timed_out = True
    finally:
        if child.returncode is None or timed_out or cut:
            await asyncio.shield(_end(child, mark))
    status = child.returncode if child.returncode is not None else -signal.SIGKILL
    return Finished(status, bytes(output), bytes(errors), timed_out, cut)


async def _feed(stdin: asyncio.StreamWriter | None, data: bytes | None) -> None:
    if stdin is None or data is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stdin.write(data)
        await stdin.drain()
    stdin.close()


async def _take(child: asyncio.subprocess.Process, into: bytearray, limit: int) -> bool:
    """Take the output; True if there was more than `limit`, and then the child is killed."""
    stream, cut = child.stdout, False
    while stream is not None and (chunk := await stream.read(65536)):
        into += chunk
        if len(into) > limit:
            del into[limit:]
            cut = True
            _kill_group(child)  # and read on: asyncio sees no end before the pipe's
    return cut


async def _keep_end(stream: asyncio.StreamReader | None, into: bytearray) -> None:
    while stream is not None and (chunk := await stream.read(65536)):
        into += chunk
        del into[:-KEPT_ERRORS]


def _kill_group(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        if child.returncode is None:
            os.killpg(child.pid, signal.SIGKILL)


async def _end(child: asyncio.subprocess.Process, mark: str) -> None:
    _kill_group(child)
    await end_leftovers(mark)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(child.wait(), PATIENCE)


async def end_leftovers(mark: str) -> int:
    """Kill every process that carries `mark`, and what descends from one; give their count.

    It looks until none is left, so that one which forks meanwhile does not escape. One
    that SIGKILL cannot end (stuck in the kernel) is left after `PATIENCE`.
    """
    return await asyncio.to_thread(_end_marked, mark)


def _end_marked(mark: str) -> int:
    ended: set[int] = set()
    give_up = time.monotonic() + PATIENCE
    while (found := marked(mark)) and time.monotonic() < give_up:
        for pid in found:
            _kill(pid)
        ended |= found
        time.sleep(0.02)
    return len(ended)


def marked(mark: str) -> set[int]:
    """Find the living processes that carry `mark` or descend from one that does, never this one."""
    needle = f"{MARK}={mark}".encode()
    parents: dict[int, int] = {}
    carriers: set[int] = set()
    for folder in PROC.iterdir():
        if not folder.name.isdecimal():
            continue
        pid = int(folder.name)
        state, parent = _state_and_parent(pid)
        if state in {"", "Z", "X"}:
            continue
        parents[pid] = parent
        with contextlib.suppress(OSError):
            if needle in (folder / "environ").read_bytes().split(b"\0"):
                carriers.add(pid)
    found = {pid for pid in parents if _descends(pid, parents, carriers)}
    return found - {os.getpid()}


def _descends(pid: int, parents: Mapping[int, int], carriers: set[int]) -> bool:
    seen: set[int] = set()
    while pid in parents and pid not in seen:
        if pid in carriers:
            return True
        seen.add(pid)
        pid = parents[pid]
    return False


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _stat(pid: int) -> list[str]:
    """Give the fields of ``/proc/PID/stat`` from the state letter on; empty if it is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _state_and_parent(pid: int) -> tuple[str, int]:
    fields = _stat(pid)
    return (fields[0], int(fields[1])) if fields else ("", 0)


def start_time(pid: int) -> int:
    """Give when a process started, in the kernel's ticks since boot; 0 if it is gone.

    Together with the pid it names one process for good: pids are used again.
    """
    fields = _stat(pid)
    return int(fields[19]) if fields else 0
