"""Answers that come to a command or a button itself: its acknowledgement and response_url."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.emulators.slack.answers import Refused, blocks_of, text_of
from tests.emulators.slack.blocks import Json
from tests.emulators.slack.state import BOT, BOT_USER, Shown, World

MOST_USES = 5
KINDS = {"ephemeral", "in_channel"}
KNOWN = {"text", "blocks", "response_type", "replace_original", "delete_original", "thread_ts"}


@dataclass(slots=True)
class Asked:
    """Who may be answered where; `shown` is the message with the button, if it was one."""

    user: str
    channel: str
    shown: Shown | None
    uses: int = 0


class Responses:
    """Shows what is answered so; the bot need not be in the channel for that."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._asked: dict[str, Asked] = {}
        self.base_url = ""

    def url(self, user: str, channel: str, shown: Shown | None = None) -> str:
        """Make the response_url of a command or a button."""
        id = self._world.id("R0")
        self._asked[id] = Asked(user, channel, shown)
        return f"{self.base_url}response/{id}"

    async def take(self, request: web.Request) -> web.Response:
        """Take what was sent to a response_url."""
        asked = self._asked.get(request.match_info["id"])
        if asked is None or asked.uses >= MOST_USES:
            self._world.fault("a response_url was used that is unknown or used up")
            return web.Response(status=404, text="used_url")
        asked.uses += 1
        body: Any = await request.json()
        try:
            self.show(body if isinstance(body, dict) else {}, asked)
        except Refused as refused:
            self._world.fault(f"response_url: {refused.error} {refused.messages}")
            return web.Response(status=400, text=refused.error)
        return web.Response(text="ok")

    def acknowledged(self, ack: Json, user: str, channel: str, typed: str) -> None:
        """Show what a command's acknowledgement says; in_channel shows the command too."""
        if ack.get("response_type") == "in_channel":
            self._world.post(channel, user, typed, [])
        try:
            if ack.get("text") or ack.get("blocks"):
                self.show(ack, Asked(user, channel, None))
            elif ack.keys() - {"response_type"}:
                raise Refused("no_text")
        except Refused as refused:
            self._world.fault(f"acknowledgement: {refused.error} {refused.messages}")

    def show(self, body: Json, asked: Asked) -> None:
        """Post, replace or delete, as the answer says."""
        if body.keys() - KNOWN or body.get("response_type", "ephemeral") not in KINDS:
            raise Refused("invalid_arguments")
        if body.get("delete_original") and asked.shown:
            asked.shown.deleted = True
            self._world.ring()
            return
        text, blocks = text_of(body), blocks_of(body)
        if not text and not blocks:
            raise Refused("no_text")
        if body.get("replace_original") and asked.shown:
            asked.shown.text, asked.shown.blocks = text, blocks
            asked.shown.edited_ts = self._world.ts()
            self._world.keep(asked.shown)
            return
        to = asked.user if body.get("response_type", "ephemeral") == "ephemeral" else None
        thread = body.get("thread_ts")
        self._world.post(asked.channel, BOT_USER, text, blocks, thread_ts=thread, to=to, bot_id=BOT)
