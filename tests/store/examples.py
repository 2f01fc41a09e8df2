"""Events and things said, as the tests of the store need them."""

from datetime import UTC, datetime
from typing import Any

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Account, Incoming, Place

AT = datetime(2026, 6, 8, 14, 5, 0, 123, tzinfo=UTC)
PLACE = Place("slack", "C1")
UJ = Account("slack", "T1", "U1")


def command(text: str = "status ZA-UJ", **more: Any) -> Event:
    """An event at ZA-UJ, a command unless something else is said."""
    values: dict[str, Any] = {"what": What.COMMAND, "at": AT, "text": text, "site": "ZA-UJ"}
    return Event(**values | more)


def said(event: str, text: str = "status") -> Incoming:
    """Something said by ZA-UJ's admin."""
    return Incoming(event, UJ, PLACE, text, AT)
