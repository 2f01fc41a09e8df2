"""Socket Mode: one WebSocket to Slack, kept open.

slack_sdk has a client for this, which tries a refused ticket again for ever and notices a
cut connection only after ten seconds. This one asks for a new ticket each time, is back
within a second or two, and says what is wrong. What comes in goes to bolt all the same.
"""

import asyncio
import json
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from aaroc_bot.chat.slack_calls import LIMIT
from aaroc_bot.chat.slack_errors import judged, named
from aaroc_bot.chat.slack_reach import Reach

log = logging.getLogger(__name__)

HEARTBEAT = 10.0
"""Seconds between pings: a peer that is gone without a word is noticed in one and a half."""

LEAVING = 30.0
"""Seconds that a socket which Slack wants closed is still read."""

GRACE = 3.0
"""Seconds in which what came in is still acknowledged when the bot stops."""

AGAIN = 0.5
"""Seconds before a socket that was cut is opened again."""


class Socket:
    """Keeps a socket open and hands what comes to bolt."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        client: AsyncWebClient,
        app_token: str,
        app: AsyncApp,
        reach: Reach,
    ) -> None:
        """Ask for tickets with `app_token`; note in `reach` how it goes."""
        self._session = session
        self._client = client
        self._app_token = app_token
        self._app = app
        self._reach = reach
        self._answering: set[asyncio.Task[None]] = set()
        self._leaving: set[asyncio.Task[None]] = set()

    async def keep(self) -> None:
        """Connect and read until cancelled, however often the connection goes."""
        try:
            while True:
                try:
                    await self._once()
                except Exception as problem:
                    pause = self._reach.failed(judged(problem))
                    log.warning("no socket to Slack (%s); again in %.0f s", named(problem), pause)
                    await asyncio.sleep(pause)
        finally:
            await self._end()

    async def _once(self) -> None:
        """Open a socket and read it until it is gone, or until Slack wants another."""
        async with asyncio.timeout(LIMIT):
            reply = await self._client.apps_connections_open(app_token=self._app_token)
            socket = await self._session.ws_connect(
                str(reply["url"]), heartbeat=HEARTBEAT, proxy=self._client.proxy
            )
        try:
            wants_another = await self._read(socket)
        except asyncio.CancelledError:
            await self._settle()
            await socket.close()
            raise
        except ConnectionError:
            await socket.close()
            raise
        if wants_another:  # what is on its way still comes here, while the next one opens
            _keep(self._leaving, self._read_on(socket))
            return
        await socket.close()
        await asyncio.sleep(AGAIN)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> bool:
        """Read until Slack asks for another socket (True) or this one is gone.

        Raises `ConnectionError` if it is gone before Slack said hello: then one must pause.
        """
        greeted = False
        async for frame in socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                break  # an ERROR: the peer is gone
            envelope = _envelope(frame.data)
            match envelope.get("type"):
                case "hello":
                    greeted = True
                    self._reach.answered()
                case "disconnect":
                    log.info("Slack wants another socket (%s)", envelope.get("reason"))
                    if greeted:
                        return True
                    break
                case _:
                    _keep(self._answering, self._answer(socket, envelope))
        if not greeted:
            raise ConnectionError("closed before hello")
        log.info("the socket to Slack is gone")
        return False

    async def _read_on(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Read what still comes to a socket that Slack closes soon."""
        try:
            async with asyncio.timeout(LEAVING):
                async for frame in socket:
                    if frame.type is not aiohttp.WSMsgType.TEXT:
                        break
                    _keep(self._answering, self._answer(socket, _envelope(frame.data)))
        except TimeoutError:
            log.info("Slack left an old socket open; it is closed")
        finally:
            await socket.close()

    async def _answer(
        self, socket: aiohttp.ClientWebSocketResponse, envelope: dict[str, Any]
    ) -> None:
        """Have bolt see to an envelope and acknowledge it where it says so."""
        request = SocketModeRequest.from_dict(envelope)
        if request is None:
            return
        response = await run_async_bolt_app(self._app, request)
        if response.status != 200:
            log.warning("a %s of Slack's is not acknowledged", request.type)
            return
        answer: dict[str, Any] = {"envelope_id": request.envelope_id}
        if response.body:
            answer["payload"] = json.loads(response.body)
        with suppress(ConnectionError, aiohttp.ClientError):  # then Slack sends it again
            await socket.send_json(answer)

    async def _settle(self) -> None:
        """Let what came in be acknowledged; what takes longer Slack has given up anyway."""
        if self._answering:
            await asyncio.wait(self._answering, timeout=GRACE)

    async def _end(self) -> None:
        await self._settle()
        tasks = [*self._answering, *self._leaving]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _keep(tasks: set[asyncio.Task[None]], what: Coroutine[Any, Any, None]) -> None:
    """Begin a task and hold it until it ends; a fault in it is logged, not lost."""

    def ended(task: asyncio.Task[None]) -> None:
        tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()):
            log.error("an envelope of Slack's was not seen to", exc_info=problem)

    task = asyncio.create_task(what)
    tasks.add(task)
    task.add_done_callback(ended)


def _envelope(data: str) -> dict[str, Any]:
    """Read a frame; one that is no JSON object is an empty one."""
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
