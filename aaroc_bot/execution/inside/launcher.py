"""The supervisor around one playbook. Standard library only, started as a program.

Arguments: a file descriptor for the report, the time limit, the grace and the dead-man's
limit in seconds (0: none), then the command. It reads lines from its standard input: ``g``
starts the command; ``s``, a SIGTERM, the time limit, or the end of the input (the bot is
gone) end it and everything that descends from it, whichever session it moved to. For that
it is the subreaper of all orphans; where it is the first process of a PID namespace,
killing it ends them too.

Any other line is a moment at which the bot gave a sign of life. The last such moment, not
the line's arrival, is what the dead-man's limit counts from: a bot that froze between its
sign and its line gains nothing by it. The clock is the one that goes on while the machine
sleeps.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LOOK = 0.02
"""Seconds between two looks for descendants while they are being ended."""
PATIENCE = 10.0
"""Seconds after which a process that SIGKILL does not end is left to the kernel."""
BEAT = 0.5
"""Seconds between two looks at the clock where there is a dead-man's limit."""


def moment() -> float:
    """Give seconds since the machine started, those that it slept included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Ears:
    """Hears what the bot says, and how long it has been silent."""

    def __init__(self, silence: float) -> None:
        """Take the dead-man's limit in seconds; 0: none."""
        self.silence = silence
        self._last = moment()
        self._rest = b""

    def listen(self) -> str:
        """Read what there is to read; ``go``, or how it ends, or nothing."""
        said = os.read(0, 4096)
        if not said:
            return "orphaned"
        *lines, self._rest = (self._rest + said).split(b"\n")
        if b"s" in lines:
            return "stopped"
        for line in lines:
            if line != b"g":
                self._last = float(line)
        return "go" if b"g" in lines else ""

    def is_silent(self) -> bool:
        """Whether the last sign of life is too long ago."""
        return self.silence > 0 and moment() - self._last >= self.silence


def descendants() -> list[int]:
    """Find the living processes below this one; dead ones not yet reaped do not count."""
    parents: dict[int, int] = {}
    alive: set[int] = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(folder.name)
        parents[pid] = int(fields[1])
        if fields[0] not in "ZX":
            alive.add(pid)
    return [pid for pid in alive if below_me(pid, parents)]


def below_me(pid: int, parents: dict[int, int]) -> bool:
    """Follow the parents upwards."""
    me = os.getpid()
    while pid in parents:
        pid = parents[pid]
        if pid == me:
            return True
    return False


def reap() -> dict[int, int]:
    """Collect the dead: pid to exit status (negative for a signal)."""
    dead: dict[int, int] = {}
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            dead[pid] = os.waitstatus_to_exitcode(status)
    return dead


def send(number: int) -> bool:
    """Send a signal to every descendant; False if there is none."""
    found = descendants()
    for pid in found:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
    return bool(found)


def end_all(grace: float) -> None:
    """Ask every descendant to end, and kill until none is left."""
    asked = time.monotonic()
    if not send(signal.SIGTERM):
        return
    while time.monotonic() - asked < grace:
        reap()
        if not descendants():
            return
        time.sleep(LOOK)
    while send(signal.SIGKILL) and time.monotonic() - asked < grace + PATIENCE:
        reap()
        time.sleep(LOOK)


def die_with_me() -> None:
    """Have the child killed when this process is: nobody would end it at its time then."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def watch(command: list[str], limit: float, bell: int, ears: Ears) -> tuple[str, int | None]:
    """Run the command until it ends or has to be ended: how, and its exit status."""
    until = time.monotonic() + limit
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_me,  # noqa: PLW1509 - there is one thread here
    )
    while True:
        dead = reap()
        if child.pid in dead:
            return "finished", dead[child.pid]
        left = until - time.monotonic()
        if left <= 0:
            return "timed out", None
        if ears.is_silent():
            return "silent", None
        ready, _, _ = select.select([0, bell], [], [], min(left, BEAT) if ears.silence else left)
        if bell in ready and signal.SIGTERM in os.read(bell, 64):
            return "stopped", None
        if 0 in ready and (said := ears.listen()) not in {"go", ""}:
            return said, None


def wait(bell: int, ears: Ears) -> str:
    """Wait for the word to start: ``go``, or how it ends without having started."""
    while True:
        ready, _, _ = select.select([0, bell], [], [])
        if bell in ready and signal.SIGTERM in os.read(bell, 64):
            return "stopped"
        if 0 in ready and (said := ears.listen()):
            return said


def main() -> None:
    """Wait for the word to start, watch, end what is left, report."""
    report, (limit, grace, silence) = int(sys.argv[1]), map(float, sys.argv[2:5])
    ears = Ears(silence)
    os.set_inheritable(report, False)
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    bell, ring = os.pipe()
    os.set_blocking(ring, False)
    signal.set_wakeup_fd(ring)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    how, status = wait(bell, ears), None
    if how == "go":
        how, status = (
            ("silent", None) if ears.is_silent() else watch(sys.argv[5:], limit, bell, ears)
        )
        end_all(0.0 if how == "finished" else grace)
    with contextlib.suppress(OSError):
        os.write(report, json.dumps({"how": how, "status": status}).encode())


if __name__ == "__main__":
    main()
