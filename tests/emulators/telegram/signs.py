"""The small methods: answering a button, reactions, the menu, and asking about chats."""

import re
import time
from typing import Any

from tests.emulators.telegram import shapes
from tests.emulators.telegram.arguments import Arguments
from tests.emulators.telegram.methods import Method
from tests.emulators.telegram.refusal import bad
from tests.emulators.telegram.sending import room_of
from tests.emulators.telegram.world import World

_KNOWN = (
    "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥 "
    "🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨 "
    "🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡"
)
EMOJI = frozenset(_KNOWN.split())
"""The only emoji that Telegram takes as reactions (without their variation selectors)."""
QUERY_SECONDS = 15.0
"""How long a pressed button may be answered."""
ANSWER_LIMIT = 200
COMMAND = re.compile(r"[a-z0-9_]{1,32}")


def answer_callback_query(world: World, arguments: Arguments) -> Any:
    """AnswerCallbackQuery: once, and soon."""
    arguments.ignore("url", "cache_time")
    query = world.queries.get(arguments.text("callback_query_id"))
    text = arguments.text("text")
    alert = arguments.flag("show_alert")
    if query is None or query.answer is not None or time.monotonic() - query.asked > QUERY_SECONDS:
        world.fault("an answer to a button that is unknown, answered already or too old")
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if len(text) > ANSWER_LIMIT:
        world.fault(f"an answer to a button of {len(text)} characters")
        raise bad("MESSAGE_TOO_LONG")
    query.answer, query.alert = text, alert
    world.changed()
    return True


def set_message_reaction(world: World, arguments: Arguments) -> Any:
    """SetMessageReaction: a bot may put one of the known emoji."""
    arguments.ignore("is_big")
    room = room_of(world, arguments)
    given = arguments.parsed("reaction", "reaction types") or []
    shown = room.messages.get(arguments.number("message_id"))
    if shown is None:
        raise bad("message to react not found")
    if len(given) > 1:
        raise bad("REACTIONS_TOO_MANY")
    emoji = [str(one.get("emoji", "")) for one in given]
    if (
        any(one.get("type") != "emoji" for one in given)
        or not {sign.replace("\ufe0f", "") for sign in emoji} <= EMOJI
    ):
        world.fault(f"a reaction that Telegram does not have: {emoji}")
        raise bad("REACTION_INVALID")
    shown.reactions = emoji
    world.changed()
    return True


def set_my_commands(world: World, arguments: Arguments) -> Any:
    """SetMyCommands."""
    arguments.ignore("language_code")
    given = arguments.parsed("commands", "BotCommand")
    scope = arguments.parsed("scope", "BotCommandScope") or {"type": "default"}
    if not isinstance(given, list):
        raise bad("Expected an Array of BotCommand")
    if len(given) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    menu = [(str(one.get("command", "")), str(one.get("description", ""))) for one in given]
    for command, description in menu:
        if not COMMAND.fullmatch(command):
            world.fault(f"a command that is none: {command!r}")
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= 256:
            world.fault(f"a description of {len(description)} characters")
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    if len({command for command, _ in menu}) < len(menu):
        world.fault("a command twice in the menu")
    world.commands[scope["type"]] = menu
    world.changed()
    return True


def get_chat(world: World, arguments: Arguments) -> Any:
    """GetChat."""
    return shapes.full_chat(world, room_of(world, arguments, write=False))


def get_chat_member(world: World, arguments: Arguments) -> Any:
    """GetChatMember."""
    room = room_of(world, arguments, write=False)
    person = world.people.get(arguments.number("user_id"))
    if person is None:
        raise bad("invalid user_id specified")
    if person.id == world.bot.id:
        return shapes.member(world, room, person, here=room.bot_in, admin=room.admin)
    return shapes.member(world, room, person, here=person.id in room.members)


SMALL: dict[str, Method] = {
    "answercallbackquery": answer_callback_query,
    "setmessagereaction": set_message_reaction,
    "setmycommands": set_my_commands,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
}
