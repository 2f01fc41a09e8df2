"""How Telegram's chats and messages are called in the rest of the bot.

A chat goes on under the id that the operator set when its group becomes a supergroup and
gets another. A message is ``MESSAGE`` or, in a forum's topic, ``TOPIC/MESSAGE``; in a chat
that moved ``CHAT:`` stands before it, since a supergroup counts its messages anew and an
old number would mean another message there.
"""

from dataclasses import dataclass

from aaroc_bot.core.message import Place

NAME = "telegram"


@dataclass(frozen=True, slots=True)
class Name:
    """A message: its number in `chat` (Telegram's id now), and the topic that it stands in."""

    chat: int
    message: int
    topic: int | None = None


class Rooms:
    """The chats that the operator named, by the ids that they had then and have now."""

    def __init__(self, chats: tuple[int, ...]) -> None:
        """Serve `chats`; the first is the ROC's."""
        self.roc = Place(NAME, str(chats[0]))
        self._now = {str(chat): chat for chat in chats}
        self._set = {chat: str(chat) for chat in chats}

    def moved(self, channel: str, to: int) -> None:
        """Note that the chat set as `channel` has the id `to` now; its old one stays known."""
        self._now[channel] = to
        self._set[to] = channel

    def named(self, chat: int) -> str | None:
        """Give the id as the operator set it; None for a chat that nobody named."""
        return self._set.get(chat)

    def now(self, channel: str) -> int:
        """Give Telegram's id of a channel. Raises `ValueError` where it can be none."""
        return self._now.get(channel) or int(channel)

    def written(self, name: Name) -> str:
        """Write a message's name as the rest of the bot keeps it."""
        topic = "" if name.topic is None else f"{name.topic}/"
        moved = self._set.get(name.chat, str(name.chat)) != str(name.chat)
        return f"{name.chat}:{topic}{name.message}" if moved else f"{topic}{name.message}"

    def read(self, channel: str, written: str) -> Name | None:
        """Read a name; None if it is none, or of a message that did not move with its chat.

        >>> rooms = Rooms((-5,))
        >>> rooms.read("-5", "3/57"), rooms.read("-5", "57")
        (Name(chat=-5, message=57, topic=3), Name(chat=-5, message=57, topic=None))
        >>> rooms.moved("-5", -1005)
        >>> rooms.read("-5", "57"), rooms.read("-5", rooms.written(Name(-1005, 9)))
        (None, Name(chat=-1005, message=9, topic=None))
        """
        chat, _, rest = written.rpartition(":")
        topic, _, message = rest.rpartition("/")
        try:
            name = Name(int(chat or channel), int(message), int(topic) if topic else None)
            return name if name.chat == self.now(channel) else None
        except ValueError:
            return None
