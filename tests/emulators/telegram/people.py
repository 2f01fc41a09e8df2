"""What people do in the emulated Telegram; each act becomes the updates that Telegram makes."""

import itertools
import time
from typing import Any

from tests.emulators.telegram import entities, shapes
from tests.emulators.telegram.markup import cut, units
from tests.emulators.telegram.sending import TEXT_LIMIT
from tests.emulators.telegram.server import Server
from tests.emulators.telegram.world import (
    ANONYMOUS,
    SERVICE,
    Button,
    Json,
    Person,
    Query,
    Room,
    Shown,
    World,
)

ANSWER_SECONDS = 10.0
"""How long `press` waits for the bot's answer."""


class People:
    """Accounts and chats, and what is said and pressed in them."""

    def __init__(self) -> None:
        self.world = World()
        self.server = Server(self.world)
        self._query_ids = itertools.count(4000000000000000001)
        for number, name, username in (
            (ANONYMOUS, "Group", "GroupAnonymousBot"),
            (SERVICE, "Telegram", None),
        ):
            bot = number == ANONYMOUS
            self.world.people[number] = Person(number, name, username, bot)

    # --- who and where ---

    def person(self, name: str, username: str | None = None, bot: bool = False) -> int:
        """Make an account and give its id."""
        return self.world.person(name, username, bot).id

    def group(self, title: str, members: tuple[int, ...] = (), forum: bool = False) -> int:
        """Make a group with the bot in it; a forum can only be a supergroup, so it is one."""
        kind = "supergroup" if forum else "group"
        return self.world.room(kind, title, set(members), forum=forum).id

    def supergroup(self, title: str, members: tuple[int, ...] = (), forum: bool = False) -> int:
        """Make a supergroup with the bot in it."""
        return self.world.room("supergroup", title, set(members), forum=forum).id

    def channel(self, title: str) -> int:
        """Make a channel with the bot in it."""
        return self.world.room("channel", title, set()).id

    def private(self, user: int, started: bool = False) -> int:
        """Give a person's chat with the bot; the bot may speak in it once it was started."""
        if started:
            self.world.private(user)
        return user

    def topic(self, chat: int, name: str) -> int:
        """Open a topic in a forum and give its message_thread_id."""
        room = self.world.rooms[chat]
        assert room.forum, "topics are in forums only"
        creator = min(room.members, default=ANONYMOUS)
        created = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
        shown = self.world.add(room, creator, more=created)
        shown.topic = shown.message_id
        room.topics[shown.message_id] = name
        self.server.updates.push("message", shapes.message(self.world, shown))
        return shown.message_id

    # --- what they do ---

    async def say(
        self, user: int, chat: int, text: str, reply_to: int | None = None, topic: int | None = None
    ) -> int:
        """Say something; in one's chat with the bot this starts it. Gives the message's id."""
        if chat == user:
            self.world.private(user)
        room = self._open(chat, user)
        assert topic is None or topic in room.topics, f"no topic {topic}"
        assert reply_to is None or reply_to in room.messages, f"no message {reply_to}"
        return self._said(room, user, text, reply_to=reply_to, topic=topic)

    async def edit(self, chat: int, message_id: int, text: str) -> None:
        """Edit what a person said."""
        room = self.world.rooms[chat]
        shown = room.messages[message_id]
        shown.text, shown.entities, shown.edited = text, entities.find(text), True
        self.world.changed()
        self._tell("edited_message", room, shown)

    async def delete(self, chat: int, message_id: int) -> None:
        """Delete a message, the bot's or a person's. Telegram tells bots nothing of it."""
        del self.world.rooms[chat].messages[message_id]
        self.world.changed()

    async def forward(self, user: int, chat: int, text: str) -> int:
        """Forward a person's own words from elsewhere."""
        sender = shapes.user(self.world.people[user])
        origin = {"type": "user", "sender_user": sender, "date": int(time.time()) - 60}
        return self._said(self._open(chat, user), user, text, more={"forward_origin": origin})

    async def anonymous(self, chat: int, text: str) -> int:
        """Say something as an administrator who does not show who they are."""
        room = self._open(chat)
        sender = {"sender_chat": shapes.chat(self.world, room)}
        return self._said(room, ANONYMOUS, text, more=sender)

    async def linked(self, chat: int, channel: int, text: str) -> int:
        """A post of the channel that is linked to a group, as Telegram copies it there."""
        post = shapes.chat(self.world, self.world.rooms[channel])
        origin = {"type": "channel", "chat": post, "message_id": 1, "date": int(time.time())}
        more = {"sender_chat": post, "is_automatic_forward": True, "forward_origin": origin}
        return self._said(self._open(chat), SERVICE, text, more=more)

    async def channel_post(self, channel: int, text: str) -> int:
        """Post in a channel: nobody in particular is speaking."""
        room = self.world.rooms[channel]
        assert room.kind == "channel", "channel_post is for channels"
        more = {"sender_chat": shapes.chat(self.world, room)}
        found = entities.find(text)
        shown = self.world.add(room, 0, text=text, entities=found, more=more)
        self.server.updates.push("channel_post", shapes.message(self.world, shown))
        return shown.message_id

    async def via_bot(self, user: int, chat: int, text: str, bot: int | None = None) -> int:
        """Say something through an inline bot."""
        through = self.world.people[bot] if bot else self._another_bot()
        more = {"via_bot": shapes.user(through)}
        return self._said(self._open(chat, user), user, text, more=more)

    async def bot_says(self, chat: int, text: str, bot: int | None = None) -> int:
        """Another bot's words, given to this bot whatever Telegram would do."""
        room = self.world.rooms[chat]
        speaker = self.world.people[bot] if bot else self._another_bot()
        found = entities.find(text)
        shown = self.world.add(room, speaker.id, text=text, entities=found)
        self.server.updates.push("message", shapes.message(self.world, shown))
        return shown.message_id

    async def press(
        self, user: int, chat: int, message_id: int, label: str, *, inaccessible: bool = False
    ) -> str | None:
        """Press a button that stands there now (label or data); None without an answer in 10 s.

        `inaccessible`: Telegram gives only the message's id, as it does for old ones.
        """
        room = self.world.rooms[chat]
        assert user in room.members, "who presses is not in the chat"
        shown = room.messages[message_id]
        button = self._button(shown, label)
        query = Query(str(next(self._query_ids)), user, time.monotonic())
        self.world.queries[query.id] = query
        message = shapes.message(self.world, shown)
        if inaccessible:
            message = {"message_id": message_id, "chat": message["chat"], "date": 0}
        payload = {
            "id": query.id,
            "from": shapes.user(self.world.people[user]),
            "message": message,
            "chat_instance": str(abs(chat) * 7919),
            "data": button.data,
        }
        self.server.updates.push("callback_query", payload)
        try:
            await self.world.until(lambda: query.answer is not None, ANSWER_SECONDS)
        except AssertionError:
            self.world.fault("a pressed button was not answered")
        return query.answer

    def _button(self, shown: Shown, label: str) -> Button:
        for button in shown.buttons:
            if label in {button.label, button.data}:
                return button
        raise AssertionError(f"no button {label!r}: {[b.label for b in shown.buttons]}")

    # --- what becomes of chats ---

    async def migrate(self, chat: int) -> int:
        """Turn a group into a supergroup, whose id is given; its messages stay behind."""
        old = self._open(chat)
        assert old.kind == "group", "only groups become supergroups"
        new = self.world.room("supergroup", old.title, old.members, admin=old.admin)
        old.moved_to = new.id
        creator = min(old.members, default=ANONYMOUS)
        left = self.world.add(old, creator, more={"migrate_to_chat_id": new.id})
        came = self.world.add(new, creator, more={"migrate_from_chat_id": old.id})
        for shown in (left, came):
            self.server.updates.push("message", shapes.message(self.world, shown))
        return new.id

    async def kick(self, chat: int) -> None:
        """Throw the bot out of a chat."""
        await self._membership(chat, bot_in=False)

    async def invite(self, chat: int) -> None:
        """Take the bot back into a chat."""
        await self._membership(chat, bot_in=True)

    async def block(self, user: int) -> None:
        """Block the bot."""
        self.world.people[user].banned = True
        self._member_update(self.world.private(user), user, was=True, here=False)

    async def unblock(self, user: int) -> None:
        """Lift the block."""
        self.world.people[user].banned = False
        self._member_update(self.world.private(user), user, was=False, here=True)

    async def _membership(self, chat: int, *, bot_in: bool) -> None:
        room = self.world.rooms[chat]
        was, room.bot_in = room.bot_in, bot_in
        self._member_update(room, min(room.members, default=ANONYMOUS), was=was, here=bot_in)

    def _member_update(self, room: Room, by: int, *, was: bool, here: bool) -> None:
        def member(there: bool) -> Json:
            return shapes.member(self.world, room, self.world.bot, here=there)

        payload = {
            "chat": shapes.chat(self.world, room),
            "from": shapes.user(self.world.people[by]),
            "date": int(time.time()),
            "old_chat_member": member(was),
            "new_chat_member": member(here),
        }
        self.server.updates.push("my_chat_member", payload)

    # --- how it comes about ---

    def _another_bot(self) -> Person:
        for person in self.world.people.values():
            if person.username == "another_bot":
                return person
        return self.world.person("another", "another_bot", bot=True)

    def _open(self, chat: int, user: int | None = None) -> Room:
        room = self.world.rooms[chat]
        assert room.moved_to is None, "the group is a supergroup now"
        assert user is None or user in room.members, "who speaks is not in the chat"
        return room

    def _said(self, room: Room, author: int, text: str, **parts: Any) -> int:
        assert 0 < units(text) <= TEXT_LIMIT, "Telegram's own limit for people"
        found = entities.find(text)
        shown = self.world.add(room, author, text=text, entities=found, **parts)
        self._tell("message", room, shown)
        return shown.message_id

    def _tell(self, kind: str, room: Room, shown: Shown) -> None:
        if self._bot_sees(room, shown):
            self.server.updates.push(kind, shapes.message(self.world, shown))

    def _bot_sees(self, room: Room, shown: Shown) -> bool:
        if not room.bot_in:
            return False
        if room.kind == "private" or room.admin or not self.world.privacy:
            return True
        name = f"@{self.world.bot.username}"
        replied = room.messages.get(shown.reply_to or 0)
        if replied is not None and replied.author == self.world.bot.id:
            return True
        for entity in shown.entities:
            words = cut(shown.text, entity.offset, entity.length)
            if entity.type == "mention" and words == name:
                return True
            if entity.type == "bot_command" and ("@" not in words or words.endswith(name)):
                return True
        return False
