"""What Slack sends, as what was said: pure, and default is that nothing was.

Whatever is not of the shape that is expected is not taken in: it may be anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aaroc_bot.chat.slack_said import said
from aaroc_bot.core.message import Account, Incoming, Place

Json = Mapping[str, Any]

SUBTYPES = (None, "thread_broadcast", "file_share")
"""Messages of people; any other is about a message (edited, deleted) or not a person's."""

NOBODY = frozenset({"USLACKBOT"})

_USER = re.compile(r"[UW][A-Z0-9]{1,20}")
_TEAM = re.compile(r"[TE][A-Z0-9]{1,20}")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{1,20}")
_TS = re.compile(r"\d{1,16}\.\d{1,10}")
_TRIGGER = re.compile(r"[\w.:-]{1,150}")
_BUTTON = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True, slots=True)
class Ears:
    """To what and to whom the bot listens.

    `team` and `bot` are the bot's own workspace and user id, `workspaces` the others whose
    people may speak; the first of `channels` is the ROC's, heard without a mention if
    `plain`.
    """

    team: str
    bot: str
    channels: tuple[str, ...]
    workspaces: frozenset[str]
    plain: bool

    def account(self, team: str | None, user: str | None) -> Account | None:
        """Give the account of somebody who may speak, None for anybody else."""
        if team is None or not (team == self.team or team in self.workspaces):
            return None
        if user is None or user == self.bot or user in NOBODY:
            return None
        return Account("slack", team, user)

    def hears(self, channel: str) -> bool:
        """Whether anything that is said there may be for the bot."""
        return is_direct(channel) or channel in self.channels


def is_direct(channel: str) -> bool:
    """Whether it is a direct message: two people's, by how Slack names it."""
    return channel.startswith("D")


def message(body: Json, ears: Ears, at: datetime) -> Incoming | None:
    """Give what a `message` or `app_mention` event says; None: nothing for the bot.

    A mention comes as both, with different event ids, in either order, and each may be
    delivered again: the event is named after the message itself, by channel and ts.
    """
    event = _inner(body, "event")
    channel, ts = _like(_CHANNEL, event.get("channel")), _like(_TS, event.get("ts"))
    if not _is_a_persons(event) or channel is None or ts is None or not ears.hears(channel):
        return None
    account = ears.account(_speakers_team(body, event), _like(_USER, event.get("user")))
    written = event.get("text")
    if account is None or not isinstance(written, str):
        return None
    text, called = said(written, ears.bot)
    direct = is_direct(channel)
    plain = ears.plain and channel == ears.channels[0]
    if not (direct or called or plain) or not (text or called):
        return None
    return Incoming(
        f"slack:{ears.team}:{channel}:{ts}",
        account,
        Place("slack", channel, _thread(event, ts)),
        text,
        at,
        ts,
        direct=direct,
        addressed=called and not direct,
        private=direct,
    )


def command(body: Json, ears: Ears, at: datetime) -> Incoming | None:
    """Give what a slash command says, wherever it was typed; None: by nobody who may speak."""
    channel = _like(_CHANNEL, body.get("channel_id"))
    trigger = _like(_TRIGGER, body.get("trigger_id"))
    account = ears.account(_like(_TEAM, body.get("team_id")), _like(_USER, body.get("user_id")))
    text = body.get("text", "")
    if channel is None or trigger is None or account is None or not isinstance(text, str):
        return None
    direct = is_direct(channel)
    return Incoming(
        f"slack:command:{trigger}",
        account,
        Place("slack", channel),
        said(text, ears.bot)[0],
        at,
        direct=direct,
        addressed=not direct,
        private=direct,
    )


def press(body: Json, ears: Ears, at: datetime) -> Incoming | None:
    """Give which button was pressed, and by whom; what it means is not Slack's to say."""
    user, container, shown = (
        _inner(body, "user"),
        _inner(body, "container"),
        _inner(body, "message"),
    )
    actions = body.get("actions")
    action: Json = actions[0] if isinstance(actions, list) and actions else {}
    if not isinstance(action, Mapping):
        return None
    channel = _like(_CHANNEL, _inner(body, "channel").get("id") or container.get("channel_id"))
    ts = _like(_TS, container.get("message_ts") or shown.get("ts"))
    pressed = _like(_TS, action.get("action_ts"))
    button = _like(_BUTTON, action.get("value") or action.get("action_id"))
    # `team.id` and `actor_team_id` say ours even of somebody else's people.
    account = ears.account(_like(_TEAM, user.get("team_id")), _like(_USER, user.get("id")))
    if channel is None or ts is None or pressed is None or button is None or account is None:
        return None
    if not ears.hears(channel):
        return None
    direct = is_direct(channel)
    thread = _thread(container, ts) or _thread(shown, ts)
    return Incoming(
        f"slack:press:{account.workspace}:{account.user}:{channel}:{ts}:{pressed}",
        account,
        Place("slack", channel, thread),
        "",
        at,
        ts,
        button,
        direct=direct,
        addressed=not direct,
        private=direct,
    )


def _is_a_persons(event: Json) -> bool:
    """Whether a person wrote this just now: no bot, no edit, nothing about another message."""
    return (
        event.get("type") in ("message", "app_mention")
        and event.get("subtype") in SUBTYPES
        and not any(event.get(key) for key in ("bot_id", "bot_profile", "edited", "hidden"))
    )


def _speakers_team(body: Json, event: Json) -> str | None:
    """Give the speaker's own workspace; None where it cannot be told.

    In a channel shared with others (Slack Connect) the body names ours, whoever speaks.
    """
    named = [_like(_TEAM, event.get(key)) for key in ("user_team", "source_team") if event.get(key)]
    if named:
        return named[0] if len(set(named)) == 1 else None
    if body.get("is_ext_shared_channel"):
        return None
    return _like(_TEAM, event.get("team") or body.get("team_id"))


def _thread(message: Json, ts: str) -> str | None:
    """Give the thread in which a message stands, None if it begins one or none."""
    thread = _like(_TS, message.get("thread_ts"))
    return None if thread == ts else thread


def _inner(body: Json, key: str) -> Json:
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}


def _like(pattern: re.Pattern[str], value: object) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None
