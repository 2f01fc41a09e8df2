"""What the emulated Telegram knows: people, chats, messages, and every state of the bot's."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.telegram.markup import Entity

Json = dict[str, Any]
ANONYMOUS = 1087968824
"""Telegram's own account that stands for anonymous administrators."""
SERVICE = 777000
"""Telegram's own account that posts a linked channel's posts."""
LOOSE = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds of updates that are given only to who names them."""


@dataclass(slots=True)
class Person:
    """An account. `banned`: this person has blocked the bot."""

    id: int
    name: str
    username: str | None
    bot: bool = False
    banned: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """A button of an inline keyboard."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class State:
    """How a message of the bot's stood from `seq` on; `document` is name and text."""

    seq: int
    chat: int
    message_id: int
    edit: bool
    html: str | None
    text: str
    entities: tuple[Entity, ...]
    buttons: tuple[Button, ...]
    document: tuple[str, str] | None


@dataclass(slots=True)
class Shown:
    """A message in a chat. `html` is as sent, `text` what a reader sees (a document's caption)."""

    message_id: int
    chat: int
    author: int
    date: int
    text: str = ""
    html: str | None = None
    entities: list[Entity] = field(default_factory=list)
    rows: list[list[Button]] = field(default_factory=list)
    document: tuple[str, str] | None = None
    topic: int | None = None
    root: int | None = None
    reply_to: int | None = None
    reactions: list[str] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    edited: bool = False
    more: Json = field(default_factory=dict)

    @property
    def buttons(self) -> list[Button]:
        """The buttons in reading order."""
        return [button for row in self.rows for button in row]


@dataclass(slots=True)
class Room:
    """A chat. Message ids are counted in a supergroup; other chats share one counter."""

    id: int
    kind: str
    title: str
    ids: Iterator[int]
    members: set[int] = field(default_factory=set)
    forum: bool = False
    admin: bool = False
    bot_in: bool = True
    topics: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Shown] = field(default_factory=dict)
    moved_to: int | None = None


@dataclass(slots=True)
class Query:
    """A button that was pressed. `answer` is None until the bot has answered."""

    id: str
    user: int
    asked: float
    answer: str | None = None
    alert: bool = False


class World:
    """All of it, with a growing `seq` over the states of the bot's messages."""

    def __init__(self) -> None:
        self.bot = Person(7000000001, "aaroc-bot", "aaroc_bot", bot=True)
        self.token = f"{self.bot.id}:AAEmulatedTelegramTokenOf35Letters_"
        self.privacy = False
        self.people: dict[int, Person] = {self.bot.id: self.bot}
        self.rooms: dict[int, Room] = {}
        self.queries: dict[str, Query] = {}
        self.states: list[State] = []
        self.commands: dict[str, list[tuple[str, str]]] = {}
        self.faults: list[str] = []
        self._user_ids = itertools.count(500000001)
        self._room_ids = itertools.count(1)
        self._shared_ids = itertools.count(101)
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """Wake whoever waits for a condition."""
        self._changed.set()
        self._changed = asyncio.Event()

    def fault(self, words: str) -> None:
        """Note what a well-behaved client does not do."""
        self.faults.append(words)

    async def until(self, condition: Callable[[], object], seconds: float) -> None:
        """Wait until `condition` holds, looked at after each change."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not within {seconds} s; faults: {self.faults}") from None

    def person(self, name: str, username: str | None, bot: bool) -> Person:
        """Make an account."""
        person = Person(next(self._user_ids), name, username, bot)
        self.people[person.id] = person
        return person

    def room(self, kind: str, title: str, members: set[int], **more: Any) -> Room:
        """Make a group, supergroup or channel."""
        number = next(self._room_ids)
        wide = kind != "group"
        room = Room(
            -1001000000000 - number if wide else -4000000 - number,
            kind,
            title,
            itertools.count(1) if wide else self._shared_ids,
            members,
            **more,
        )
        self.rooms[room.id] = room
        return room

    def private(self, user: int) -> Room:
        """Give a person's chat with the bot, opened if it was not."""
        if user not in self.rooms:
            name = self.people[user].name
            self.rooms[user] = Room(user, "private", name, self._shared_ids, {user})
        return self.rooms[user]

    def add(self, room: Room, author: int, **parts: Any) -> Shown:
        """Put a message into a chat, in the topic and thread that its reply gives it."""
        shown = Shown(next(room.ids), room.id, author, int(time.time()), **parts)
        replied = room.messages.get(shown.reply_to) if shown.reply_to else None
        if replied is not None:
            shown.topic = shown.topic or replied.topic
            shown.root = replied.root or replied.message_id
        room.messages[shown.message_id] = shown
        self.keep(shown)
        return shown

    def keep(self, shown: Shown, *, edit: bool = False) -> None:
        """Keep the present state of a message of the bot's and tell of the change."""
        if shown.author == self.bot.id:
            state = State(
                len(self.states) + 1,
                shown.chat,
                shown.message_id,
                edit,
                shown.html,
                shown.text,
                tuple(shown.entities),
                tuple(shown.buttons),
                shown.document,
            )
            shown.states.append(state)
            self.states.append(state)
        self.changed()
