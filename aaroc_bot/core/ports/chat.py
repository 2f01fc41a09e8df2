"""Hearing and speaking: what was said, the chats, and what is kept of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from aaroc_bot.core.message import Account, Button, Incoming, Message, Place, Posted

Hear = Callable[[Incoming], Awaitable[None]]
"""Takes in what was said and returns once that is durable; raises `Unavailable`, and of it
`Overheard` where nobody waits for an answer."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button's random id stands for, and where it may be pressed."""

    typed: str
    place: Place
    only_for: str | None
    run: int | None


class Intake(Protocol):
    """What was said, taken in durably before anything is done about it. Filled by store."""

    async def take_in(self, incoming: Incoming) -> bool:
        """Keep it, committed; False if this event is known already."""
        ...

    async def pending(self) -> Sequence[Incoming]:
        """Give what an earlier process of this name took in and left, oldest first."""
        ...

    async def take_over(self) -> Sequence[Incoming]:
        """Give what processes that fell had taken in, oldest first; it is this one's now."""
        ...

    async def done(self, event: str) -> None:
        """Note that it was worked on. Need not be durable at once: answering twice is allowed."""
        ...

    async def pressed(self, button: str) -> Pressed | None:
        """Look up a button's id; None if there never was one."""
        ...

    async def offer(
        self, place: Place, buttons: Sequence[Button], run: int | None, message: str
    ) -> tuple[Button, ...]:
        """Give each button its random id for this place and `message` (a name of ours).

        The same button of the same message keeps its id over edits.
        """
        ...


class Chat(Protocol):
    """One chat's adapter. Raises `Later` or `Lost`; everything else is a fault.

    Nothing waits in it: where the chat's limits, or its silence, do not let a call through
    now, it raises `Later` at once with the seconds until they may. That holds for this
    channel and for this kind of call (posts, edits, signs).
    """

    name: str
    whispers: bool
    """Whether a message to the asker alone is read by nobody else in a channel."""

    async def post(
        self, place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        """Post a message; `to` is who alone reads it where `message.to` says asker.

        `mark` goes with it, unseen, where the chat can do that: `find` looks for it.
        """
        ...

    async def find(self, place: Place, mark: str, since: datetime) -> Posted | None:
        """Find what was posted with `mark` after `since`; None if nothing, or the chat can't tell."""
        ...

    async def direct(self, account: Account) -> Place:
        """Give the place where `account` alone is spoken to. Raises `Lost` where there is none."""
        ...

    def address(self, place: Place) -> str:
        """Give what one types before a command for the bot to hear it there; often nothing."""
        ...

    def shared(self, one: Place, other: Place) -> Place | None:
        """Give the place for what is said in both, threads of one channel; None: there is none."""
        ...

    async def edit(self, posted: Posted, message: Message) -> None:
        """Replace a message that stands."""
        ...

    async def react(self, posted: Posted, sign: str) -> None:
        """Put an emoji on a message that somebody else wrote (``seen``, ``refused``)."""
        ...


@runtime_checkable
class Platform(Chat, Protocol):
    """A chat on a server of somebody else's: Slack, Telegram."""

    roc: Place
    """The ROC channel: cards and digest go there."""

    @property
    def alone(self) -> bool:
        """Whether only one process may hear it at a time; all may speak."""
        ...

    @property
    def trouble(self) -> str | None:
        """Say what is wrong with the connection now, for people; None: nothing.

        ``Slack refuses the bot's token (token_revoked)``. At once for what will not mend
        itself, and after a minute for what may.
        """
        ...

    async def serve(self, hear: Hear) -> None:
        """Hear what is said until cancelled. A connection that is gone comes back by itself."""
        ...

    async def hook(self, request: Any) -> Any:
        """Answer a call of the chat's own (an aiohttp request), where it is set to call."""
        ...

    async def close(self) -> None:
        """Let go of the connections; nothing can be said any more."""
        ...


class Addresses(Protocol):
    """Where channels went that got another name in their chat. Filled by store."""

    async def all(self, chat: str) -> Mapping[str, str]:
        """Give the new name of each channel that moved, by the one that the operator set."""
        ...

    async def moved(self, chat: str, channel: str, to: str) -> None:
        """Note that `channel` (as set) is called `to` now; open cards are posted anew there."""
        ...


class Page(Protocol):
    """What the web chat keeps, so that it goes on after a restart. Filled by store.

    Every change of the channel is one row with a growing `seq`; a page that was away asks
    for all after the last one that it saw. `body` is JSON text that only the adapter reads.
    """

    async def add(self, ref: str, body: str) -> int:
        """Keep a change (a new or edited message) and give its seq."""
        ...

    async def since(self, seq: int, limit: int) -> Sequence[tuple[int, str]]:
        """Give the changes after `seq`, oldest first: seq and body."""
        ...

    async def newest(self) -> int:
        """Give the last seq, 0 when there is none."""
        ...

    async def latest(self, ref: str) -> str | None:
        """Give the newest body kept under `ref`; None if there never was one."""
        ...


class Redaction(Protocol):
    """Takes secrets out of everything that leaves."""

    def text(self, text: str) -> str:
        """Give the text without any secret in it."""
        ...
