"""The file that says whose sandbox a state folder is, and where its GitHub listens.

It is looked at by every bot, the real ones too, so nothing of the sandbox is imported here.
"""

import contextlib
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

MARKER = "sandbox.json"
"""The file that says a state folder is a sandbox's, and so may be wiped."""

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Marker:
    """A sandbox: its bot's token, its GitHub's port, and whether it was made to the end."""

    token: str = field(repr=False)
    port: int
    ready: bool


def marker_of(state: Path) -> Marker | None:
    """Read the marker of a state folder; None where it is no sandbox's."""
    try:
        written = json.loads((state / MARKER).read_text(encoding="utf-8"))
        token, port, ready = written["token"], written["port"], written["ready"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not (isinstance(token, str) and isinstance(port, int) and isinstance(ready, bool)):
        return None
    return Marker(token, port, ready)


def note(state: Path, marker: Marker) -> None:
    """Write the marker."""
    body = {"token": marker.token, "port": marker.port, "ready": marker.ready}
    write_private(state / MARKER, json.dumps(body) + "\n")


def is_sandbox_github(state: Path, api_url: str) -> bool:
    """Whether this address is the GitHub of the sandbox in `state`.

    Only then are its persons nobody's, and `say --as` unbounded: a sandbox's folder beside
    a real organisation is no sandbox.
    """
    marker = marker_of(state)
    return marker is not None and api_url.rstrip("/") == f"http://{LOOPBACK}:{marker.port}"


def write_private(path: Path, text: str) -> None:
    """Have a file hold `text` and none but its owner read it; one that does is left alone.

    It is replaced at once, by a file of this process's own: several may write.
    """
    if _holds(path, text):
        return
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    try:
        new.touch(mode=0o600, exist_ok=False)
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _holds(path: Path, text: str) -> bool:
    with contextlib.suppress(OSError, ValueError):
        private = stat.S_IMODE(path.stat().st_mode) == 0o600
        return private and path.read_text(encoding="utf-8") == text
    return False
