"""Commands a second through the Slack adapter, as a ratio to a bare Bolt app in the same run.

Both hear the same signed slash commands over local HTTP, 64 in flight, given by another
process (`benchmarks.slack_load`), and both check signatures. The bare app acknowledges and does
nothing else. The bot takes a command in durably, acknowledges, sees it through (who says
it, policy, a committed row on the record) and gives its answer, rendered for Slack; a
command counts once that is done. The answer is not sent: Slack takes one a second.
`python -m benchmarks.slack`.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from aaroc_bot.app import opened
from aaroc_bot.chat.slack import SlackChat, SlackOptions
from aaroc_bot.chat.slack_render import rendered
from aaroc_bot.clock import now
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Account, Message, Place, Posted
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


@asynccontextmanager
async def hearing(folder: Path, workspace: Workspace) -> AsyncIterator[Quiet]:
    """Open a bot that hears the workspace's people, who are all linked."""
    slack, roc = workspace.slack, Place("slack", workspace.channel)
    options = SlackOptions(
        bot_token=slack.bot_token,
        app_token=None,
        signing_secret=slack.signing_secret,
        channels=(workspace.channel,),
        workspaces=frozenset(),
        api_url=slack.api_url,
        plain=True,
    )
    box = await prepare(folder / "box", fresh=True)
    os.environ.update(box.settings, AAROC_LIMITS__COMMANDS_A_MINUTE="1000000")
    chat = Quiet(options, now)
    async with box.github(), opened(read(), lambda _, __: (chat,), (roc,)) as bot:
        await bot.refresh()
        await _link(bot.database, workspace, next(iter(box.accounts.values())))
        serving = asyncio.create_task(chat.serve(bot.dispatcher.hear))
        yield chat
        serving.cancel()
        await asyncio.wait({serving})


async def main() -> None:
    """Measure in turns, and print the median ratio."""
    async with Slack() as slack:
        users = tuple(slack.person(f"admin-{number}") for number in range(ACCOUNTS))
        workspace = Workspace(slack, slack.channel("roc", users), users)
        with tempfile.TemporaryDirectory() as folder:
            async with (
                hearing(Path(folder), workspace) as chat,
                listening(chat.hook) as ours,
                listening(bare(slack)) as theirs,
            ):
                await workspace.load(ours, chat)  # warm
                await workspace.load(theirs, None)
                await _measure(workspace, chat, ours, theirs)


async def _measure(workspace: Workspace, chat: Quiet, ours: str, theirs: str) -> None:
    ratios = []
    for _ in range(ROUNDS):
        limit = await workspace.load(theirs, None)
        bot = await workspace.load(ours, chat)
        ratios.append(bot.rate / limit.rate)
        print(
            f"bare {limit.rate:6.0f}/s (load {limit.busy:.0%} busy)  "
            f"bot {bot.rate:6.0f}/s, p99 {bot.tail:.0f} ms  ratio {ratios[-1]:.3f}"
        )
    print(f"median ratio {statistics.median(ratios):.3f} (to reach: 0.8)")


async def _link(database: Database, workspace: Workspace, person: Person) -> None:
    links = Links(database)
    for user in workspace.users:
        account = Account("slack", workspace.slack.team, user)
        await links.link(account, person, Event(What.LINK, now()))


if __name__ == "__main__":
    asyncio.run(main())
