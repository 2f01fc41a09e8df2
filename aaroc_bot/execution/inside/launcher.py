"""The supervisor around one playbook. Standard library only, started as a program.

Arguments: a file descriptor for the report, the time limit and the grace in seconds, then
the command. It waits for a byte on its standard input: ``g`` starts the command; ``s``, a
SIGTERM, the time limit, or the end of the input (the bot is gone) end it and everything
that descends from it, whichever session it moved to. For that it is the subreaper of all
orphans; where it is the first process of a PID namespace, killing it ends them too.
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

PR_SET_CHILD_SUBREAPER = 36
LOOK = 0.02
"""Seconds between two looks for descendants while they are being ended."""
PATIENCE = 10.0
"""Seconds after which a process that SIGKILL does not end is left to the kernel."""


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


def watch(command: list[str], limit: float, bell: int) -> tuple[str, int | None]:
    """Run the command until it ends or has to be ended: how, and its exit status."""
    until = time.monotonic() + limit
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    while True:
        dead = reap()
        if child.pid in dead:
            return "finished", dead[child.pid]
        left = until - time.monotonic()
        if left <= 0:
            return "timed out", None
        ready, _, _ = select.select([0, bell], [], [], left)
        if bell in ready and signal.SIGTERM in os.read(bell, 64):
            return "stopped", None
        if 0 in ready:
            said = os.read(0, 1)
            if said != b"g":
                return ("stopped" if said else "orphaned"), None


def main() -> None:
    """Wait for the word to start, watch, end what is left, report."""
    report, limit, grace, command = int(sys.argv[1]), *map(float, sys.argv[2:4]), sys.argv[4:]
    os.set_inheritable(report, False)
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    bell, ring = os.pipe()
    os.set_blocking(ring, False)
    signal.set_wakeup_fd(ring)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    ready, _, _ = select.select([0, bell], [], [])
    how, status = "stopped", None
    if 0 in ready and os.read(0, 1) == b"g":
        how, status = watch(command, limit, bell)
        end_all(0.0 if how == "finished" else grace)
    with contextlib.suppress(OSError):
        os.write(report, json.dumps({"how": how, "status": status}).encode())


if __name__ == "__main__":
    main()
