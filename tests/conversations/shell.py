"""The bot from a shell: `aaroc-bot demo` and `aaroc-bot say` as processes of their own."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0


@dataclass(frozen=True)
class Told:
    """What a command came to."""

    status: int
    lines: list[str]
    errors: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Its lines, each an object."""
        return [json.loads(line) for line in self.lines]


class Shell:
    """A shell whose environment leads to one bot's state."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("AAROC_")}
        self._environment = {**kept, **settings}
        self._state = settings["AAROC_STATE_DIR"]

    async def say(self, login: str, text: str, *options: str) -> Told:
        """Say one command, and wait for all that comes of it."""
        process = await self._start("say", "--as", login, *options, text)
        output, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode is not None
        return Told(process.returncode, output.decode().splitlines(), errors.decode())

    @asynccontextmanager
    async def demo(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Open the demo; it is killed in the end, if it was not before."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        process = await self._start(
            "demo", "--folder", self._state, "--port", str(port), "--no-scene"
        )
        assert process.stdout is not None
        await asyncio.wait_for(process.stdout.readline(), PATIENCE)  # it prepares
        greeting = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
        assert b"A ROC in a box is open" in greeting
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            await process.wait()

    async def _start(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "aaroc_bot.cli", *arguments,
            env=self._environment, cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
