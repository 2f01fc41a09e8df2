"""One open page: a WebSocket that speaks as one account.

The page sends objects with one of `say`, `press`, `older`; it is sent `hello`, `changes`,
`older`, `taken` and `refused`. Changes are read from the channel when the socket has
taken the ones before, so a slow reader costs no memory and skips states in between.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import WSMsgType, web
from pydantic import ValidationError

from aaroc_bot.chat.web import LIMIT, Speaker, Unheard, WebChat
from aaroc_bot.chat.web_channel import Changes
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.web.allowance import Allowance
from aaroc_bot.web.sent import SENT, Older, Press, Say, id_of

log = logging.getLogger(__name__)

FRAME = 2_000_000
"""Bytes of a frame: a message of a megabyte, however it is escaped, is still answered."""

TRY_LATER = 1013


class Connection:
    """One page's socket, from hello to its end."""

    def __init__(
        self,
        chat: WebChat,
        speaker: Speaker,
        socket: web.WebSocketResponse,
        allowance: Allowance,
    ) -> None:
        """Speak as `speaker` until the socket ends; all pages of a speaker share `allowance`."""
        self._chat = chat
        self._speaker = speaker
        self._socket = socket
        self._allowance = allowance

    async def serve(self, after: int | None, origin: str) -> None:
        """Greet, then carry both ways; `after` and `origin` are where the page was cut off."""
        async with self._or_later("a page cannot be greeted"):
            seq = await self._greet(after, origin)
            telling = asyncio.create_task(self._tell(seq))
            try:
                async with self._or_later("a page's socket cannot be listened to"):
                    await self._listen()
            finally:
                telling.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await telling

    @contextlib.asynccontextmanager
    async def _or_later(self, fault: str) -> AsyncIterator[None]:
        """Close the page's socket when this fails: it notices, comes back and asks again."""
        try:
            yield
        except ConnectionError:
            log.debug("a page went away")
        except Unavailable as away:
            log.warning("web chat: %s: %s does not answer", fault, away.what)
            await self._socket.close(code=TRY_LATER)
        except Exception:
            log.exception("web chat: %s", fault)
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
        async with self._or_later("a page cannot be told what changes"):
            while not self._socket.closed:
                await self._chat.channel.wait(seq)
                changes = await self._chat.channel.changes(self._speaker.user, seq)
                seq = changes.upto
                await self._send_changes("changes", changes)

    async def _listen(self) -> None:
        """Take what the page sends, one after the other."""
        async for frame in self._socket:
            if frame.type is not WSMsgType.TEXT:
                return
            if self._allowance.take(len(frame.data)):
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
        # sent again under its id it does no harm, however far it came
        except Unavailable as away:
            why = f"This did not work: {away.what} does not answer. Try again."
            await self._refuse(id_of(data), why, again=True)
        except Exception:
            log.exception("web chat: what %s sent (%s) failed", user, sent.what)
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
