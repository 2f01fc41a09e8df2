"""What a conversation needs of a chat: to speak there as its people, and see what they see.

Each chat has a `Screen`: `web`, `slack` and `telegram` beside this module.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.ports import Hear

_CARD = re.compile(r"(?:Run (?=\d)|(?=#))(#?\d+) · ")


@dataclass(frozen=True, slots=True)
class Button:
    """A button where it stands, to be pressed later; `ref` and `seq` name that state.

    `only_for` is who alone sees it, None: everybody who sees the message.
    """

    ref: str
    seq: int
    id: str
    label: str
    only_for: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of the bot in one of its states. `seq` grows over a screen's states.

    `ref` names the message. `to` is whom it speaks to, None: everybody; nobody else reads
    it if `alone`. `card` is the number of the run whose card it is (``12``), or of the pull
    request (``#52``). `files` are names and contents.
    """

    seq: int
    ref: str
    lines: tuple[str, ...]
    card: str | None = None
    to: str | None = None
    alone: bool = False
    buttons: tuple[Button, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    @property
    def first(self) -> str:
        return self.lines[0]

    @property
    def more(self) -> list[str]:
        """Every further line; cells are put together, buttons stand in brackets."""
        return [
            *self.lines[1:],
            *(f"[{button.label}]" for button in self.buttons),
            *(name for name, _ in self.files),
        ]

    def is_for(self, who: str) -> bool:
        """Whether somebody can read it."""
        return not self.alone or self.to == who

    def __str__(self) -> str:
        to = f" to {self.to}" if self.to else ""
        return "\n".join([f"bot{to}> {self.first}", *(f"    | {line}" for line in self.more)])


class Screen(Protocol):
    """One chat as its people have it before them."""

    @property
    def roc(self) -> Place:
        """The ROC channel."""
        ...

    @property
    def accounts(self) -> Mapping[str, Account]:
        """Everybody's account, by the name that transcripts have for them."""
        ...

    @property
    def settings(self) -> Mapping[str, str]:
        """The settings of a bot that speaks here."""
        ...

    @property
    def secrets(self) -> Sequence[str]:
        """What the bot must never say here."""
        ...

    async def begin(self, hear: Hear) -> None:
        """Return once the bot, which lives by now, hears what is said here."""
        ...

    async def say(self, who: str, text: str, *, direct: bool) -> None:
        """Type something in the ROC channel, or to the bot alone; return once it is taken in."""
        ...

    async def press(self, who: str, button: Button) -> None:
        """Press a button where it stood; return once that is taken in."""
        ...

    async def since(self, seq: int) -> Sequence[Seen]:
        """Give the states after a seq, in order."""
        ...

    async def wait(self, seq: int) -> None:
        """Return once there is a state after a seq."""
        ...

    def read(self, line: str) -> str:
        """Write a line in the way in which this chat's lines can be compared."""
        ...

    async def kept(self) -> str:
        """Give all that the bot said here, files too."""
        ...

    def faults(self) -> Sequence[str]:
        """Give what the bot did that the chat does not allow."""
        ...


def card(first: str) -> str | None:
    """Give the run, or the pull request, whose card begins with this line."""
    found = _CARD.match(first)
    return found[1] if found else None


def loosely(line: str) -> str:
    """Write a line without code marks and without what stands between a table's columns."""
    return " ".join(word for word in line.replace("`", "").split() if word != "·")


def everything(states: Sequence[Seen]) -> str:
    """Give all that stands in states, files too."""
    return "\n".join(
        "\n".join([str(seen), *(content for _, content in seen.files)]) for seen in states
    )
