"""A whole ROC: `aaroc-bot run` as a process of its own, between both emulated platforms.

Git, Ansible, SQLite, the sandbox's GitHub over HTTP, WebSocket and long polling are real.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import select

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import Person
from aaroc_bot.core.run import State
from aaroc_bot.sandbox import hosts
from aaroc_bot.sandbox.box import Box, prepare
from aaroc_bot.sandbox.github.server import serving
from aaroc_bot.sandbox.github.world import World, sample_world
from aaroc_bot.sandbox.port import free_port
from aaroc_bot.store.database import Database
from aaroc_bot.store.links import Links
from aaroc_bot.store.schema import migrate
from aaroc_bot.store.tables import audit, incoming, runs
from tests.emulators.slack import Slack
from tests.emulators.telegram import Telegram
from tests.runs.world import until

PATIENCE = 180.0
"""Seconds until what does not happen counts as missing, on a machine that is busy."""


@dataclass
class Bot:
    """The process, restarted as often as a test wants."""

    environment: dict[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.environment['AAROC_WEB__PORT']}"

    async def start(self, fall: str = "") -> None:
        """Start it and wait until it listens; `fall` is where its power fails (`falling`)."""
        environment = self.environment | ({"AAROC_TEST_FALL": fall} if fall else {})
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.alive.falling"),
                env=environment,
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[2],
            )
        async with asyncio.timeout(PATIENCE):
            while await self.ready() is None:
                assert self.process.returncode in {None, -signal.SIGKILL}, self.said
                if self.process.returncode is not None:
                    return
                await asyncio.sleep(0.05)

    async def ready(self) -> str | None:
        """Give what `/readyz` says; None while nobody answers there."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"{self.address}/readyz") as answer,
            ):
                return (await answer.text()).strip()
        except aiohttp.ClientError:
            return None

    async def fallen(self) -> None:
        """Wait until it was killed."""
        assert self.process is not None
        assert await asyncio.wait_for(self.process.wait(), PATIENCE) == -signal.SIGKILL, self.said

    async def stop(self) -> None:
        """End it in order."""
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await asyncio.wait_for(self.process.wait(), PATIENCE)

    @property
    def said(self) -> str:
        """What stands in its log."""
        return self.log.read_text(encoding="utf-8")


@dataclass
class Roc:
    """Who is there, where they speak, and what SQL holds."""

    box: Box
    github: World
    slack: Slack
    telegram: Telegram
    bot: Bot
    database: Database
    channel: str = ""
    group: int = 0
    in_slack: dict[str, str] = field(default_factory=dict)
    in_telegram: dict[str, int] = field(default_factory=dict)

    async def join(self, login: str, id: int, chats: Sequence[str] = ("slack", "telegram")) -> None:
        """Have a person in the chats, linked as by the operator."""
        links, person = Links(self.database), Person(id, login)
        accounts = []
        if "slack" in chats:
            self.in_slack[login] = user = self.slack.person(login)
            self.slack.channels[self.channel].members.append(user)
            accounts.append(Account("slack", self.slack.team, user))
        if "telegram" in chats:
            self.in_telegram[login] = number = self.telegram.person(login)
            self.telegram.world.rooms[self.group].members.add(number)
            accounts.append(Account("telegram", "", str(number)))
        for account in accounts:
            event = Event(What.LINK, datetime.now(UTC), account=str(account))
            await links.link(account, person, event)

    # --- what SQL holds ---------------------------------------------------------------

    async def states(self) -> list[str]:
        """Give every run's state, by number."""
        async with self.database.read() as connection:
            return list(await connection.scalars(select(runs.c.state).order_by(runs.c.number)))

    async def undone(self) -> int:
        """Count what was taken in and not worked on."""
        async with self.database.read() as connection:
            query = select(incoming.c.event).where(incoming.c.done.is_(False))
            return len(list(await connection.scalars(query)))

    async def record(self, what: What, run: int | None = None) -> list[Any]:
        """Give the record's rows of a kind, of one run if it is named, oldest first."""
        query = select(audit).where(audit.c.what == what.value).order_by(audit.c.id)
        if run is not None:
            query = query.where(audit.c.run == run)
        async with self.database.read() as connection:
            return list(await connection.execute(query))

    async def until_run(self, number: int, *states: State) -> None:
        """Wait until a run is in one of these states."""

        async def there() -> bool | None:
            found = await self.states()
            return (len(found) >= number and found[number - 1] in states) or None

        await until(there, PATIENCE)

    async def until_worked_on(self, seconds: float = PATIENCE) -> None:
        """Wait until nothing waits of what was taken in."""

        async def none_left() -> bool | None:
            return await self.undone() == 0 or None

        await until(none_left, seconds)


@asynccontextmanager
async def opened(box: Box, folder: Path, url: str = "") -> AsyncIterator[Roc]:
    """Open both platforms and the sandbox's GitHub; the bot is for the test to start.

    `url` is a migrated database; by default one of SQLite is made in `folder`.
    """
    if not url:
        url = f"sqlite:///{folder / 'bot.sqlite3'}"
        await migrate(url)
    shutil.rmtree(box.hosts)  # as another test left them
    hosts.create(box.hosts)
    world = sample_world(box.token)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(world, box.repository, box.port))
        slack = await stack.enter_async_context(Slack())
        telegram = await stack.enter_async_context(Telegram())
        database = Database(url)
        stack.push_async_callback(database.close)
        channel, group = slack.channel("roc"), telegram.group("ROC")
        environment = {
            **{n: v for n, v in os.environ.items() if not n.startswith("AAROC_")},
            **box.settings,
            "AAROC_DATABASE": url,
            "AAROC_WEB__PORT": str(free_port()),
            "AAROC_SLACK__API_URL": slack.api_url,
            "AAROC_SLACK__BOT_TOKEN": slack.bot_token,
            "AAROC_SLACK__APP_TOKEN": slack.app_token,
            "AAROC_SLACK__CHANNELS": json.dumps([channel]),
            "AAROC_TELEGRAM__API_URL": telegram.api_url,
            "AAROC_TELEGRAM__TOKEN": telegram.token,
            "AAROC_TELEGRAM__CHATS": json.dumps([group]),
        }
        bot = Bot(environment, folder / "bot.log")
        roc = Roc(box, world, slack, telegram, bot, database, channel, group)
        stack.push_async_callback(bot.stop)
        yield roc


def build(folder: Path) -> Box:
    """Make the box that all tests of a worker share."""
    return asyncio.run(prepare(folder, fresh=False))
