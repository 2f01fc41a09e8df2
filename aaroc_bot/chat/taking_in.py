"""Until when a command or a press is taken in, and what its speaker is told after that."""

from collections import OrderedDict

IN_TIME = 2.5
"""Seconds in which something must be taken in: Slack waits three."""

MARGIN = 0.2
"""Seconds before that from which on it is too late to be kept: then it counts for nothing."""

NOT_TAKEN_IN = "Not taken in, try again."

TOLD = 1_000
"""Messages of which it is known that their speakers were told that they wait."""


def not_yet(what: str, then: str) -> str:
    """Say that `what` does not answer, of a message that the chat brings again."""
    return f"Not taken in yet: {what} does not answer. {then}"


class Told:
    """Which messages' speakers were told, so that each is told once."""

    def __init__(self) -> None:
        """Nobody was."""
        self._events: OrderedDict[str, None] = OrderedDict()

    def first(self, event: str) -> bool:
        """Note that the speaker is told now; False if that was done before."""
        if event in self._events:
            return False
        self._events[event] = None
        if len(self._events) > TOLD:
            self._events.popitem(last=False)
        return True
