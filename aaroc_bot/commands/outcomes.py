"""What a command can come to before its handler, beside what parsing and policy say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gone:
    """A button that stands for nothing here any more: its card is old, or it stood elsewhere."""


@dataclass(frozen=True, slots=True)
class NotForYou:
    """A button that answers only to the one who typed what it completes."""


@dataclass(frozen=True, slots=True)
class TooMany:
    """More commands than one account may give a minute."""

    limit: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Something unexpected; `reference` is how the operator finds it in the log."""

    reference: str
