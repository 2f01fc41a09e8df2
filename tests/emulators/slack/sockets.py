"""Socket Mode: tickets, open sockets, envelopes and their acknowledgements."""

import asyncio
import json
from typing import Any, Final

from aiohttp import WSMsgType, web

from tests.emulators.slack.blocks import Json
from tests.emulators.slack.state import APP, World

ACK_SECONDS: Final = 3.0
MOST_SOCKETS = 10


class Sockets:
    """The app's sockets; what is sent goes to one of them in turn."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tickets: set[str] = set()
        self._open: dict[web.WebSocketResponse, web.Request] = {}
        self._leaving: set[web.WebSocketResponse] = set()
        self._waiting: dict[str, tuple[web.WebSocketResponse, asyncio.Future[Json | None]]] = {}
        self._late: set[str] = set()
        self._sent = 0
        self._came = asyncio.Event()
        self.refuse = 0
        self.connections = 0
        """How many sockets were opened so far."""

    @property
    def count(self) -> int:
        """How many sockets are open that take envelopes."""
        return len(self._open.keys() - self._leaving)

    def ticket(self) -> str:
        """Give a ticket for one connection."""
        ticket = self._world.id("ticket-")
        self._tickets.add(ticket)
        return ticket

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Open a socket for whoever holds a ticket that was not used."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            self._world.fault("a socket was asked for with a ticket that is used or unknown")
            return web.Response(status=403)
        self._tickets.discard(ticket)
        if self.refuse > 0:
            self.refuse -= 1
            self._world.ring()
            return web.Response(status=503)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        if len(self._open) >= MOST_SOCKETS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        self._open[socket] = request
        self.connections += 1
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self._open),
                "connection_info": {"app_id": APP},
                "debug_info": {"host": "applink", "approximate_connection_time": 18060},
            }
        )
        self._came.set()
        self._world.ring()
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._acknowledged(message.data)
        finally:
            self._gone(socket)
        return socket

    def _acknowledged(self, data: str) -> None:
        try:
            answer: Any = json.loads(data)
        except ValueError:
            answer = None
        id = answer.get("envelope_id") if isinstance(answer, dict) else None
        if not isinstance(id, str) or answer.keys() - {"envelope_id", "payload"}:
            self._world.fault(f"no acknowledgement: {data[:200]}")
        elif id in self._late:
            self._late.discard(id)
            self._world.fault(f"ack too late: {id}")
        elif id not in self._waiting:
            self._world.fault(f"an acknowledgement of what was not sent, or a second one: {id}")
        else:
            _, future = self._waiting.pop(id)
            payload = answer.get("payload") or {}
            if not future.done():
                future.set_result(payload if isinstance(payload, dict) else {"text": payload})

    def _gone(self, socket: web.WebSocketResponse) -> None:
        self._open.pop(socket, None)
        self._leaving.discard(socket)
        for id, (where, future) in list(self._waiting.items()):
            if where is socket and not future.done():
                del self._waiting[id]
                future.set_result(None)
        self._world.ring()

    async def wait(self) -> None:
        """Wait until there is a socket."""
        while not self.count:
            self._came.clear()
            await self._came.wait()

    async def send(self, kind: str, payload: Json, attempt: int, reason: str) -> Json | None:
        """Send an envelope and give what it was acknowledged with; None if it was not."""
        takers = [socket for socket in self._open if socket not in self._leaving]
        if not takers:
            return None
        self._sent += 1
        socket = takers[self._sent % len(takers)]
        id = self._world.id("envelope-")
        envelope: Json = {"envelope_id": id, "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        future: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._waiting[id] = (socket, future)
        try:
            await socket.send_json(envelope)
            return await asyncio.wait_for(future, ACK_SECONDS)
        except TimeoutError:
            self._late.add(id)
            return None
        except ConnectionError:
            return None
        finally:
            self._waiting.pop(id, None)

    async def disconnect(self, reason: str) -> None:
        """Ask every socket to go, as Slack does now and then; nothing more is sent there."""
        for socket in list(self._open):
            self._leaving.add(socket)
            host = {"host": "applink"}
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": host})

    def drop(self) -> None:
        """Cut every socket off without a word."""
        for socket, request in list(self._open.items()):
            if request.transport is not None:
                request.transport.abort()
            self._gone(socket)
