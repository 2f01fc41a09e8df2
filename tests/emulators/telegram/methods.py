"""The methods that speak: what they check, and what they do to the world."""

from collections.abc import Callable
from typing import Any

from tests.emulators.telegram import sending, shapes
from tests.emulators.telegram.arguments import Arguments
from tests.emulators.telegram.refusal import bad
from tests.emulators.telegram.sending import HARMLESS, keyboard_of, place_of, room_of
from tests.emulators.telegram.world import Room, Shown, World

Method = Callable[[World, Arguments], Any]
FILE_LIMIT = 50_000_000
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)


def get_me(world: World, arguments: Arguments) -> Any:
    """GetMe."""
    return shapes.me(world)


def send_message(world: World, arguments: Arguments) -> Any:
    """SendMessage."""
    arguments.ignore(*HARMLESS)
    room = room_of(world, arguments)
    html, text, found = sending.body_of(world, arguments, edit=False)
    place = place_of(world, room, arguments)
    rows = keyboard_of(world, arguments)
    shown = world.add(room, world.bot.id, html=html, text=text, entities=found, rows=rows, **place)
    return shapes.message(world, shown)


def send_document(world: World, arguments: Arguments) -> Any:
    """SendDocument."""
    arguments.ignore(*HARMLESS)
    room = room_of(world, arguments)
    name, content = arguments.file("document")
    if not content:
        raise bad("file must be non-empty")
    if len(content) > FILE_LIMIT:
        world.fault(f"a file of {len(content)} bytes")
        raise bad("file is too big")
    html, text, found = sending.caption_of(world, arguments)
    place = place_of(world, room, arguments)
    rows = keyboard_of(world, arguments)
    document = (name, content.decode(errors="replace"))
    shown = world.add(
        room,
        world.bot.id,
        html=html,
        text=text,
        entities=found,
        rows=rows,
        document=document,
        **place,
    )
    return shapes.message(world, shown)


def _own(world: World, room: Room, arguments: Arguments) -> Shown:
    shown = room.messages.get(arguments.number("message_id"))
    if shown is None:
        raise bad("message to edit not found")
    if shown.author != world.bot.id:
        world.fault("an edit of a message of somebody else's")
        raise bad("message can't be edited")
    return shown


def _edit(world: World, shown: Shown, **parts: Any) -> Any:
    if all(getattr(shown, name) == value for name, value in parts.items() if name != "html"):
        raise bad(NOT_MODIFIED)
    for name, value in parts.items():
        setattr(shown, name, value)
    shown.edited = True
    world.keep(shown, edit=True)
    return shapes.message(world, shown)


def edit_message_text(world: World, arguments: Arguments) -> Any:
    """EditMessageText; a keyboard that is left out is taken away."""
    arguments.ignore("link_preview_options")
    room = room_of(world, arguments)
    html, text, found = sending.body_of(world, arguments, edit=True)
    rows = keyboard_of(world, arguments)
    shown = _own(world, room, arguments)
    if shown.document is not None:
        raise bad("there is no text in the message to edit")
    return _edit(world, shown, html=html, text=text, entities=found, rows=rows)


def edit_message_caption(world: World, arguments: Arguments) -> Any:
    """EditMessageCaption."""
    arguments.ignore("show_caption_above_media")
    room = room_of(world, arguments)
    html, text, found = sending.caption_of(world, arguments)
    rows = keyboard_of(world, arguments)
    shown = _own(world, room, arguments)
    if shown.document is None:
        raise bad("there is no caption in the message to edit")
    return _edit(world, shown, html=html, text=text, entities=found, rows=rows)


def edit_message_reply_markup(world: World, arguments: Arguments) -> Any:
    """EditMessageReplyMarkup."""
    room = room_of(world, arguments)
    rows = keyboard_of(world, arguments)
    return _edit(world, _own(world, room, arguments), rows=rows)


SPEAKING: dict[str, Method] = {
    "getme": get_me,
    "sendmessage": send_message,
    "senddocument": send_document,
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagereplymarkup": edit_message_reply_markup,
}
