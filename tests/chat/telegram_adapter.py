"""The Telegram adapter under test: on the emulator, with what it heard kept in a list."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aaroc_bot.chat.telegram import TelegramChat, TelegramOptions
from aaroc_bot.core.message import Incoming
from aaroc_bot.core.ports import Unavailable
from tests.emulators.telegram import Telegram

MENU = (("deploy", "Deploy."), ("help", "Help."), ("status", "Look."), ("take-over", "Take."))


@dataclass
class Moves:
    """Addresses in memory. Fills `core.ports.Addresses`."""

    known: dict[str, str] = field(default_factory=dict)

    async def all(self, chat: str) -> Mapping[str, str]:
        return dict(self.known)

    async def moved(self, chat: str, channel: str, to: str) -> None:
        self.known[channel] = to


@dataclass
class Heard:
    """What the bot took in, each event once; it can be away, or slow."""

    said: list[Incoming] = field(default_factory=list)
    times: int = 0
    away: bool = False
    slow: asyncio.Event | None = None

    async def __call__(self, said: Incoming) -> None:
        self.times += 1
        if self.slow is not None:
            await self.slow.wait()
        if self.away:
            raise Unavailable("the database")
        if said.event not in {other.event for other in self.said}:
            self.said.append(said)

    @property
    def texts(self) -> list[str]:
        return [said.text for said in self.said]

    @property
    def last(self) -> Incoming:
        return self.said[-1]


@dataclass
class Clock:
    """The time, moved by hand."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Scene:
    """A Telegram with people and the ROC's group, and the adapter in it."""

    telegram: Telegram
    roc: int
    other: int
    uj: int
    expert: int
    heard: Heard = field(default_factory=Heard)
    moves: Moves = field(default_factory=Moves)
    clock: Clock = field(default_factory=Clock)

    @asynccontextmanager
    async def bot(self, *, serving: bool = True, **options: Any) -> AsyncIterator[TelegramChat]:
        options = {"menu": MENU} | options
        chat = TelegramChat(
            TelegramOptions(
                self.telegram.token, (self.roc, self.other), self.telegram.api_url, **options
            ),
            self.moves,
            self.clock,
        )
        task = asyncio.create_task(chat.serve(self.heard)) if serving else None
        try:
            yield chat
        finally:
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await chat.close()


async def until(condition: Any, seconds: float = 20) -> None:
    """Wait until `condition` holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - on what no event tells of
            await asyncio.sleep(0.01)


@asynccontextmanager
async def scene(*, forum: bool = False, group: bool = False) -> AsyncIterator[Scene]:
    """Give the ROC's chat (a supergroup, or a plain group), another, and two people."""
    async with Telegram() as telegram:
        uj, expert = telegram.person("uj"), telegram.person("expert")
        make = telegram.group if group else telegram.supergroup
        roc = make("AAROC", (uj, expert), forum=forum)
        other = telegram.supergroup("Others", (uj, expert))
        yield Scene(telegram, roc, other, uj, expert)


def unreadable(person: int) -> dict[str, Any]:
    """Give a message in a direct chat that python-telegram-bot cannot read."""
    return {
        "message_id": 99999,
        "date": 1_800_000_000,
        "chat": {"id": person, "type": "private"},
        "from": {"id": person, "is_bot": False, "first_name": "x"},
        "text": "hush",
        "entities": [{"type": "bold"}],
    }
