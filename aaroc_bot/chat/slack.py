"""Slack: the adapter. Hearing by Socket Mode or signed calls, speaking by the Web API.

What is said and how it is answered is `slack_listening`, how a message looks
`slack_render`, whether Slack can be reached `slack_reach`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from aaroc_bot.chat.following import LOOPBACK
from aaroc_bot.chat.slack_calls import LIMIT, Calls, Paces
from aaroc_bot.chat.slack_errors import judged, named, word
from aaroc_bot.chat.slack_files import UPLOAD, Files
from aaroc_bot.chat.slack_hearing import Ears, is_direct
from aaroc_bot.chat.slack_listening import Listening
from aaroc_bot.chat.slack_people import People
from aaroc_bot.chat.slack_reach import Reach
from aaroc_bot.chat.slack_render import Rendered, rendered
from aaroc_bot.chat.slack_room import EDIT, FIND, POST, Room
from aaroc_bot.chat.slack_socket import Socket
from aaroc_bot.core.message import Account, Audience, Incoming, Message, Place, Posted
from aaroc_bot.core.ports import Hear, Later, Lost

log = logging.getLogger(__name__)

NAME = "slack"

SIGNS = {"seen": "eyes", "refused": "no_entry"}
MARK = "aaroc_message"
"""How a message's metadata is called, in which its mark goes unseen."""

LOOK = 60.0
"""Seconds between looks whether the token still holds."""

PAGES = 5
PAGE = 200
"""How far back a message is looked for: pages of so many messages."""


@dataclass(frozen=True, slots=True)
class SlackOptions:
    """What the operator says; exactly one of `app_token` (Socket Mode) and `signing_secret`."""

    bot_token: str = field(repr=False)
    app_token: str | None = field(repr=False)
    signing_secret: str | None = field(repr=False)
    channels: tuple[str, ...]
    workspaces: frozenset[str]
    api_url: str
    plain: bool

    def __post_init__(self) -> None:
        """Refuse what could not work."""
        if (self.app_token is None) == (self.signing_secret is None):
            raise ValueError("Slack takes either an app-level token or a signing secret")
        if not self.channels:
            raise ValueError("Slack takes at least one channel, the ROC's")


@dataclass(frozen=True, slots=True)
class _Line:
    """What is open while the bot runs: one session, the client, what listens."""

    session: aiohttp.ClientSession
    client: AsyncWebClient
    listening: Listening
    people: People
    files: Files


class SlackChat:
    """Fills `Platform`."""

    name = NAME
    whispers = True
    alone = False

    def __init__(self, options: SlackOptions, clock: Callable[[], datetime]) -> None:
        """Nothing is opened before it is used."""
        self.roc = Place(NAME, options.channels[0])
        self.trouble: str | None = None
        self._options = options
        self._clock = clock
        self._web = Reach("the bot's token", clock, self._look)
        self._ticket = Reach("the app-level token", clock, self._look)
        self._room = Room(self.roc.channel, self._look)
        self._call = Calls(self._web)
        self._paces = Paces()
        self._line: _Line | None = None
        self._us: Ears | None = None

    # --- hearing ----------------------------------------------------------------------

    async def serve(self, hear: Hear) -> None:
        """Hear until cancelled. A connection that is gone comes back by itself."""
        line = self._opened()
        known = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch(line, hear, known))
                if self._options.app_token is not None:
                    await known.wait()
                    socket = Socket(
                        line.session,
                        line.client,
                        self._options.app_token,
                        line.listening.app,
                        self._ticket,
                    )
                    group.create_task(socket.keep())
        finally:
            await line.listening.close()

    async def hook(self, request: web.Request) -> web.Response:
        """Answer a call of Slack's; where Socket Mode is on there is nothing to call."""
        if self._options.signing_secret is None:
            return web.Response(status=404)
        return await self._opened().listening.hook(request)

    async def close(self) -> None:
        """Close what is open; a file that is on its way may still arrive."""
        line, self._line = self._line, None
        if line is not None:
            await line.files.close()
            await line.session.close()

    async def _watch(self, line: _Line, hear: Hear, known: asyncio.Event) -> None:
        """Find out who the bot is, and look now and then whether its token still holds."""
        while True:
            try:
                async with asyncio.timeout(LIMIT):
                    us = await line.client.auth_test()
            except Exception as problem:
                pause = self._web.failed(judged(problem))
                log.warning("Slack does not tell who I am (%s)", named(problem))
            else:
                self._web.answered()
                if not known.is_set():
                    self._us = self._ears(str(us["team_id"]), str(us["user_id"]))
                    line.listening.begin(self._us, hear)
                    known.set()
                pause = LOOK
            await asyncio.sleep(pause)

    def _ears(self, team: str, bot: str) -> Ears:
        options = self._options
        return Ears(team, bot, options.channels, options.workspaces, options.plain)

    def _look(self) -> None:
        self.trouble = self._web.trouble or self._ticket.trouble or self._room.trouble

    # --- speaking ---------------------------------------------------------------------

    async def post(
        self, place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        """Post a message; what is for the asker alone nobody else sees."""
        line = self._opened()
        reader = None
        if message.to is Audience.ASKER:
            if to is None:
                raise ValueError("a message for the asker alone needs the asker's account")
            reader = to
        shown = rendered(message, reader)
        said = _said(place, shown)
        pace = self._paces.post(place.channel)
        if reader is not None and not is_direct(place.channel):
            with self._room.noting(POST, place.channel):
                await self._call(pace, line.client.chat_postEphemeral, user=reader.user, **said)
            line.files.attach(reader, shown.files)  # in the channel everybody would see them
            return Posted(place, "")
        if mark:
            said["metadata"] = {"event_type": MARK, "event_payload": {"mark": mark}}
        said |= {"unfurl_links": False, "unfurl_media": False}
        with self._room.noting(POST, place.channel):
            reply = await self._call(pace, line.client.chat_postMessage, **said)
        posted = Posted(place, str(reply["ts"]))
        thread = place.thread or (None if is_direct(place.channel) else posted.ref)
        line.files.attach(Place(NAME, place.channel, thread), shown.files)
        return posted

    async def find(self, place: Place, mark: str, since: datetime) -> Posted | None:
        """Find what was posted with `mark` after `since`, by the metadata that carries it."""
        client = self._opened().client
        if self._us is None:
            raise Later(1.0)
        asked: dict[str, Any] = {
            "channel": place.channel,
            "oldest": f"{(since - timedelta(minutes=1)).timestamp():.6f}",
            "include_all_metadata": True,
            "limit": PAGE,
        }
        method: Callable[..., Awaitable[AsyncSlackResponse]] = client.conversations_history
        if place.thread is not None:
            method, asked["ts"] = client.conversations_replies, place.thread
        for _ in range(PAGES):
            with self._room.noting(FIND, place.channel):
                reply = await self._call(self._paces.looks, method, **asked)
            for message in reply.get("messages") or ():
                if message.get("user") == self._us.bot and _mark(message) == mark:
                    return Posted(place, str(message["ts"]))
            cursor = (reply.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
            asked["cursor"] = cursor
        return None

    async def edit(self, posted: Posted, message: Message) -> None:
        """Replace a message that stands; its files stay as they are."""
        if not posted.ref:
            raise Lost("what one alone reads cannot be edited")
        shown = rendered(message, with_files=False)
        with self._room.noting(EDIT, posted.place.channel):
            await self._call(
                self._paces.edits,
                self._opened().client.chat_update,
                channel=posted.place.channel,
                ts=posted.ref,
                text=shown.text,
                blocks=shown.blocks,
            )

    async def react(self, posted: Posted, sign: str) -> None:
        """Put an emoji on a message; one that is there already is fine."""
        try:
            await self._call(
                self._paces.signs,
                self._opened().client.reactions_add,
                channel=posted.place.channel,
                timestamp=posted.ref,
                name=SIGNS[sign],
            )
        except SlackApiError as problem:
            if word(problem) != "already_reacted":
                raise

    async def direct(self, account: Account) -> Place:
        """Give the direct message of the bot and `account`, opened where there was none."""
        return await self._opened().people.direct(account)

    def address(self, place: Place) -> str:
        """Give the bot's name where plain words are not heard; a slash is no use in threads."""
        plain = self._options.plain and place.channel == self.roc.channel
        return "" if plain or is_direct(place.channel) else "@aaroc "

    def shared(self, one: Place, other: Place) -> Place | None:
        """Give the channel, unless both are in one thread."""
        return one if one == other else replace(one, thread=None)

    # --- within -----------------------------------------------------------------------

    def _opened(self) -> _Line:
        """Give what is open; it is opened at first use, since it needs the running loop."""
        if self._line is None:
            session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=UPLOAD))
            client = AsyncWebClient(
                self._options.bot_token,
                base_url=self._options.api_url,
                session=session,
                retry_handlers=[],  # they sleep; whoever calls decides when to try again
            )
            if urlsplit(self._options.api_url).hostname in LOOPBACK:
                client.proxy = None  # the environment's proxies are for the outside
            people = People(self._call, self._paces, client)
            listening = Listening(
                self._options.signing_secret,
                self._clock,
                zone=people.zone,
                direct=people.direct,
                whisper=self._whisper,
            )
            files = Files(self._call, self._paces, client, people)
            self._line = _Line(session, client, listening, people, files)
        return self._line

    async def _whisper(self, incoming: Incoming, text: str) -> None:
        message = Message(text, to=Audience.ASKER)
        await self.post(incoming.place, message, incoming.account)


def _said(place: Place, shown: Rendered) -> dict[str, Any]:
    """Give what every way of posting takes."""
    said = {"channel": place.channel, "text": shown.text, "blocks": shown.blocks}
    return said | ({"thread_ts": place.thread} if place.thread else {})


def _mark(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != MARK:
        return None
    mark = (metadata.get("event_payload") or {}).get("mark")
    return mark if isinstance(mark, str) else None
