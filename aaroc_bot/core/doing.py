"""The command that is being carried out: it takes effect once, whatever falls in between."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Doing:
    """What was said (`Incoming.event`); `noted` once its effect is on record."""

    event: str
    noted: bool = False


class DoneBefore(Exception):
    """The very same command took effect before: the bot fell before its answer was given."""


DOING: ContextVar[Doing | None] = ContextVar("doing", default=None)
"""Set while a handler runs. The transaction that makes an effect keeps the event with it."""
