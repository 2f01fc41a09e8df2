"""A ROC in a box: one state folder with everything that a bot needs and no account anywhere."""

import asyncio
import contextlib
import json
import secrets
import shlex
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import Person
from aaroc_bot.sandbox import hosts, sample
from aaroc_bot.sandbox.github.granting import CLIENT_ID
from aaroc_bot.sandbox.github.keeping import alone, kept_world
from aaroc_bot.sandbox.github.server import LOOPBACK, serving_at
from aaroc_bot.sandbox.github.world import World
from aaroc_bot.sandbox.marker import MARKER, Marker, marker_of, note, write_private
from aaroc_bot.sandbox.persons import (
    EXPERTS_TEAM,
    ON_THE_PAGE,
    ORG,
    PERSONS,
    REPOSITORY,
    SITES_TEAM,
)
from aaroc_bot.sandbox.port import Holder, free_port, holder

READ_ONLY = ("run drill",)
TAKE_OVER = 0.05
"""Seconds between attempts to take over: shorter than the bot waits before it asks again."""
PATIENCE = 10.0
"""Seconds in which a port that changes hands must come to somebody."""


Beside = Callable[[World], AbstractAsyncContextManager[object]]


def _nothing(_: World) -> AbstractAsyncContextManager[object]:
    return contextlib.nullcontext()


class NotABox(Exception):
    """The folder holds something else; the text says so for people."""


@dataclass(frozen=True, slots=True)
class Box:
    """A prepared sandbox. `served_elsewhere`: another process serves its GitHub already."""

    state: Path
    token: str = field(repr=False)
    port: int
    served_elsewhere: bool = False
    org: str = ORG

    @property
    def api_url(self) -> str:
        """Where its GitHub listens."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def repository(self) -> Path:
        """The bare DevOps repository."""
        return self.state / "sandbox" / "devops.git"

    @property
    def world(self) -> Path:
        """The file that keeps its GitHub's people, pull requests and all else but git's."""
        return self.state / "sandbox" / "github.json"

    @property
    def hosts(self) -> Path:
        """The folder with a folder for each sample host."""
        return self.state / "hosts"

    @property
    def local_hosts(self) -> tuple[str, ...]:
        """The sample hosts, which are reached by a local connection."""
        return tuple(hosts.HOSTS)

    @property
    def accounts(self) -> Mapping[Account, Person]:
        """The page's accounts, which are linked to the sample persons from the start."""
        return {
            Account("web", "", p.login): Person(p.id, p.login)
            for login in ON_THE_PAGE
            for p in PERSONS
            if p.login == login
        }

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a bot in this box, as the environment holds them."""
        return {
            "AAROC_STATE_DIR": str(self.state),
            "AAROC_REPOSITORY": str(self.repository),
            "AAROC_GITHUB__API_URL": self.api_url,
            "AAROC_GITHUB__WEB_URL": self.api_url,
            "AAROC_GITHUB__CLIENT_ID": CLIENT_ID,
            "AAROC_GITHUB__ORG": self.org,
            "AAROC_GITHUB__REPOSITORY": f"{self.org}/{REPOSITORY}",
            "AAROC_GITHUB__EXPERTS_TEAM": EXPERTS_TEAM,
            "AAROC_GITHUB__SITES_TEAM": SITES_TEAM,
            "AAROC_GITHUB__TOKEN": self.token,
            "AAROC_ANSIBLE__LOCAL_HOSTS": json.dumps(self.local_hosts),
            "AAROC_POLICY__READ_ONLY": json.dumps(READ_ONLY),
        }

    def write_environment(self) -> Path:
        """Have `env` let another shell talk to this box, readable by its owner alone.

        Raises OSError if it does not and cannot be written.
        """
        lines = [f"export {name}={shlex.quote(value)}" for name, value in self.settings.items()]
        programs = shlex.quote(str(Path(sys.executable).parent))
        path = self.state / "env"
        write_private(path, "\n".join([*lines, f'export PATH={programs}:"$PATH"', ""]))
        return path

    @asynccontextmanager
    async def github(self, beside: Beside = _nothing) -> AsyncIterator[None]:
        """Serve its GitHub; where another process does, take over once that one ends.

        `beside` is entered with the world for as long as this process serves it. The world
        is in a file after every change, so whoever serves goes on with it.
        """
        async with AsyncExitStack() as stack:
            until = monotonic() + PATIENCE
            while True:
                try:
                    await stack.enter_async_context(self._serving(beside))
                    break
                except OSError:
                    found = await holder(self.port, self.token)
                    if found is Holder.BOX:
                        heir = asyncio.create_task(self._inherit(beside))
                        stack.push_async_callback(_end, heir)
                        break
                    if found is Holder.ANOTHER or monotonic() > until:
                        raise
                await asyncio.sleep(TAKE_OVER)
            yield

    @asynccontextmanager
    async def _serving(self, beside: Beside) -> AsyncIterator[None]:
        with alone(self.world), socket.create_server((LOOPBACK, self.port)) as listener:
            world = await asyncio.to_thread(kept_world, self.world, self.token)
            async with beside(world), serving_at(listener, world, self.repository):
                yield

    async def _inherit(self, beside: Beside) -> None:
        while True:
            with contextlib.suppress(OSError):
                async with self._serving(beside):
                    await asyncio.Event().wait()
            await asyncio.sleep(TAKE_OVER)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


async def prepare(state: Path, fresh: bool) -> Box:
    """Create the box, or go on with the one that is there; `fresh` wipes that one first.

    Raises `NotABox`, and touches nothing, if the folder holds something else.
    """
    state = state.expanduser().resolve()
    marker = marker_of(state)
    if marker is None and state.exists() and (not state.is_dir() or any(state.iterdir())):
        raise NotABox(f"{state} is not empty and no sandbox made it: name another folder.")
    token, port = secrets.token_hex(20), 0
    if marker:
        token, port = marker.token, marker.port
    found = await holder(port, token) if port else Holder.ANOTHER
    if found is Holder.BOX and fresh:
        raise NotABox(f"A demo is running on {state}: end it before starting over.")
    if marker is None or fresh or not marker.ready:
        await _create(state, token, port)
    if found is Holder.ANOTHER:
        port = free_port()
    note(state, Marker(token, port, ready=True))
    box = Box(state, token, port, served_elsewhere=found is Holder.BOX)
    with contextlib.suppress(OSError):  # who goes on here needs no file for it
        box.write_environment()
    return box


async def _create(state: Path, token: str, port: int) -> None:
    """Empty the folder and fill it anew; the marker stands first, so a broken start is mended."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    note(state, Marker(token, port, ready=False))
    for each in state.iterdir():
        if each.name == MARKER:
            continue
        if each.is_dir() and not each.is_symlink():
            await asyncio.to_thread(shutil.rmtree, each)
        else:
            each.unlink()
    await asyncio.to_thread(hosts.create, state / "hosts")
    box = Box(state, token, port)
    await sample.create(box.repository, box.hosts, datetime.now(UTC))
