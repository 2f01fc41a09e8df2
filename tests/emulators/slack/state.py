"""What there is in the workspace: people, channels, messages and the states they had."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.emulators.slack.blocks import Json

T = TypeVar("T")

TEAM = "T0AAROC"
APP = "A0AAROC"
BOT_USER = "U0BOT"
BOT = "B0BOT"
"""The bot's id as an integration, beside its id as a user."""


@dataclass(slots=True)
class Person:
    id: str
    name: str
    tz: str
    team: str
    bot: bool


@dataclass(slots=True)
class Channel:
    """A channel, or a direct message with the bot (`im`). `bot_in` and `archived` may be set."""

    id: str
    name: str
    members: list[str]
    bot_in: bool = True
    archived: bool = False
    im: bool = False

    @property
    def type(self) -> str:
        return "im" if self.im else "channel"


@dataclass(frozen=True, slots=True)
class State:
    """One state of one message of the bot's, as it stood from `seq` on."""

    seq: int
    text: str
    blocks: list[Json]
    channel: str
    ts: str
    thread_ts: str | None
    to: str | None
    files: tuple[tuple[str, str], ...]
    names: Mapping[str, str] = field(repr=False, compare=False)
    """What people are called, by id."""


@dataclass(slots=True)
class Shown:
    """A message as its readers see it now; `to` is who alone does, if it is ephemeral."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json]
    names: Mapping[str, str] = field(repr=False)
    thread_ts: str | None = None
    metadata: Json | None = None
    to: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[tuple[str, str]] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    edited_ts: str | None = None
    deleted: bool = False
    bot_id: str | None = None
    subtype: str | None = None

    @property
    def edited(self) -> bool:
        return self.edited_ts is not None


class World:
    """The workspace's content, and the bell that rings when it changes."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.names: dict[str, str] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, list[Shown]] = {}
        self.history: list[State] = []
        self._replies: dict[tuple[str, str], int] = {}
        self.faults: list[str] = []
        self._bell = asyncio.Event()
        self._last = 0
        self._ids = 0
        self.add_person(Person(BOT_USER, "aaroc", "Etc/UTC", TEAM, bot=True))

    def add_person(self, person: Person) -> None:
        self.people[person.id] = person
        self.names[person.id] = person.name

    def add_channel(self, channel: Channel) -> None:
        self.channels[channel.id] = channel
        self.messages[channel.id] = []

    def id(self, prefix: str) -> str:
        """Make an id that nothing else has."""
        self._ids += 1
        return f"{prefix}{self._ids:06X}"

    def ts(self) -> str:
        """Give the next timestamp; none is given twice."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def foreign(self, channel: Channel) -> bool:
        """Whether people of another workspace are in it (Slack Connect)."""
        return any(self.people[member].team != TEAM for member in channel.members)

    def im(self, user: str) -> Channel:
        """Give the direct message of the bot and somebody, opened if it was not."""
        for channel in self.channels.values():
            if channel.im and user in channel.members:
                return channel
        channel = Channel(self.id("D0"), "directmessage", [user], im=True)
        self.add_channel(channel)
        return channel

    def find(self, channel: str, ts: str, *, ephemeral: bool = False) -> Shown | None:
        """Find a message that stands; ephemeral ones only when asked for."""
        for shown in self.messages.get(channel, ()):
            if shown.ts == ts and not shown.deleted and (ephemeral or shown.to is None):
                return shown
        return None

    def post(self, channel: str, user: str, text: str, blocks: list[Json], **more: Any) -> Shown:
        """Put a message into a channel."""
        shown = Shown(channel, self.ts(), user, text, blocks, self.names, **more)
        self.messages[channel].append(shown)
        if shown.thread_ts and shown.to is None:
            thread = (channel, shown.thread_ts)
            self._replies[thread] = self._replies.get(thread, 0) + 1
        self.keep(shown)
        return shown

    def replies(self, shown: Shown) -> int:
        """Count the replies that a message got."""
        return self._replies.get((shown.channel, shown.ts), 0)

    def keep(self, shown: Shown) -> None:
        """Note the state that a message has now, and ring."""
        state = State(
            seq=len(self.history) + 1,
            text=shown.text,
            blocks=shown.blocks,
            channel=shown.channel,
            ts=shown.ts,
            thread_ts=shown.thread_ts,
            to=shown.to,
            files=tuple(shown.files),
            names=self.names,
        )
        shown.states.append(state)
        if shown.user == BOT_USER:
            self.history.append(state)
        self.ring()

    def fault(self, what: str) -> None:
        """Note what a well-behaved client would not have done."""
        self.faults.append(what)
        self.ring()

    def ring(self) -> None:
        """Wake whoever waits for a change."""
        self._bell.set()
        self._bell = asyncio.Event()

    async def until(self, condition: Callable[[], T], seconds: float) -> T:
        """Wait until `condition` gives something true, and give that.

        It is asked after each change here, and now and then for what changes elsewhere.
        """
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"not within {seconds} s; faults: {self.faults}")
            try:
                await asyncio.wait_for(self._bell.wait(), min(left, 0.2))
            except TimeoutError:
                continue
        return found
