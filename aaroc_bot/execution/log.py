"""What Ansible prints: the end of it is kept, in memory, so that no disk can be full."""

import asyncio
from collections.abc import Callable

from aaroc_bot.core.text import harmless

KEPT = 2_000_000
"""Bytes of a log that are kept."""
MARGIN = 64_000
"""Read beyond that and cut after redaction, so that a secret on the cut is still known."""


class Log:
    """The end of a log, and the count of lines that are left out."""

    def __init__(self) -> None:
        """Begin empty."""
        self._kept = bytearray()
        self._left_out = 0

    def add(self, data: bytes) -> None:
        """Take in more of it."""
        self._kept += data
        if len(self._kept) > 2 * (KEPT + MARGIN):
            over = len(self._kept) - KEPT - MARGIN
            self._left_out += self._kept.count(b"\n", 0, over)
            del self._kept[:over]

    async def read(self, stream: asyncio.StreamReader) -> None:
        """Take in a stream to its end."""
        while data := await stream.read(65536):
            self.add(data)

    async def text(self, redact: Callable[[str], str]) -> str:
        """Give it redacted and without control characters. Call it once, at the end."""
        return await asyncio.to_thread(self._text, redact)

    def _text(self, redact: Callable[[str], str]) -> str:
        lines = self._kept.decode(errors="replace").split("\n")
        text = redact("\n".join(s if s.isprintable() else harmless(s) for s in lines))
        if not self._left_out and len(text) <= KEPT:
            return text
        over = max(len(text) - KEPT, 0)
        start = text.find("\n", over) + 1
        left_out = self._left_out + text.count("\n", 0, start)
        return f"({left_out} lines before this are left out)\n{text[start:]}"
