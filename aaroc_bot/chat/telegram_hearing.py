"""What of Telegram's updates the bot hears, and how it reads: pure, nothing is sent.

Heard is a person who speaks for themselves: not what was edited or forwarded, no other
bot, nobody behind a channel's or a group's name. In groups that the operator did not name
nobody is heard.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from telegram import CallbackQuery, Message, Update, User

from aaroc_bot.chat.telegram_names import NAME, Name, Rooms
from aaroc_bot.core.message import Account, Incoming, Place

_COMMAND = re.compile(r"/(?P<name>\w{1,64})(?:@(?P<bot>\w+))?(?=\s|$)")
_MENTION = re.compile(r"@(?P<bot>\w+)(?!\w)[\s,:]*")
_DATA = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Ear:
    """Who listens where.

    `plain` is whether the ROC's chat is heard without being addressed; `commands` are those
    of the menu, which are the bot's own wherever they are typed.
    """

    bot: int
    username: str
    rooms: Rooms
    plain: bool
    commands: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Words:
    """What was typed, without what got the bot's ear."""

    text: str
    addressed: bool


def heard(update: Update, ear: Ear) -> Incoming | None:
    """Give what was said in a message; None if it is not for the bot, or nobody said it."""
    message = update.message
    if message is None or not message.text or not _is_persons(message):
        return None
    place = _place(message, ear.rooms)
    words = _words(message, ear)
    if place is None or words is None or message.from_user is None:
        return None
    direct = message.chat.type == "private"
    all_heard = direct or (ear.plain and place == ear.rooms.roc)
    if not (words.addressed or all_heard):
        return None
    return Incoming(
        event=_event(update, ear),
        account=_account(message.from_user),
        place=place,
        text=words.text,
        at=message.date,
        ref=ear.rooms.written(name_of(message)),
        direct=direct,
        addressed=words.addressed and not direct,
        private=direct,
    )


def pressed(update: Update, ear: Ear, at: datetime) -> Incoming | None:
    """Give a press of a button; None if it is none of a message of the bot's that still stands."""
    query = update.callback_query
    card = None if query is None else query.message
    if query is None or not isinstance(card, Message) or query.from_user.is_bot:
        return None
    author, place = card.from_user, _place(card, ear.rooms)
    own = author is not None and author.id == ear.bot
    if place is None or not own or not _DATA.fullmatch(query.data or ""):
        return None
    direct = card.chat.type == "private"
    return Incoming(
        event=_event(update, ear),
        account=_account(query.from_user),
        place=place,
        text="",
        at=at,
        ref=ear.rooms.written(name_of(card)),
        button=query.data,
        direct=direct,
        private=direct,
    )


def is_known(query: CallbackQuery, rooms: Rooms) -> bool:
    """Whether a press came from where the bot speaks at all."""
    card = query.message
    return card is not None and (
        card.chat.type == "private" or rooms.named(card.chat.id) is not None
    )


def moved(update: Update) -> tuple[int, int] | None:
    """Give the old and the new id of a group that became a supergroup."""
    message = update.message
    if message is None:
        return None
    if message.migrate_to_chat_id:
        return message.chat.id, message.migrate_to_chat_id
    if message.migrate_from_chat_id:
        return message.migrate_from_chat_id, message.chat.id
    return None


def speaker(update: Update) -> int:
    """Give who an update comes from: those of one are taken in one after another."""
    return 0 if update.effective_user is None else update.effective_user.id


def name_of(message: Message) -> Name:
    """Give a message's name; replies outside a forum name a thread too, which is no topic."""
    topic = message.message_thread_id if message.is_topic_message else None
    return Name(message.chat.id, message.message_id, topic)


def _is_persons(message: Message) -> bool:
    """Whether a person says this for themselves."""
    return not (
        message.from_user is None
        or message.from_user.is_bot
        or message.sender_chat
        or message.forward_origin
        or message.via_bot
        or message.is_automatic_forward
        or message.sender_business_bot
    )


def _place(message: Message, rooms: Rooms) -> Place | None:
    if message.chat.type == "private":
        return Place(NAME, str(message.chat.id))
    if message.chat.type not in {"group", "supergroup"}:
        return None
    channel = rooms.named(message.chat.id)
    return None if channel is None else Place(NAME, channel)


def _words(message: Message, ear: Ear) -> _Words | None:
    """Take off what only gets the bot's ear; None where it is another bot's.

    A command that names no bot and is not in the menu may be another's, and stays as it is.
    ``/start``, which Telegram has everybody begin with, asks for help, as a bare mention does.
    """
    text = (message.text or "").strip()
    if command := _COMMAND.match(text):
        if command["bot"] and not _is_me(command["bot"], ear):
            return None
        name = command["name"]
        if command["bot"] or name == "start" or name.lower() in ear.commands:
            return _Words("help" if name == "start" else name + text[command.end() :], True)
    mention = _MENTION.match(text)
    if mention and _is_me(mention["bot"], ear):
        return _Words(text[mention.end() :].strip() or "help", True)
    return _Words(text, _is_reply(message, ear))


def _is_me(username: str, ear: Ear) -> bool:
    return username.lower() == ear.username.lower()


def _is_reply(message: Message, ear: Ear) -> bool:
    """Whether it answers the bot; all in a topic "answers" the message that opened the topic."""
    other = message.reply_to_message
    if other is None or other.from_user is None or other.forum_topic_created:
        return False
    if message.is_topic_message and other.message_id == message.message_thread_id:
        return False
    return other.from_user.id == ear.bot


def _account(user: User) -> Account:
    return Account(NAME, "", str(user.id))


def _event(update: Update, ear: Ear) -> str:
    return f"{NAME}:{ear.bot}:{update.update_id}"
