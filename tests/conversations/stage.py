"""The whole bot in a ROC in a box: real git, real Ansible, GitHub over HTTP, SQL, a chat.

One box serves all tests of a worker; each test finds its repository, hosts and GitHub as
they were at first, and a database of its own. What was read of the repository stays in
the state folder, so that only the first test of a worker waits for it.
"""

import asyncio
import os
import secrets
import shutil
import sys
from collections import ChainMap
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
    suppress,
)
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aaroc_bot import app, upstream
from aaroc_bot.chat.pace import Pace
from aaroc_bot.chat.telegram_pace import TelegramPace
from aaroc_bot.clock import now
from aaroc_bot.commands import Handlers
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.ports import Chat
from aaroc_bot.core.rights import Person
from aaroc_bot.platforms import platforms
from aaroc_bot.sandbox import hosts
from aaroc_bot.sandbox.box import prepare
from aaroc_bot.sandbox.github.calling import Calling
from aaroc_bot.sandbox.github.server import LOOPBACK, serving
from aaroc_bot.sandbox.github.world import World, sample_world
from aaroc_bot.sandbox.persons import ON_THE_PAGE, PERSONS, SamplePerson
from aaroc_bot.sandbox.port import free_port
from aaroc_bot.sandbox.sample import BRANCH, Commit, commit
from aaroc_bot.settings import read
from aaroc_bot.store.database import Database
from aaroc_bot.store.links import Links
from aaroc_bot.web.hooks import create_hooks
from aaroc_bot.web.server import start
from tests.conversations.conversation import Conversation, git
from tests.conversations.screens import Screen
from tests.conversations.shell import Shell
from tests.conversations.slack import Workspace
from tests.conversations.telegram import Group
from tests.conversations.web import Web

CHAT = os.environ.get("AAROC_TEST_CHAT", "web")
"""Where a conversation is held that does not say where."""

PATIENT = {"AAROC_LIMITS__COMMANDS_A_MINUTE": "1000"}
"""A transcript is read faster than anybody types."""

DRILL = "Ansible/drill.yml"

OFTEN = timedelta(seconds=0.5)
"""How often a bot in a hurry, whom GitHub does not call, looks at what happens there."""

SPEAKERS = (*ON_THE_PAGE, "roc-second", "stranger")
"""The demo's four, a second expert, and somebody in the chat who is linked to nobody."""


class Clock:
    """The one clock of the bot, which a test can put forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def forward(self, time: timedelta) -> None:
        """Let time pass; whoever waits notices at its next look."""
        self._ahead += time


@dataclass
class Stage:
    """The box of one worker."""

    state: Path
    first: str
    """The newest commit of the repository as it was made."""
    world: World | None = None
    """What its GitHub knows, for all bots that a test opens; by itself the sample's."""
    guests: tuple[SamplePerson, ...] = ()
    """Who is there in this test besides."""
    ways: "Ways | None" = None
    """How its bots hear of what happens on GitHub, None: as they do by themselves."""
    _screens: dict[str, Screen] = field(default_factory=dict)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    @classmethod
    def built(cls, state: Path) -> "Stage":
        box = asyncio.run(prepare(state, fresh=False))
        return cls(state, git(box.repository, "rev-parse", BRANCH).strip())

    async def reset(self) -> None:
        """Put repository, GitHub and hosts back as they were."""
        box = await prepare(self.state, fresh=False)
        git(box.repository, "update-ref", BRANCH, self.first)
        for ref in git(box.repository, "for-each-ref", "--format=%(refname)").split():
            if ref != BRANCH:
                git(box.repository, "update-ref", "-d", ref)
        box.world.unlink(missing_ok=True)
        self.world, self.guests, self.ways = None, (), None
        shutil.rmtree(box.hosts)
        hosts.create(box.hosts)

    @asynccontextmanager
    async def at_its_chats(self) -> AsyncIterator["Stage"]:
        """Keep what chats a test opens until it ends: a bot that starts again finds them so."""
        async with AsyncExitStack() as self._open:
            yield self
        self._screens.clear()

    async def _screen(self, chat: str) -> Screen:
        if chat not in self._screens:
            opening = SCREENS[chat]((*SPEAKERS, *(guest.login for guest in self.guests)))
            self._screens[chat] = await self._open.enter_async_context(opening)
        return self._screens[chat]

    async def lengthen_the_drill(self) -> None:
        """Have it take its time, however busy this machine is: who plays it will end it."""
        repository = self.state / "sandbox" / "devops.git"
        text = git(repository, "show", f"{BRANCH}:{DRILL}").replace("timeout: 2", "timeout: 100")
        longer = Commit(datetime.now(UTC), "roc-expert", "Look twice", {DRILL: text})
        await commit(repository, [longer])

    async def shell(self, database: str) -> Shell:
        """Give a shell that leads to a database in this box; no bot may be open here then."""
        box = await prepare(self.state, fresh=False)
        return Shell({**box.settings, **PATIENT, "AAROC_DATABASE": database})

    @asynccontextmanager
    async def opened(
        self, database: str, chat: str = CHAT, **settings: str
    ) -> AsyncIterator[Conversation]:
        """Open a bot on a database, speak with it, and look through all that it said."""
        async with self.opened_in(database, chat, **settings) as (conversation,):
            yield conversation

    @asynccontextmanager
    async def opened_in(
        self, database: str, *chats: str, **settings: str
    ) -> AsyncIterator[tuple[Conversation, ...]]:
        """Open one bot in several chats, with a conversation in each."""
        box = await prepare(self.state, fresh=False)
        world = self.world = self.world or _world(box.token, self.guests)
        ways = self.ways or Ways()
        clock = Clock()
        made: dict[str, Chat] = {}

        screens = [await self._screen(name) for name in chats]
        async with AsyncExitStack() as stack:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            spoken = [screen.settings for screen in screens]
            given = [box.settings, PATIENT, *spoken, ways.settings, settings]
            _set(patch, ChainMap(*map(dict, reversed(given))) | {"AAROC_DATABASE": database})
            _hurry(patch, clock)
            ways.hurry(patch)
            read_settings = read()

            def adapters(opened: Database, handlers: Handlers) -> list[Chat]:
                made.update(
                    {chat.name: chat for chat in platforms(read_settings, opened, handlers)}
                )
                for screen in screens:
                    if isinstance(screen, Web):
                        made["web"] = screen.chat(opened)
                return list(made.values())

            await stack.enter_async_context(serving(world, box.repository, box.port))
            roc = [screen.roc for screen in screens]
            bot = await stack.enter_async_context(app.opened(read_settings, adapters, roc))
            assert await bot.presence.acquire()
            stack.push_async_callback(bot.presence.release)
            calls = await stack.enter_async_context(ways.calling(world, bot))
            conversations = tuple(
                Conversation(
                    bot,
                    made[screen.roc.chat],
                    screen,
                    box=box,
                    world=world,
                    clock=clock,
                    calls=calls,
                )
                for screen in screens
            )
            for conversation in conversations:
                conversation.suggestions.watch(conversation.chat, patch)
                await _link(Links(bot.database), conversation.screen, self.guests)
            await bot.refresh()
            async with _living(bot):
                for screen in screens:
                    await screen.begin(bot.dispatcher.hear)
                yield conversations
                world.behave()
                for conversation in conversations:
                    await conversation.looked_through()


@dataclass(frozen=True)
class Ways:
    """How the bot hears of what happens on GitHub: by itself it looks now and then.

    `called`: GitHub calls it. `often`: it looks as often as a test can wait for.
    """

    called: bool = False
    often: bool = False
    port: int = field(default_factory=free_port)
    secret: str = field(default_factory=lambda: secrets.token_hex(20))

    @property
    def settings(self) -> Mapping[str, str]:
        """The settings by which a bot listens, if it is called."""
        if not self.called:
            return {}
        return {
            "AAROC_HOOKS__PORT": str(self.port),
            "AAROC_GITHUB__WEBHOOK_SECRET": self.secret,
        }

    @property
    def address(self) -> str:
        """Where it is called."""
        return f"http://{LOOPBACK}:{self.port}/github"

    def hurry(self, patch: pytest.MonkeyPatch) -> None:
        """Let it look often, if so wished."""
        if self.often:
            patch.setattr(upstream, "PULLS", OFTEN)
            patch.setattr(upstream, "PEOPLE", OFTEN)

    @asynccontextmanager
    async def calling(self, world: World, bot: app.Bot) -> AsyncIterator[Calling | None]:
        """Have the world call the bot, if so wished."""
        if not self.called:
            yield None
            return
        assert bot.upstream.hook is not None
        hooks = await start(create_hooks({"/github": bot.upstream.hook}), LOOPBACK, self.port)
        try:
            async with Calling(world, self.address, self.secret) as calls:
                yield calls
        finally:
            await hooks.cleanup()


@asynccontextmanager
async def _web(people: Sequence[str]) -> AsyncIterator[Screen]:
    yield Web(people)


SCREENS: Mapping[str, Callable[[Sequence[str]], AbstractAsyncContextManager[Screen]]] = {
    "web": _web,
    "slack": Workspace.opened,
    "telegram": Group.opened,
    "forum": Group.forum,
}


def _set(patch: pytest.MonkeyPatch, settings: Mapping[str, str]) -> None:
    """Set these settings, and no others."""
    for name in [name for name in os.environ if name.startswith("AAROC_")]:
        patch.delenv(name)
    for name, value in settings.items():
        patch.setenv(name, value)


def _hurry(patch: pytest.MonkeyPatch, clock: Clock) -> None:
    """Give the bot a clock that can be put forward, and chats that are in no need of patience."""
    for name, module in list(sys.modules.items()):
        if name.startswith("aaroc_bot.") and getattr(module, "now", None) is now:
            patch.setattr(module, "now", clock)
    patch.setattr(Pace, "take", lambda self: 0.0)
    patch.setattr(TelegramPace, "call", lambda self, chat, sort: nullcontext())


@asynccontextmanager
async def _living(bot: app.Bot) -> AsyncIterator[None]:
    living = asyncio.create_task(bot.live())
    try:
        yield
    finally:
        living.cancel()
        with suppress(asyncio.CancelledError):
            await living


def _world(token: str, guests: Sequence[SamplePerson]) -> World:
    """Make the sample's organisation, with guests."""
    world = sample_world(token)
    for guest in guests:
        world.add_user(guest.id, guest.login, guest.name, guest.mail)
        if guest.member:
            world.members[guest.id] = "active"
        for slug in guest.teams:
            world.teams[slug].people.add(guest.id)
    return world


async def _link(links: Links, screen: Screen, guests: Sequence[SamplePerson]) -> None:
    """Link the accounts to the sample persons, as the demo does."""
    persons = {p.login: Person(p.id, p.login) for p in (*PERSONS, *guests)}
    for who, account in screen.accounts.items():
        person = persons.get(who)
        if person and await links.person(account) is None:
            await links.link(account, person, Event(What.LINK, datetime.now(UTC)))
