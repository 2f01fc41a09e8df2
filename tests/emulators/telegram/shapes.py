"""The JSON of the Bot API's objects."""

from collections.abc import Sequence

from tests.emulators.telegram.markup import Entity
from tests.emulators.telegram.world import Json, Person, Room, Shown, World


def user(person: Person) -> Json:
    """A User."""
    name = {"username": person.username} if person.username else {}
    return {"id": person.id, "is_bot": person.bot, "first_name": person.name, **name}


def me(world: World) -> Json:
    """What getMe tells."""
    return {
        **user(world.bot),
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def chat(world: World, room: Room) -> Json:
    """A Chat."""
    if room.kind == "private":
        person = world.people[room.id]
        name = {"username": person.username} if person.username else {}
        return {"id": room.id, "type": "private", "first_name": person.name, **name}
    forum = {"is_forum": True} if room.forum else {}
    return {"id": room.id, "type": room.kind, "title": room.title, **forum}


def full_chat(world: World, room: Room) -> Json:
    """A ChatFullInfo."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    return {
        **chat(world, room),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            **dict.fromkeys(gifts, False),
            "gifts_from_channels": False,
        },
    }


RIGHTS = (
    "can_be_edited",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "is_anonymous",
)


def member(world: World, room: Room, person: Person, *, here: bool, admin: bool = False) -> Json:
    """A ChatMember."""
    if not here:
        gone = person.id == world.bot.id
        kicked = {"status": "kicked", "until_date": 0} if gone else {"status": "left"}
        return {"user": user(person), **kicked}
    if admin:
        rights = dict.fromkeys(RIGHTS, False) | {"can_manage_chat": True}
        return {"user": user(person), "status": "administrator", **rights}
    return {"user": user(person), "status": "member"}


def entities(world: World, found: Sequence[Entity]) -> list[Json]:
    """MessageEntity, for each."""
    return [_entity(world, one) for one in found]


def _entity(world: World, one: Entity) -> Json:
    shape: Json = {"type": one.type, "offset": one.offset, "length": one.length}
    if one.url:
        shape["url"] = one.url
    if one.user:
        shape["user"] = user(world.people[one.user])
    if one.language:
        shape["language"] = one.language
    return shape


def message(world: World, shown: Shown, *, nested: bool = True) -> Json:
    """A Message; what it replies to is told one level deep."""
    room = world.rooms[shown.chat]
    shape: Json = {
        "message_id": shown.message_id,
        "date": shown.date,
        "chat": chat(world, room),
    }
    if shown.author in world.people:
        shape["from"] = user(world.people[shown.author])
    shape |= _content(world, shown)
    if shown.rows:
        keyboard = [[{"text": b.label, "callback_data": b.data} for b in row] for row in shown.rows]
        shape["reply_markup"] = {"inline_keyboard": keyboard}
    if shown.edited:
        shape["edit_date"] = shown.date
    shape |= _thread(room, shown)
    replied = room.messages.get(shown.reply_to or shown.topic or 0)
    if nested and replied is not None and replied is not shown:
        shape["reply_to_message"] = message(world, replied, nested=False)
    return shape | shown.more


def _thread(room: Room, shown: Shown) -> Json:
    if shown.topic is not None:
        return {"message_thread_id": shown.topic, "is_topic_message": True}
    if room.kind == "supergroup" and shown.root is not None:
        return {"message_thread_id": shown.root}
    return {}


def _content(world: World, shown: Shown) -> Json:
    if shown.document is None:
        found = {"entities": entities(world, shown.entities)} if shown.entities else {}
        return ({"text": shown.text} if shown.text else {}) | found
    name, content = shown.document
    file = {
        "file_name": name,
        "mime_type": "text/plain",
        "file_id": f"file-{shown.chat}-{shown.message_id}",
        "file_unique_id": f"unique-{shown.chat}-{shown.message_id}",
        "file_size": len(content.encode()),
    }
    caption = {"caption": shown.text} if shown.text else {}
    found = {"caption_entities": entities(world, shown.entities)} if shown.entities else {}
    return {"document": file, **caption, **found}
