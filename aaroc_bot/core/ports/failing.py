"""What a port raises where it could not do as it was asked."""

from datetime import datetime


class Unavailable(Exception):
    """Something that the bot depends on does not answer; `what` and `since` for people."""

    def __init__(self, what: str, since: datetime | None = None) -> None:
        """Say what is away (``GitHub``, ``the database``) and since when, if known."""
        super().__init__(what)
        self.what = what
        self.since = since


class Overheard(Unavailable):
    """What was not taken in were people's words to each other: nothing is to be said of it."""


class Later(Exception):
    """A chat asks to wait `seconds` before it takes this again.

    `maybe` says that it may have been taken all the same: the chat did not answer.
    """

    def __init__(self, seconds: float, *, maybe: bool = False) -> None:
        """Keep the time to wait, in seconds."""
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds
        self.maybe = maybe


class Lost(Exception):
    """A chat will never take this (the message, or the person's chat, is gone)."""


class Shut(Lost):
    """A channel takes nothing from the bot now; it may again, when somebody lets it in."""
