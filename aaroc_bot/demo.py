"""`aaroc-bot demo`: a ROC in a box, with its page, its GitHub and its sample hosts."""

import asyncio
import os
import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aaroc_bot.app import Bot, opened
from aaroc_bot.chat.web import Speaker, WebChat
from aaroc_bot.clock import now
from aaroc_bot.commands import Handlers
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Place
from aaroc_bot.core.run import Run, State
from aaroc_bot.sandbox.box import Box, prepare
from aaroc_bot.sandbox.github.calling import Calling
from aaroc_bot.sandbox.github.server import LOOPBACK
from aaroc_bot.sandbox.github.world import World
from aaroc_bot.sandbox.port import free_port
from aaroc_bot.scene import play
from aaroc_bot.settings import read
from aaroc_bot.store.database import Database
from aaroc_bot.store.links import Links
from aaroc_bot.store.page import Page
from aaroc_bot.web.hooks import Hook, create_hooks
from aaroc_bot.web.server import create_app, start

ROC = Place("web", "roc")
"""The ROC channel of the page."""

EXPERT = "roc-expert"
"""The one account of the page who approves."""

ROLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "uj-admin": (
        "site admin of ZA-UJ",
        ("status", "deploy site-bdii at ZA-UJ", "set ZA-UJ bdii_port=2171", "history ZA-UJ"),
    ),
    EXPERT: ("ROC expert", ("status", "runs", "changes", "diff ZA-UJ KE-NAIROBI")),
    "kenet-admin": (
        "site admin of KE-NAIROBI",
        ("status KE-NAIROBI", "deploy site-bdii at KE-NAIROBI", "deploy site-bdii at ZA-UJ"),
    ),
    "outsider": (
        "not in the organisation",
        ("whoami", "deploy site-bdii at ZA-UJ", "join ZA-UJ", "help"),
    ),
}
"""The four accounts of the page: who they are, and commands worth typing as each."""

WORTH_TYPING = ("status", "deploy site-bdii at ZA-UJ", "diff ZA-UJ KE-NAIROBI")


class NotHere(Exception):
    """The demo cannot open here; the text says why and what to do."""


async def demo(folder: Path, port: int, *, fresh: bool, scene: bool) -> None:
    """Open the box until cancelled. Raises `NotHere` and `box.NotABox`."""
    await _free(port)
    _tell(f"Preparing a ROC in {folder} ...")
    box = await prepare(folder, fresh)
    called = _Called(free_port(), secrets.token_hex(32))
    os.environ.update(box.settings, AAROC_WEB__PORT=str(port), **called.settings)
    settings = read()
    chats: list[WebChat] = []

    def adapters(database: Database, handlers: Handlers) -> list[WebChat]:
        chats.append(WebChat(Page(database), _speakers(box)))
        return chats

    async with box.github(called.by), opened(settings, adapters, [ROC]) as bot:
        if not await bot.presence.acquire_name():
            raise NotHere(f"A demo is open on {box.state} already: look for it, or end it first.")
        chat = chats[0]
        await _link(bot, box, chat)
        await bot.try_refresh()
        chat.listen(bot.dispatcher.hear)
        try:
            runner = await start(create_app(bot.ready, chat), "127.0.0.1", port)
        except OSError:
            raise NotHere(f"Port {port} is taken; another: make demo PORT={port + 1}") from None
        hooks = await start(create_hooks(called.hooks(bot)), LOOPBACK, called.port)
        try:
            first = not (await bot.desk.runs.newest()).rows
            _greet(box, port, await _waiting(bot))
            async with asyncio.TaskGroup() as group:
                group.create_task(bot.live())
                if first and scene:
                    group.create_task(play(bot, chat, _tell))
        finally:
            await runner.cleanup()
            await hooks.cleanup()
            _tell(f"Closed. make demo goes on with {box.state}.")


@dataclass(frozen=True, slots=True)
class _Called:
    """How the sandbox's GitHub calls the bot: on a port of loopback, with a secret of today."""

    port: int
    secret: str = field(repr=False)

    @property
    def settings(self) -> Mapping[str, str]:
        """The settings by which the bot listens."""
        return {
            "AAROC_HOOKS__PORT": str(self.port),
            "AAROC_GITHUB__WEBHOOK_SECRET": self.secret,
        }

    def by(self, world: World) -> Calling:
        """Have this world call."""
        return Calling(world, f"http://{LOOPBACK}:{self.port}/github", self.secret)

    def hooks(self, bot: Bot) -> Mapping[str, Hook]:
        """Give what answers."""
        assert bot.upstream.hook is not None  # the settings have a secret and a repository
        return {"/github": bot.upstream.hook}


async def _free(port: int) -> None:
    """Find out that the port is taken before anything is prepared."""
    try:
        server = await asyncio.start_server(lambda _, __: None, "127.0.0.1", port)
    except OSError:
        raise NotHere(f"Port {port} is taken; another: make demo PORT={port + 1}") from None
    server.close()
    await server.wait_closed()


def _speakers(box: Box) -> list[Speaker]:
    return [Speaker(person.login, *ROLES[person.login]) for person in box.accounts.values()]


async def _link(bot: Bot, box: Box, chat: WebChat) -> None:
    """Link the page's accounts to the sample persons; in the sandbox that needs no proof."""
    links = Links(bot.database)
    persons = {person.login: person for person in box.accounts.values()}
    for speaker in chat.speakers:
        person = persons[speaker.user]
        if await links.frozen(person.id) or await links.person(speaker.account) == person:
            continue
        event = Event(
            What.LINK,
            now(),
            account=str(speaker.account),
            person=person.id,
            login=person.login,
            outcome="linked in the sandbox",
        )
        await links.link(speaker.account, person, event)


async def _waiting(bot: Bot) -> str:
    """Say what waits for approval since the demo was open last."""
    return still_waiting(await bot.desk.runs.active())


def still_waiting(active: Sequence[Run]) -> str:
    """Say which of these runs wait for approval, and one that roc-expert may approve."""
    waiting = [run for run in active if run.state is State.WAITING]
    if not waiting:
        return ""
    asked = ", ".join(f"{run.number} ({run.typed})" for run in waiting)
    told = f"Still waiting for approval: {asked}."
    for run in waiting:
        if EXPERT not in {run.asked.by.login, *(yes.by.login for yes in run.approvals)}:
            return f"{told} As {EXPERT}: approve {run.number}"
    return told


def _greet(box: Box, port: int, waiting: str) -> None:
    env = box.write_environment()
    lines = [
        f"A ROC in a box is open on http://127.0.0.1:{port}",
        f"Its state lives in {box.state} (make demo FRESH=1 starts over).",
        *([waiting] if waiting else []),
        "Worth typing there: " + " · ".join(WORTH_TYPING),
        f"From another shell: . {shlex.quote(str(env))} && "
        'aaroc-bot say --as uj-admin "status ZA-UJ"',
        "Ctrl-C ends it.",
    ]
    _tell("\n".join(lines))


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the terminal in which the demo was opened
