"""One open page: a WebSocket that speaks as one account.

The page sends objects with one of `say`, `press`, `older`; it is sent `hello`, `changes`,
`older`, `taken` and `refused`. Changes are read from the channel when the socket has
taken the ones before, so a slow reader costs no memory and skips states in between.
"""

import asyncio
import contextlib
import json
import logging
from typing import Any

from aiohttp import WSMsgType, web
from pydantic import ValidationError

from aaroc_bot.chat.web import LIMIT, Speaker, Unheard, WebChat
from aaroc_bot.chat.web_channel import Changes
from aaroc_bot.web.sent import SENT, Older, Press, Say, id_of

log = logging.getLogger(__name__)

BURST, A_SECOND = 60, 10
"""What a connection may send at once and for long; the dispatcher's own limit is lower."""

FRAME = 8 * LIMIT
"""Bytes of a frame: the longest message, however it is escaped, and more to be answered."""

TRY_LATER = 1013


class Allowance:
    """How much a connection may send: a burst, filled up again as time passes."""

    def __init__(self, now: float) -> None:
        """Begin full."""
        self._left, self._at = float(BURST), now

    def take(self, now: float) -> bool:
        """Use up one; False if there is none."""
        self._left = min(BURST, self._left + (now - self._at) * A_SECOND)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Connection:
    """One page's socket, from hello to its end."""

    def __init__(self, chat: WebChat, speaker: Speaker, socket: web.WebSocketResponse) -> None:
        """Speak as `speaker` until the socket ends."""
        self._chat = chat
        self._speaker = speaker
        self._socket = socket

    async def serve(self, after: int | None, origin: str) -> None:
        """Greet, then carry both ways; `after` and `origin` are where the page was cut off."""
        try:
            seq = await self._greet(after, origin)
            telling = asyncio.create_task(self._tell(seq))
            try:
                await self._listen()
            finally:
                telling.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await telling
        except ConnectionError:
            log.debug("a page went away")
        except Exception:
            log.exception("web chat: the channel cannot be read")
            await self._socket.close(code=TRY_LATER)

    async def _greet(self, after: int | None, origin: str) -> int:
        """Say who is who, then the newest part of the channel, unless the page goes on."""
        chat = self._chat
        now, newest = await chat.channel.extent()
        again = after is not None and origin == now != "" and after <= newest
        await self._send(
            {
                "what": "hello",
                "as": self._speaker.user,
                "bot": chat.bot,
                "channel": chat.place.channel,
                "limit": LIMIT,
                "origin": now,
                "again": again,
                "speakers": [
                    {"user": s.user, "role": s.role, "suggestions": s.suggestions}
                    for s in chat.speakers
                ],
            }
        )
        if again and after is not None:
            return after
        part = await chat.channel.history(self._speaker.user)
        await self._send_changes("newest", part)
        return part.upto

    async def _tell(self, seq: int) -> None:
        """Send what changes after `seq`, until the socket ends."""
        try:
            while not self._socket.closed:
                await self._chat.channel.wait(seq)
                changes = await self._chat.channel.changes(self._speaker.user, seq)
                seq = changes.upto
                await self._send_changes("changes", changes)
        except ConnectionError:
            log.debug("a page went away")
        except Exception:
            # a page that is told nothing more must notice: it comes back and asks again
            log.exception("web chat: changes cannot be read")
            await self._socket.close(code=TRY_LATER)

    async def _listen(self) -> None:
        """Take what the page sends, one after the other."""
        loop = asyncio.get_running_loop()
        allowance = Allowance(loop.time())
        async for frame in self._socket:
            if frame.type is not WSMsgType.TEXT:
                return
            if allowance.take(loop.time()):
                await self._take(frame.data)
            else:
                why = "Too much at once. Wait a moment, then send it again."
                await self._refuse(id_of(frame.data), why, again=True)

    async def _take(self, data: str) -> None:
        try:
            sent = SENT.validate_json(data)
        except ValidationError:
            why = "This page sent something that I do not understand. Reload it."
            return await self._refuse(id_of(data), why)
        user = self._speaker.user
        try:
            match sent:
                case Older(before=before):
                    older = await self._chat.channel.history(user, before)
                    await self._send_changes("older", older)
                case Say(id=id, text=text, thread=thread, zone=zone):
                    await self._chat.say(user, id, text, thread, zone)
                    await self._send({"what": "taken", "id": id})
                case Press(id=id, message=message, button=button, zone=zone):
                    await self._chat.press(user, id, message, button, zone)
                    await self._send({"what": "taken", "id": id})
        except Unheard as unheard:
            await self._refuse(id_of(data), str(unheard), again=unheard.again)
        except ConnectionError:
            raise
        except Exception:
            # sent again under its id it does no harm, however far it came
            log.exception("web chat: what a page sent failed")
            await self._refuse(id_of(data), "This did not work. Try again.", again=True)

    async def _refuse(self, id: str | None, why: str, *, again: bool = False) -> None:
        await self._send({"what": "refused", "id": id, "why": why, "again": again})

    async def _send_changes(self, what: str, changes: Changes) -> None:
        await self._send(
            {
                "what": what,
                "messages": changes.messages,
                "first": changes.first,
                "upto": changes.upto,
            }
        )

    async def _send(self, body: dict[str, Any]) -> None:
        await self._socket.send_str(json.dumps(body))
