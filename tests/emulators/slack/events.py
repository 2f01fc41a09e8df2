"""What Slack sends an app: events, slash commands and pressed buttons, in its JSON."""

import re
import time
from typing import Any, Final

from tests.emulators.slack.blocks import Json
from tests.emulators.slack.state import APP, BOT, BOT_USER, TEAM, Channel, Shown, World

MENTION: Final = re.compile(rf"<@{BOT_USER}(\|[^>]*)?>")
MARKED: Final = re.compile(r"<(?:[@#!][^<>\s]+|(?:https?|mailto):[^<>]+)>|&(?:amp|lt|gt);")
BARE: Final = re.compile(r"https?://[^\s<>|]+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|ke|za)\b")


def encoded(text: str) -> str:
    """Write what somebody typed as Slack sends it.

    The three signs are escaped, and what looks like an address or a host becomes a link;
    mentions and links that are written Slack's way, and what is escaped, stay as they are.
    """
    parts, at = [], 0
    for mark in MARKED.finditer(text):
        parts += [_plain(text[at : mark.start()]), mark[0]]
        at = mark.end()
    return "".join([*parts, _plain(text[at:])])


def escaped(text: str) -> str:
    """Escape the three signs that mean something to Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> str:
    parts, at = [], 0
    for link in BARE.finditer(text):
        url = escaped(link[0])
        parts.append(escaped(text[at : link.start()]))
        parts.append(f"<{url}>" if "://" in link[0] else f"<http://{url}|{url}>")
        at = link.end()
    return "".join([*parts, escaped(text[at:])])


def with_ids(blocks: list[Json]) -> list[Json]:
    """Give the blocks as Slack hands them out: each has an id."""
    return [{"block_id": f"b{at}", **block} for at, block in enumerate(blocks)]


class Events:
    """Writes payloads about what happens in a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def body(self, shown: Shown, *, metadata: bool = False) -> Json:
        """Write a message as it stands in events and in a channel's history."""
        team = self._world.people[shown.user].team if shown.user else TEAM
        body: Json = {"type": "message", "text": shown.text, "ts": shown.ts, "team": team}
        if shown.user:
            body["user"] = shown.user
        if shown.bot_id:
            body |= {"bot_id": shown.bot_id, "app_id": APP if shown.bot_id == BOT else "A0OTHER"}
        if shown.blocks:
            body["blocks"] = with_ids(shown.blocks)
        if thread := self._thread(shown):
            body["thread_ts"] = thread
        if replies := self._world.replies(shown):
            body["reply_count"] = replies
        if shown.subtype:
            body["subtype"] = shown.subtype
        if shown.edited and not (shown.bot_id and shown.blocks):
            body["edited"] = {"user": shown.user, "ts": shown.edited_ts}
        if shown.reactions:
            body["reactions"] = [
                {"name": name, "users": users, "count": len(users)}
                for name, users in shown.reactions.items()
            ]
        if shown.files:
            body["files"] = [{"name": name, "mimetype": "text/plain"} for name, _ in shown.files]
        if metadata and shown.metadata:
            body["metadata"] = shown.metadata
        return body

    def message(self, shown: Shown) -> Json:
        """A `message` event about one that was written."""
        channel = self._world.channels[shown.channel]
        event = self.body(shown) | self._where(shown.channel, shown.ts)
        if self._world.foreign(channel) and not shown.bot_id:
            event |= {"user_team": event["team"], "source_team": event["team"]}
        return self._wrapped(event, channel)

    def mention(self, shown: Shown) -> Json:
        """An `app_mention` event; Slack sends one for an edit that mentions the bot too."""
        channel = self._world.channels[shown.channel]
        event = self.message(shown)["event"] | {"type": "app_mention"}
        del event["channel_type"]
        event["event_ts"] = shown.edited_ts or shown.ts
        return self._wrapped(event, channel)

    def changed(self, shown: Shown, before: Json) -> Json:
        """A `message_changed` event."""
        ts = self._world.ts()
        event: Json = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": ts}
        event |= {"message": self.body(shown), "previous_message": before}
        return self._wrapped(
            event | self._where(shown.channel, ts), self._world.channels[shown.channel]
        )

    def deleted(self, shown: Shown) -> Json:
        """A `message_deleted` event."""
        ts = self._world.ts()
        event: Json = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": ts}
        event |= {"deleted_ts": shown.ts, "previous_message": self.body(shown)}
        return self._wrapped(
            event | self._where(shown.channel, ts), self._world.channels[shown.channel]
        )

    def _thread(self, shown: Shown) -> str | None:
        """Give the thread that a message stands in: its own, once it was answered in one."""
        return shown.thread_ts or (shown.ts if self._world.replies(shown) else None)

    def _where(self, channel: str, ts: str) -> Json:
        kind = self._world.channels[channel].type
        return {"channel": channel, "channel_type": kind, "event_ts": ts}

    def _wrapped(self, event: Json, channel: Channel) -> Json:
        """Put an event into its envelope: an id of its own, and the team that installed us."""
        ours: Json = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True}
        return {
            "token": "verification",
            "team_id": TEAM,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": self._world.id("Ev"),
            "event_time": int(time.time()),
            "authorizations": [ours | {"is_enterprise_install": False}],
            "is_ext_shared_channel": self._world.foreign(channel),
            "event_context": self._world.id("4-"),
        }

    def command(self, user: str, channel: Channel, command: str, text: str, url: str) -> Json:
        """A slash command; Slack Connect names the speaker's team."""
        person = self._world.people[user]
        return {
            "token": "verification",
            "team_id": person.team,
            "team_domain": person.team.lower(),
            "channel_id": channel.id,
            "channel_name": channel.name,
            "user_id": user,
            "user_name": person.name,
            "command": command,
            "text": escaped(text),
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": url,
            "trigger_id": self._trigger(),
        }

    def press(self, user: str, shown: Shown, button: Json, block_id: str, url: str) -> Json:
        """A pressed button; an ephemeral message is not sent along, and has no thread here."""
        person, channel = self._world.people[user], self._world.channels[shown.channel]
        container: Json = {
            "type": "message",
            "message_ts": shown.ts,
            "channel_id": channel.id,
            "is_ephemeral": shown.to is not None,
        }
        if thread := self._thread(shown):
            container["thread_ts"] = thread
        action = {"action_id": "", **button, "block_id": block_id, "action_ts": self._world.ts()}
        payload: Json = {
            "type": "block_actions",
            "user": {"id": user, "username": person.name, "name": person.name}
            | {"team_id": person.team},
            "api_app_id": APP,
            "token": "verification",
            "container": container,
            "trigger_id": self._trigger(),
            "team": {"id": TEAM, "domain": TEAM.lower()},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": channel.id, "name": channel.name},
            "state": {"values": {}},
            "response_url": url,
            "actions": [action],
        }
        return payload if shown.to else payload | {"message": self.body(shown)}

    def _trigger(self) -> str:
        return f"{time.time_ns()}.{TEAM[1:]}.{self._world.id('')}"


def typed(text: str) -> list[Json]:
    """Give the rich text that a person's client sends along with what was typed."""
    parts: list[Any] = []
    at = 0
    for mention in re.finditer(r"<@(\w+)>", text):
        parts.append(text[at : mention.start()])
        parts.append({"type": "user", "user_id": mention[1]})
        at = mention.end()
    parts.append(text[at:])
    elements = [
        {"type": "text", "text": part} if isinstance(part, str) else part for part in parts if part
    ]
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "elements": [section]}] if elements else []
