"""The reading end of the pipe that events come through."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aaroc_bot.core.text import harmless

CHUNK = 65536
LONGEST = 1_000_000
"""Bytes of one event; the plugin cuts its strings far below."""
EXACT = frozenset({"id", "event", "how"})
"""Keys whose values are the plugin's own words."""


class Channel:
    """Reads events while the event loop turns, and gives each, redacted, to `take`.

    It is opened for writing too, so that it neither waits for the plugin nor ends with it.
    What is no event, or too long, goes to `lose`.
    """

    def __init__(
        self,
        path: Path,
        take: Callable[[dict[str, Any]], None],
        lose: Callable[[str], None],
        redact: Callable[[str], str],
    ) -> None:
        """Open the pipe and begin to read. Raises OSError."""
        self._take, self._lose, self._redact = take, lose, redact
        self._rest = b""
        self._loop = asyncio.get_running_loop()
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._loop.add_reader(self._fd, self._read)

    def close(self) -> None:
        """Read what is left and end. Call it once, after every writer has ended."""
        self._loop.remove_reader(self._fd)
        while self._read():
            pass
        if self._rest:
            self._lose("an event is cut off")
        os.close(self._fd)

    def _read(self) -> bool:
        """Read once; False if there is nothing."""
        try:
            data = os.read(self._fd, CHUNK)
        except BlockingIOError:
            return False
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST:
            self._lose("an event is too long")
            self._rest = b""
        for line in lines:
            self._event(line)
        return True

    def _event(self, line: bytes) -> None:
        try:
            self._take(clean(json.loads(line), self._redact))
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            self._lose(f"an event cannot be read ({type(problem).__name__})")


def clean(value: Any, redact: Callable[[str], str]) -> Any:
    """Redact every text in an event but the plugin's own words.

    Control characters go first: they could hide a secret, and PostgreSQL takes no NUL.
    """
    match value:
        case str():
            return redact(harmless(value))
        case list():
            return [clean(part, redact) for part in value]
        case dict():
            return {
                clean(key, redact): part if key in EXACT else clean(part, redact)
                for key, part in value.items()
            }
        case _:
            return value
