"""What is sent, checked: a text with its markup, a keyboard, a reply, a place."""

from typing import Any

from tests.emulators.telegram import entities, markup
from tests.emulators.telegram.arguments import Arguments
from tests.emulators.telegram.markup import Entity, units
from tests.emulators.telegram.refusal import Refused, bad
from tests.emulators.telegram.world import Button, Json, Room, World

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ENTITY_LIMIT = 100
DATA_LIMIT = 64
ROW_LIMIT = 8
BUTTON_LIMIT = 100
HARMLESS = (
    "disable_notification",
    "protect_content",
    "link_preview_options",
    "disable_content_type_detection",
    "show_caption_above_media",
)


def room_of(world: World, arguments: Arguments, *, write: bool = True) -> Room:
    """Find the chat of a call; raises `Refused` where the bot may not speak in it."""
    given = arguments.text("chat_id")
    if not given:
        raise bad("chat_id is empty")
    number = arguments.number("chat_id")
    room = world.rooms.get(number)
    if room is None and number in world.people:
        raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
    if room is None:
        raise bad("chat not found")
    if write and room.moved_to is not None:
        raise Refused(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=room.moved_to,
        )
    if not room.bot_in:
        kind = {"group": "group", "supergroup": "supergroup"}.get(room.kind, "channel")
        raise Refused(403, f"Forbidden: bot was kicked from the {kind} chat")
    if room.kind == "private" and world.people[room.id].banned:
        raise Refused(403, "Forbidden: bot was blocked by the user")
    return room


def text_of(world: World, arguments: Arguments, name: str) -> tuple[str, str, list[Entity]]:
    """Give a text as sent, as shown, and its entities."""
    sent = arguments.text(name)
    mode = arguments.text("parse_mode").lower()
    given: list[Entity] = []
    shown = sent
    if mode == "html":
        parsed = markup.parse(sent)
        shown, given = parsed.text, parsed.entities
        for doubt in parsed.doubts:
            world.fault(f"{name}: {doubt}")
    elif mode:
        raise bad("unsupported parse_mode")
    if arguments.parsed("entities", "entities") or arguments.parsed("caption_entities", "entities"):
        raise bad("entities are not emulated: send HTML")
    known = [one for one in given if not one.user or one.user in world.people]
    if len(known) > ENTITY_LIMIT:
        world.fault(f"{name}: {len(known)} entities, Telegram shows the first {ENTITY_LIMIT}")
        known = known[:ENTITY_LIMIT]
    if "\0" in shown or entities.clean(shown) != shown.replace("\t", " "):
        world.fault(f"{name}: characters that Telegram takes out")
    text, kept = entities.trim(shown, known)
    return sent, entities.clean(text), entities.find(text, kept)


def body_of(world: World, arguments: Arguments, *, edit: bool) -> tuple[str, str, list[Entity]]:
    """Give a message's text, which must be there and short enough."""
    sent, text, found = text_of(world, arguments, "text")
    if not text:
        raise bad("message text is empty")
    if units(text) > TEXT_LIMIT:
        world.fault(f"a message of {units(text)} characters")
        raise bad("MESSAGE_TOO_LONG" if edit else "message is too long")
    return sent, text, found


def caption_of(world: World, arguments: Arguments) -> tuple[str, str, list[Entity]]:
    """Give a caption, which may be empty and must be short enough."""
    sent, text, found = text_of(world, arguments, "caption")
    if units(text) > CAPTION_LIMIT:
        world.fault(f"a caption of {units(text)} characters")
        raise bad("message caption is too long")
    return sent, text, found


def keyboard_of(world: World, arguments: Arguments) -> list[list[Button]]:
    """Give the rows of the inline keyboard; raises `Refused` where one would be refused."""
    given = arguments.parsed("reply_markup", "reply keyboard markup")
    if given is None or given == {}:
        return []
    if not isinstance(given, dict) or set(given) != {"inline_keyboard"}:
        world.fault("a keyboard that is not an inline one")
        raise bad("object expected as reply markup")
    rows = given["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    keyboard = [[_button(world, one) for one in row] for row in rows if row]
    if sum(map(len, keyboard)) > BUTTON_LIMIT or any(len(row) > ROW_LIMIT for row in keyboard):
        world.fault("a keyboard with too many buttons")
        raise bad("reply markup is too long")
    return keyboard


def _button(world: World, given: Any) -> Button:
    if not isinstance(given, dict):
        raise bad("can't parse inline keyboard button: expected an Object")
    label, data = given.get("text"), given.get("callback_data")
    if not isinstance(label, str):
        raise bad("can't parse inline keyboard button: Can't find field \"text\"")
    if not label.strip():
        world.fault("a button without a label")
        raise bad("inline keyboard button text must be non-empty")
    if set(given) != {"text", "callback_data"} or not isinstance(data, str):
        raise bad("Text buttons are unallowed in the inline keyboard")
    size = len(data.encode())
    if not 1 <= size <= DATA_LIMIT:
        world.fault(f"callback_data of {size} bytes")
        raise bad("BUTTON_DATA_INVALID")
    return Button(label, data)


def place_of(world: World, room: Room, arguments: Arguments) -> Json:
    """Give `topic` and `reply_to` of a message to be sent; raises `Refused` if either is not."""
    topic = arguments.number("message_thread_id") or None
    if topic is not None and topic not in room.topics:
        world.fault(f"message_thread_id {topic} is no topic of chat {room.id}")
        raise bad("message thread not found")
    reply = arguments.parsed("reply_parameters", "reply parameters")
    if reply is None:
        return {"topic": topic, "reply_to": None}
    if not isinstance(reply, dict) or not isinstance(reply.get("message_id"), int):
        raise bad('can\'t find field "message_id"')
    if reply.get("chat_id", room.id) != room.id:
        world.fault("a reply to a message of another chat")
    number = reply["message_id"]
    replied = room.messages.get(number)
    if replied is None:
        if not reply.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
        return {"topic": topic, "reply_to": None}
    if topic is not None and replied.topic != topic:
        world.fault(f"a reply in topic {topic} to message {number} of topic {replied.topic}")
    return {"topic": topic, "reply_to": number}
