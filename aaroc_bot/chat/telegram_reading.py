"""Reading Telegram's updates one by one: one that cannot be read stops no other.

The library reads all of an answer together, and one update that it cannot read makes it
raise before anybody learns which, so that the same answer would come for ever.
"""

import logging
from collections.abc import Sequence
from typing import Any

from telegram import Bot, Update

from aaroc_bot.chat.telegram_hearing import moved, speaker

log = logging.getLogger(__name__)


class RawBot(Bot):
    """The library's bot, which also gives updates as they came."""

    async def raw_updates(
        self, offset: int | None, seconds: int, kinds: Sequence[str]
    ) -> Sequence[Any]:
        """Ask for updates of some kinds, for so long at most."""
        given: Sequence[Any] = await self._post(
            "getUpdates",
            {"offset": offset, "timeout": seconds, "allowed_updates": kinds},
            read_timeout=(self._request[0].read_timeout or 0) + seconds,
        )
        return given


def number(raw: Any) -> int:
    """Give an update's number. Raises `ValueError` for what is no update.

    >>> number({"update_id": 7})
    7
    """
    found = raw.get("update_id") if isinstance(raw, dict) else None
    if not isinstance(found, int):
        raise ValueError("an update has no number")
    return found


def read(raw: Any, bot: Bot) -> Update | None:
    """Read an update; None, and a line in the log, for one that cannot be read.

    Trying it again would not help. Raises `ValueError` for what is no update at all.
    """
    known_as = number(raw)
    try:
        update = Update.de_json(raw, bot)
        moved(update), speaker(update)  # what is asked of each before it is taken in
    except Exception as problem:  # its words may be those of others
        kind = type(problem).__name__
        log.error("Telegram's update %d cannot be read (%s); it is let go", known_as, kind)
        return None
    return update
