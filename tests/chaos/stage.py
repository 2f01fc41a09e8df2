"""Everything that a chaos test needs at once: sites, GitHub, both chats, people, processes."""

import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import Person
from aaroc_bot.sandbox.github.server import serving
from aaroc_bot.sandbox.github.world import sample_world
from aaroc_bot.sandbox.persons import PERSONS
from aaroc_bot.sandbox.port import free_port
from aaroc_bot.store.database import Database
from aaroc_bot.store.links import Links
from tests.chaos.processes import Member
from tests.chaos.world import Ground, prepare
from tests.emulators.slack import Slack
from tests.emulators.telegram import Telegram

ASKERS = ("uj-admin", "kenet-admin", "meraka-admin", "ufs-admin")
EXPERTS = ("roc-expert", "roc-second")
TOKEN = "ghp_chaos"


@dataclass
class Stage:
    """The platforms, the database and the processes; `in_slack` and so on by login."""

    ground: Ground
    slack: Slack
    telegram: Telegram
    database: Database
    channel: str
    group: int
    members: list[Member] = field(default_factory=list)
    in_slack: dict[str, str] = field(default_factory=dict)
    in_telegram: dict[str, int] = field(default_factory=dict)

    @property
    def bots(self) -> list[Member]:
        """The processes that hear people."""
        return [member for member in self.members if not member.worker]

    async def join(self, login: str) -> None:
        """Have a person in both chats, linked as by the operator."""
        number = next(person.id for person in PERSONS if person.login == login)
        self.in_slack[login] = user = self.slack.person(login)
        self.slack.channels[self.channel].members.append(user)
        self.in_telegram[login] = id = self.telegram.person(login)
        self.telegram.world.rooms[self.group].members.add(id)
        accounts = (Account("slack", self.slack.team, user), Account("telegram", "", str(id)))
        for account in accounts:
            event = Event(What.LINK, datetime.now(UTC), account=str(account))
            await Links(self.database).link(account, Person(number, login), event)


@asynccontextmanager
async def opened(
    folder: Path, url: str, *, sites: int, bots: int, workers: Sequence[Sequence[str]] = ()
) -> AsyncIterator[Stage]:
    """Open a stage on a migrated database; its processes are for the test to start.

    `workers` gives the sites that each is for, none for one that names none.
    """
    ground = await prepare(folder / "ground", sites)
    world = sample_world(TOKEN)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(world, ground.repository))
        slack = await stack.enter_async_context(Slack())
        telegram = await stack.enter_async_context(Telegram())
        slack.strict = telegram.strict = False
        database = Database(url)
        stack.push_async_callback(database.close)
        stage = Stage(
            ground, slack, telegram, database, slack.channel("roc"), telegram.group("ROC")
        )
        for login in (*ASKERS, *EXPERTS):
            await stage.join(login)
        shared = _clean() | ground.settings() | {"AAROC_DATABASE": _written(url)}
        hearing = shared | ground.github(world.root, TOKEN) | _chats(stage)
        for number in range(1, bots + 1):
            settings = hearing | {"AAROC_WEB__PORT": str(free_port())}
            _add(stage, folder, f"bot-{number}", ["run"], settings)
        for number, served in enumerate(workers, start=1):
            named = ["--sites", ",".join(served)] if served else []
            _add(stage, folder, f"worker-{number}", ["worker", *named], shared)
        try:
            yield stage
        finally:
            for member in stage.members:
                member.kill()


def _add(
    stage: Stage, folder: Path, name: str, arguments: Sequence[str], settings: dict[str, str]
) -> None:
    own = {"AAROC_STATE_DIR": str(folder / name), "AAROC_ENGINE__NAME": name}
    (folder / name).mkdir(mode=0o700)
    stage.members.append(Member(name, arguments, settings | own, folder / f"{name}.log"))


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AAROC_")}


def _written(url: str) -> str:
    return make_url(url).render_as_string(hide_password=False)


def _chats(stage: Stage) -> dict[str, str]:
    slack, telegram = stage.slack, stage.telegram
    return {
        "AAROC_SLACK__API_URL": slack.api_url,
        "AAROC_SLACK__BOT_TOKEN": slack.bot_token,
        "AAROC_SLACK__APP_TOKEN": slack.app_token,
        "AAROC_SLACK__CHANNELS": json.dumps([stage.channel]),
        "AAROC_TELEGRAM__API_URL": telegram.api_url,
        "AAROC_TELEGRAM__TOKEN": telegram.token,
        "AAROC_TELEGRAM__CHATS": json.dumps([stage.group]),
    }
