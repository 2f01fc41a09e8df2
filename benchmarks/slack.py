"""Commands a second through the Slack adapter, as ratios to a bare Bolt app in the same run.

All hear the same signed slash commands over local HTTP, 64 in flight, given by another
process (`benchmarks.slack_load`), and all check signatures:

- the bare app acknowledges and does nothing else;
- the adapter alone hears a command, and hands it to a bot that does nothing;
- the bot takes it in durably, acknowledges, sees it through (who says it, policy, a
  committed row on the record) and renders its answer for Slack; a command counts once that
  is done. The answer is not sent: Slack takes one a second.

`python -m benchmarks.slack`.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from aaroc_bot.app import Bot, opened
from aaroc_bot.chat.slack import SlackChat, SlackOptions
from aaroc_bot.chat.slack_render import rendered
from aaroc_bot.clock import now
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Account, Incoming, Message, Place, Posted
from aaroc_bot.core.ports import Hear
from aaroc_bot.core.rights import Person
from aaroc_bot.sandbox.box import prepare
from aaroc_bot.settings import read
from aaroc_bot.store.database import Database
from aaroc_bot.store.links import Links
from aaroc_bot.web.hooks import Hook, create_hooks
from aaroc_bot.web.server import start
from tests.emulators.slack import Slack

COMMANDS = 2_000
ACCOUNTS = 64
ROUNDS = 5
PATH = "/slack"


@dataclass(frozen=True, slots=True)
class Measured:
    """Commands a second, the 99th percentile of one in ms, and how busy the load itself was."""

    rate: float
    tail: float
    busy: float


@dataclass(frozen=True, slots=True)
class Urls:
    """Where each of the three is called."""

    bare: str
    alone: str
    bot: str


class Quiet(SlackChat):
    """The adapter, but for the calls to Slack: an answer is rendered, and told to the load."""

    load: asyncio.StreamWriter | None = None

    async def post(
        self, place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        """Render it and let the load know whose command has its answer."""
        rendered(message, to)
        assert self.load is not None and to is not None
        self.load.write(f"{to.user}\n".encode())
        return Posted(place, "")

    async def react(self, posted: Posted, sign: str) -> None:
        """Drop it."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The emulated workspace: its ROC channel, and who speaks there."""

    slack: Slack
    channel: str
    users: tuple[str, ...]

    async def load(self, url: str, chat: Quiet | None) -> Measured:
        """Give all commands to `url`; those of the bot are waited for."""
        slack = self.slack
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.slack_load", "--url", url),
            *("--secret", slack.signing_secret, "--team", slack.team),
            *("--channel", self.channel, "--commands", str(COMMANDS)),
            *(["--answers"] if chat else []),
            *self.users,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        if chat is not None:
            chat.load = child.stdin
        assert child.stdout is not None
        output = await child.stdout.read()
        assert await child.wait() == 0
        return Measured(**json.loads(output))


def bare(slack: Slack) -> Hook:
    """Make the app that does nothing else."""
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    app = AsyncApp(client=client, signing_secret=slack.signing_secret)

    @app.command("/aaroc")
    async def heard(ack: AsyncAck) -> None:
        """Acknowledge."""
        await ack()

    async def hook(request: web.Request) -> web.StreamResponse:
        answer = await app.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(answer)

    return hook


@asynccontextmanager
async def listening(hook: Hook) -> AsyncIterator[str]:
    """Serve a hook as the bot does, and give its address."""
    runner = await start(create_hooks({PATH: hook}), "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    finally:
        await runner.cleanup()


def adapter(workspace: Workspace) -> Quiet:
    """Make the adapter, called over HTTP."""
    slack = workspace.slack
    options = SlackOptions(
        bot_token=slack.bot_token,
        app_token=None,
        signing_secret=slack.signing_secret,
        channels=(workspace.channel,),
        workspaces=frozenset(),
        api_url=slack.api_url,
        plain=True,
    )
    return Quiet(options, now)


@asynccontextmanager
async def serving(chat: Quiet, hear: Hear) -> AsyncIterator[str]:
    """Have an adapter hear, and give the address that is called."""
    task = asyncio.create_task(chat.serve(hear))
    try:
        async with listening(chat.hook) as url:
            yield url
    finally:
        task.cancel()
        await asyncio.wait({task})
        await chat.close()


@asynccontextmanager
async def living(folder: Path, workspace: Workspace, chat: Quiet) -> AsyncIterator[Bot]:
    """Open a bot that knows the workspace's people."""
    box = await prepare(folder / "box", fresh=True)
    os.environ.update(box.settings, AAROC_LIMITS__COMMANDS_A_MINUTE="1000000")
    roc = Place("slack", workspace.channel)
    async with box.github(), opened(read(), lambda _, __: (chat,), (roc,)) as bot:
        await bot.refresh()
        await _link(bot.database, workspace, next(iter(box.accounts.values())))
        yield bot


async def nothing(said: Incoming) -> None:
    """Take in nothing."""


async def main() -> None:
    """Measure in turns, and print the median ratios."""
    async with Slack() as slack, AsyncExitStack() as stack:
        users = tuple(slack.person(f"admin-{number}") for number in range(ACCOUNTS))
        workspace = Workspace(slack, slack.channel("roc", users), users)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        chat = adapter(workspace)
        bot = await stack.enter_async_context(living(folder, workspace, chat))
        urls = Urls(
            bare=await stack.enter_async_context(listening(bare(slack))),
            alone=await stack.enter_async_context(serving(adapter(workspace), nothing)),
            bot=await stack.enter_async_context(serving(chat, bot.dispatcher.hear)),
        )
        await _measure(workspace, chat, urls)


async def _measure(workspace: Workspace, chat: Quiet, urls: Urls) -> None:
    alone, whole = [], []
    for number in range(ROUNDS + 1):
        limit = await workspace.load(urls.bare, None)
        deaf = await workspace.load(urls.alone, None)
        bot = await workspace.load(urls.bot, chat)
        if number == 0:
            continue  # that was to warm up
        alone.append(deaf.rate / limit.rate)
        whole.append(bot.rate / limit.rate)
        print(
            f"bare {limit.rate:6.0f}/s (load {limit.busy:.0%} busy)  "
            f"adapter {deaf.rate:6.0f}/s, ratio {alone[-1]:.2f}  "
            f"bot {bot.rate:6.0f}/s, p99 {bot.tail:.0f} ms, ratio {whole[-1]:.2f}"
        )
    print(
        f"median ratio of the adapter {statistics.median(alone):.2f} (to reach: 0.8), "
        f"of the whole way {statistics.median(whole):.2f}"
    )


async def _link(database: Database, workspace: Workspace, person: Person) -> None:
    links = Links(database)
    for user in workspace.users:
        account = Account("slack", workspace.slack.team, user)
        await links.link(account, person, Event(What.LINK, now()))


if __name__ == "__main__":
    asyncio.run(main())
