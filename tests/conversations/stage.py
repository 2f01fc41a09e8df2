"""The whole bot in a ROC in a box: real git, real Ansible, GitHub over HTTP, SQL, the page.

One box serves all tests of a worker; each test finds its repository, hosts and GitHub as
they were at first, and a database of its own. What was read of the repository stays in
the state folder, so that only the first test of a worker waits for it.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aaroc_bot import app
from aaroc_bot.chat.web import Speaker
from aaroc_bot.clock import now
from aaroc_bot.commands import Handlers
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.rights import Person
from aaroc_bot.demo import ROC
from aaroc_bot.sandbox import hosts
from aaroc_bot.sandbox.box import prepare
from aaroc_bot.sandbox.github.server import serving
from aaroc_bot.sandbox.github.world import sample_world
from aaroc_bot.sandbox.persons import ON_THE_PAGE, PERSONS
from aaroc_bot.sandbox.sample import BRANCH, Commit, commit
from aaroc_bot.settings import read
from aaroc_bot.store.database import Database
from aaroc_bot.store.links import Links
from aaroc_bot.store.page import Page
from tests.conversations.conversation import Conversation, Ear, git
from tests.conversations.shell import Shell

PATIENT = {"AAROC_LIMITS__COMMANDS_A_MINUTE": "1000"}
"""A transcript is read faster than anybody types."""

DRILL = "Ansible/drill.yml"

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

    @classmethod
    def built(cls, state: Path) -> "Stage":
        box = asyncio.run(prepare(state, fresh=False))
        return cls(state, git(box.repository, "rev-parse", BRANCH).strip())

    async def reset(self) -> None:
        """Put repository and hosts back as they were."""
        box = await prepare(self.state, fresh=False)
        git(box.repository, "update-ref", BRANCH, self.first)
        shutil.rmtree(box.hosts)
        hosts.create(box.hosts)

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
    async def opened(self, database: str, **settings: str) -> AsyncIterator[Conversation]:
        """Open a bot on a database, speak with it, and look through all that it said."""
        box = await prepare(self.state, fresh=False)
        world = sample_world(box.token)
        clock = Clock()
        ears: list[Ear] = []

        def adapters(opened: Database, handlers: Handlers) -> list[Ear]:
            ears.append(Ear(Page(opened), [Speaker(user, user) for user in SPEAKERS]))
            return ears

        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("AAROC_")]:
                patch.delenv(name)
            for name, value in {**box.settings, **PATIENT, **settings}.items():
                patch.setenv(name, value)
            patch.setenv("AAROC_DATABASE", database)
            for name, module in list(sys.modules.items()):
                if name.startswith("aaroc_bot.") and getattr(module, "now", None) is now:
                    patch.setattr(module, "now", clock)
            async with (
                serving(world, box.repository, box.port),
                app.opened(read(), adapters, [ROC]) as bot,
            ):
                assert await bot.presence.acquire()
                (chat,) = ears
                await _link(Links(bot.database), chat)
                await bot.refresh()
                chat.listen(bot.dispatcher.hear)
                living = asyncio.create_task(bot.live())
                conversation = Conversation(bot, chat, box, world, clock)
                try:
                    yield conversation
                    world.behave()
                    await conversation.looked_through()
                finally:
                    living.cancel()
                    with suppress(asyncio.CancelledError):
                        await living
                    await bot.presence.release()


async def _link(links: Links, chat: Ear) -> None:
    """Link the accounts to the sample persons, as the demo does."""
    persons = {p.login: Person(p.id, p.login) for p in PERSONS}
    for speaker in chat.speakers:
        person = persons.get(speaker.user)
        if person and await links.person(speaker.account) is None:
            await links.link(speaker.account, person, Event(What.LINK, datetime.now(UTC)))
