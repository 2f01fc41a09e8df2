"""Saying no: the words to the asker, or the right that turned out to be missing."""

from aaroc_bot.core.audit import Lacking
from aaroc_bot.core.message import Audience, Button, Kind, Message
from aaroc_bot.core.policy import Allowed, CannotTell, Refused
from aaroc_bot.core.text import Text


class Refusal(Exception):
    """A no with its words: what is missing, who can grant it, the next step to type."""

    def __init__(
        self,
        text: Text,
        *lines: Text,
        buttons: tuple[Button, ...] = (),
        lacks: Lacking | None = None,
    ) -> None:
        """Keep the words; the dispatcher puts them on record and tells the asker alone.

        `lacks` is the right that is missing, None where this is no matter of rights.
        """
        super().__init__(text)
        self.text = text
        self.lines = lines
        self.buttons = buttons
        self.lacks = lacks

    def message(self) -> Message:
        """Give it as a message to the asker alone."""
        return Message(
            self.text,
            lines=tuple(line for line in self.lines if line),
            buttons=self.buttons,
            kind=Kind.REFUSAL,
            to=Audience.ASKER,
        )


class NotAllowed(Exception):
    """A right that turned out to be missing within a handler; the dispatcher words it."""

    def __init__(self, decision: Refused | CannotTell) -> None:
        """Keep the decision."""
        super().__init__(str(decision))
        self.decision = decision


def demand(decision: Allowed | Refused | CannotTell) -> None:
    """Raise `NotAllowed` unless the decision is a yes."""
    if not isinstance(decision, Allowed):
        raise NotAllowed(decision)
