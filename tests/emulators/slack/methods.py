"""The Web API's methods about people, channels and messages; files are in `files`."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.emulators.slack.answers import (
    Refused,
    blocks_of,
    flag,
    metadata_of,
    moment,
    text_of,
    whole,
)
from tests.emulators.slack.blocks import Json, rung
from tests.emulators.slack.events import Events
from tests.emulators.slack.state import BOT, BOT_USER, TEAM, Channel, Shown, World

MOST_SHOWN = 40_000
"""Characters of a new message's text; the rest is cut off."""

MOST_EDITED = 4000
"""Of an edit's text. The reference says characters; bytes were seen, which is stricter."""

EMOJI: Final = frozenset(
    [
        "+1",
        "-1",
        "arrows_counterclockwise",
        "bell",
        "eyes",
        "hammer_and_wrench",
        "heavy_check_mark",
        "hourglass",
        "hourglass_flowing_sand",
        "lock",
        "mag",
        "no_entry",
        "no_entry_sign",
        "ok_hand",
        "question",
        "raised_hand",
        "rocket",
        "stopwatch",
        "tada",
        "thumbsdown",
        "thumbsup",
        "unlock",
        "warning",
        "wave",
        "white_check_mark",
        "x",
    ]
)
"""Some of the names that every workspace has."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method: its fields, those it needs (a star), the scopes of which it needs one.

    Of several scopes those that begin with ``im`` are for direct messages alone.
    """

    call: Callable[[Json], Json]
    fields: str
    scopes: str = ""

    @property
    def known(self) -> set[str]:
        """The fields; a team's id comes along with any call of slack-bolt's."""
        return {"team_id", *(name.rstrip("*") for name in self.fields.split())}

    @property
    def needed(self) -> list[str]:
        return [name.rstrip("*") for name in self.fields.split() if name.endswith("*")]

    def missing(self, arguments: Json, scopes: set[str]) -> str:
        """Give the scope that a token lacks for a call; nothing when it may be made."""
        of = self.scopes.split()
        if len(of) > 1:
            direct = str(arguments.get("channel", "")).startswith("D")
            of = [scope for scope in of if scope.startswith("im:") == direct]
        return of[0] if of and scopes.isdisjoint(of) else ""


Tell = Callable[[Json], None]
"""Sends an event to whoever listens."""


class Methods:
    """What the bot's token can do."""

    def __init__(self, world: World, events: Events, tell: Tell) -> None:
        self._world = world
        self._events = events
        self._tell = tell

    def table(self) -> dict[str, Method]:
        reads = "channels:read groups:read im:read"
        history = "channels:history groups:history im:history"
        page = "cursor include_all_metadata inclusive latest limit oldest"
        says = "text blocks attachments thread_ts link_names parse username icon_url icon_emoji"
        return {
            "auth.test": Method(self._auth_test, ""),
            "chat.postMessage": Method(
                self._post,
                f"channel* {says} metadata mrkdwn reply_broadcast unfurl_links unfurl_media",
                "chat:write",
            ),
            "chat.postEphemeral": Method(self._whisper, f"channel* user* {says}", "chat:write"),
            "chat.update": Method(
                self._update,
                "channel* ts* text blocks attachments metadata link_names parse file_ids"
                " reply_broadcast",
                "chat:write",
            ),
            "reactions.add": Method(self._react, "channel* name* timestamp*", "reactions:write"),
            "conversations.open": Method(
                self._open, "channel users return_im prevent_creation", "im:write"
            ),
            "conversations.info": Method(
                self._info, "channel* include_locale include_num_members", reads
            ),
            "conversations.members": Method(self._members, "channel* cursor limit", reads),
            "conversations.history": Method(self._history, f"channel* {page}", history),
            "conversations.replies": Method(self._replies, f"channel* ts* {page}", history),
            "users.info": Method(self._user, "user* include_locale", "users:read"),
        }

    # --- people and channels ----------------------------------------------------------

    def _auth_test(self, arguments: Json) -> Json:
        return {
            "url": "https://aaroc.slack.com/",
            "team": "AAROC",
            "user": self._world.names[BOT_USER],
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
            "is_enterprise_install": False,
        }

    def _user(self, arguments: Json) -> Json:
        person = self._world.people.get(arguments["user"])
        if person is None:
            raise Refused("user_not_found")
        return {
            "user": {
                "id": person.id,
                "team_id": person.team,
                "name": person.name,
                "real_name": person.name,
                "profile": {"display_name": person.name, "real_name": person.name},
                "deleted": False,
                "tz": person.tz,
                "is_bot": person.bot,
                "is_stranger": person.team != TEAM,
            }
        }

    def _open(self, arguments: Json) -> Json:
        users = str(arguments.get("users", "")).split(",")
        if len(users) != 1 or not users[0]:
            raise Refused("invalid_arguments", ["[ERROR] one user [json-pointer:/users]"])
        if users[0] not in self._world.people:
            raise Refused("user_not_found")
        if self._world.people[users[0]].bot:
            raise Refused("cannot_dm_bot")
        channel: Json = {"id": self._world.im(users[0]).id}
        if flag(arguments, "return_im"):
            channel |= {"is_im": True, "user": users[0]}
        return {"channel": channel}

    def _info(self, arguments: Json) -> Json:
        channel = self.channel(arguments["channel"])
        return {
            "channel": {
                "id": channel.id,
                "name": channel.name,
                "is_channel": not channel.im,
                "is_im": channel.im,
                "is_private": channel.im,
                "is_member": channel.bot_in,
                "is_archived": channel.archived,
                "is_ext_shared": self._world.foreign(channel),
            }
        }

    def _members(self, arguments: Json) -> Json:
        channel = self.channel(arguments["channel"])
        bot = [BOT_USER] if channel.bot_in else []
        return {"members": [*channel.members, *bot], "response_metadata": {"next_cursor": ""}}

    def channel(self, id: str, *, entered: bool = False) -> Channel:
        """Give a channel; with `entered` only one that the bot may speak in."""
        channel = self._world.channels.get(id)
        if channel is None:
            raise Refused("channel_not_found")
        if entered and not channel.bot_in:
            raise Refused("not_in_channel")
        return channel

    # --- messages ---------------------------------------------------------------------

    def thread(self, channel: str, arguments: Json) -> str | None:
        """Check in which thread something is to stand."""
        thread = arguments.get("thread_ts")
        if thread is None:
            return None
        for shown in self._world.messages[channel]:
            if shown.ts == thread and shown.to is None and shown.thread_ts in (None, thread):
                return str(thread)
        self._world.fault(f"{thread} is no message that could have a thread")
        raise Refused("cannot_reply_to_message")

    def _content(self, arguments: Json, most: int | None = None) -> tuple[str, list[Json]]:
        """Read what a message is to show."""
        text, blocks = text_of(arguments, most), blocks_of(arguments)
        if not text and not blocks:
            raise Refused("no_text")
        for who in sorted(rung(text, blocks) - self._world.people.keys()):
            self._world.fault(f"a message would ring {who}")
        return text, blocks

    def _said(self, arguments: Json) -> tuple[Channel, str, list[Json], str | None]:
        """Read what a new message is to say, and where."""
        channel = self.channel(arguments["channel"], entered=True)
        if channel.archived:
            raise Refused("is_archived")
        text, blocks = self._content(arguments)
        if len(text) > MOST_SHOWN:
            self._world.fault(f"a text of {len(text)} characters was cut")
        return channel, text[:MOST_SHOWN], blocks, self.thread(channel.id, arguments)

    def _post(self, arguments: Json) -> Json:
        metadata = metadata_of(arguments)
        channel, text, blocks, thread = self._said(arguments)
        shown = self._world.post(
            channel.id,
            BOT_USER,
            text,
            blocks,
            thread_ts=thread,
            metadata=metadata or None,
            bot_id=BOT,
        )
        self._tell(self._events.message(shown))
        message = self._events.body(shown, metadata=True)
        return {"channel": channel.id, "ts": shown.ts, "message": message}

    def _whisper(self, arguments: Json) -> Json:
        channel, text, blocks, thread = self._said(arguments)
        user = arguments["user"]
        if user not in channel.members:
            raise Refused("user_not_in_channel")
        shown = self._world.post(
            channel.id, BOT_USER, text, blocks, thread_ts=thread, to=user, bot_id=BOT
        )
        return {"message_ts": shown.ts}

    def _update(self, arguments: Json) -> Json:
        channel = self.channel(arguments["channel"], entered=True)
        if channel.archived:
            raise Refused("is_archived")
        shown = self._world.find(channel.id, arguments["ts"])
        if shown is None:
            raise Refused("message_not_found")
        if shown.user != BOT_USER:
            raise Refused("cant_update_message")
        text, blocks = self._content(arguments, MOST_EDITED)
        metadata = metadata_of(arguments)
        before = self._events.body(shown)
        shown.text, shown.blocks, shown.edited_ts = text, blocks, self._world.ts()
        if metadata is not None:
            shown.metadata = metadata or None
        self._world.keep(shown)
        self._tell(self._events.changed(shown, before))
        message = self._events.body(shown)
        return {"channel": channel.id, "ts": shown.ts, "text": text, "message": message}

    def _react(self, arguments: Json) -> Json:
        name = arguments["name"]
        if name not in EMOJI:
            raise Refused("invalid_name")
        channel = self.channel(arguments["channel"], entered=True)
        shown = self._world.find(channel.id, arguments["timestamp"])
        if shown is None:
            raise Refused("message_not_found")
        if channel.archived:
            raise Refused("is_archived")
        users = shown.reactions.setdefault(name, [])
        if BOT_USER in users:
            raise Refused("already_reacted")
        users.append(BOT_USER)
        return {}

    def _history(self, arguments: Json) -> Json:
        channel = self.channel(arguments["channel"], entered=True)
        stand = [s for s in self._standing(channel.id) if s.thread_ts in {None, s.ts}]
        return self._page(list(reversed(stand)), arguments)

    def _replies(self, arguments: Json) -> Json:
        channel = self.channel(arguments["channel"], entered=True)
        ts = arguments["ts"]
        stand = [s for s in self._standing(channel.id) if ts in {s.ts, s.thread_ts}]
        if not stand:
            raise Refused("thread_not_found")
        # The message that began the thread comes along whatever page is asked for.
        return self._page(stand, arguments, root=ts)

    def _standing(self, channel: str) -> list[Shown]:
        return [s for s in self._world.messages[channel] if not s.deleted and s.to is None]

    def _page(self, stand: list[Shown], arguments: Json, root: str = "") -> Json:
        """Give one page, between `oldest` and `latest`."""
        oldest = moment(arguments, "oldest", 0)
        latest = moment(arguments, "latest", math.inf)
        inclusive, metadata = flag(arguments, "inclusive"), flag(arguments, "include_all_metadata")
        found = [
            s
            for s in stand
            if s.ts == root
            or oldest < float(s.ts) < latest
            or (inclusive and float(s.ts) in {oldest, latest})
        ]
        limit = whole(arguments, "limit", 100)
        if not 1 <= limit <= 1000:
            raise Refused("invalid_limit")
        cursor = str(arguments.get("cursor") or "0")
        if not cursor.isdigit():
            raise Refused("invalid_cursor")
        start = int(cursor)
        more = len(found) > start + limit
        page = [self._events.body(s, metadata=metadata) for s in found[start : start + limit]]
        return {
            "messages": page,
            "has_more": more,
            "response_metadata": {"next_cursor": str(start + limit) if more else ""},
        }
