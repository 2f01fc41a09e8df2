"""Listening to Slack: what bolt let through is taken in durably, and then acknowledged.

Slack waits three seconds for an acknowledgement. An event without one it sends again, and
its speaker is told that it waits; a slash command or a pressed button it does not, so those
are answered when they could not be taken in.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from aaroc_bot.chat.slack_hearing import Ears, command, message, press
from aaroc_bot.chat.slack_signature import Signature
from aaroc_bot.chat.taking_in import IN_TIME, MARGIN, NOT_TAKEN_IN, Told, not_yet
from aaroc_bot.core.message import Account, Incoming, Place
from aaroc_bot.core.ports import Hear, Later, Lost, Overheard, Unavailable

log = logging.getLogger(__name__)

A_LOOK = 1.0
"""Seconds that Slack may take to tell a speaker's zone, or which place is theirs."""

AGAIN = "Slack brings this to me again within five minutes; if nothing came of it by then, say it again."

Zone = Callable[[Account], Awaitable[str | None]]
Direct = Callable[[Account], Awaitable[Place]]
Whisper = Callable[[Incoming, str], Awaitable[None]]


class Listening:
    """Bolt's app, and what it does with what Slack sends."""

    def __init__(
        self,
        signing_secret: str | None,
        clock: Callable[[], datetime],
        *,
        zone: Zone,
        direct: Direct,
        whisper: Whisper,
    ) -> None:
        """Check calls by `signing_secret`; `whisper` says something to who spoke."""

        async def authorized() -> AuthorizeResult:
            """Say who we are. By itself bolt asks Slack first, and lets an event wait for that."""
            if self._ears is None:
                return AuthorizeResult(enterprise_id=None, team_id=None)
            team, bot = self._ears.team, self._ears.bot
            return AuthorizeResult(enterprise_id=None, team_id=team, bot_user_id=bot)

        secret = signing_secret or ""  # with None bolt looks into the environment
        self.app = AsyncApp(name="aaroc-bot", signing_secret=secret, authorize=authorized)
        self.app.use(self._heard)
        self._signature = None if signing_secret is None else Signature(signing_secret)
        self._clock = clock
        self._zone = zone
        self._direct = direct
        self._whisper = whisper
        self._ears: Ears | None = None
        self._hear: Hear | None = None
        self._told = Told()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, ears: Ears, hear: Hear) -> None:
        """Take in from now on; before this nothing is acknowledged."""
        self._ears, self._hear = ears, hear

    async def hook(self, request: web.Request) -> web.Response:
        """Answer a call. What Slack did not sign is not read, even by bolt, which checks too."""
        signature = self._signature
        if signature is None or not signature.may_fit(request.headers):
            return web.Response(status=401)
        if not signature.fits(request.headers, await request.read()):
            return web.Response(status=401)
        try:
            call = await to_bolt_request(request)
        except Exception as problem:  # bolt expects an object of everything
            log.warning("a call of Slack's cannot be read (%s)", type(problem).__name__)
            return web.Response(status=400)
        return await to_aiohttp_response(await self.app.async_dispatch(call))

    async def close(self) -> None:
        """Let what is being taken in be taken in, for as long as Slack would wait."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=IN_TIME)

    async def _heard(self, body: dict[str, Any]) -> BoltResponse:
        """See to everything that bolt let through: signed, well-formed, not our own.

        This is a middleware, since bolt acknowledges an event before its listener runs.
        """
        by = time.monotonic() + IN_TIME
        if self._ears is None:
            return _unheard()
        if "command" in body:
            return await self._command(body, self._ears, by)
        if body.get("type") == "block_actions":
            return await self._press(body, self._ears, by)
        if isinstance(body.get("event"), Mapping):
            incoming = message(body, self._ears, self._clock())
            if incoming is not None and not await self._taken_in(incoming, by):
                return _unheard()
        return _acknowledged()

    async def _command(self, body: dict[str, Any], ears: Ears, by: float) -> BoltResponse:
        incoming = command(body, ears, self._clock())
        if incoming is None:
            return _told("This was nothing for me: I listen to people of my own workspace.")
        try:
            here = await self._listens(incoming, ears)
        except (Later, Lost, TimeoutError):
            return _told(NOT_TAKEN_IN)
        if not here:
            channels = ", ".join(f"<#{channel}>" for channel in ears.channels)
            return _told(f"I listen in {channels} and in direct messages. Nothing was done.")
        if not await self._taken_in(self._timed(incoming, by), by):
            return _told(NOT_TAKEN_IN)
        # `in_channel` shows everybody what was typed; to oneself it need not be shown.
        return _acknowledged() if incoming.direct else _told(None, "in_channel")

    async def _listens(self, incoming: Incoming, ears: Ears) -> bool:
        """Whether the bot listens where a slash command was typed.

        It can be typed in a direct message of two others too, which looks like any other.
        """
        if not incoming.direct:
            return ears.hears(incoming.place.channel)
        async with asyncio.timeout(A_LOOK):
            place = await self._direct(incoming.account)
        return place.channel == incoming.place.channel

    async def _press(self, body: dict[str, Any], ears: Ears, by: float) -> BoltResponse:
        incoming = press(body, ears, self._clock())
        if incoming is not None and not await self._taken_in(self._timed(incoming, by), by):
            self._begin(self._say_so(incoming, NOT_TAKEN_IN))
        return _acknowledged()

    async def _say_so(self, incoming: Incoming, text: str) -> None:
        try:
            await self._whisper(incoming, text)
        except (Later, Lost) as problem:
            log.warning("%s was not taken in, and nobody was told: %s", incoming.event, problem)

    def _timed(self, incoming: Incoming, by: float) -> Incoming:
        """Let it count for nothing if it is kept later than its speaker can be told."""
        left = timedelta(seconds=by - MARGIN - time.monotonic())
        return replace(incoming, until=self._clock() + left)

    async def _taken_in(self, incoming: Incoming, by: float) -> bool:
        """Whether it was taken in before `by`. An event that is late may still be: it acts once."""
        try:
            async with asyncio.timeout(A_LOOK):
                zone = await self._zone(incoming.account)
        except TimeoutError:
            zone = None
        task = self._begin(self._kept(replace(incoming, zone=zone)))
        await asyncio.wait({task}, timeout=by - time.monotonic())
        return task.done() and not task.cancelled() and task.exception() is None

    async def _kept(self, incoming: Incoming) -> None:
        assert self._hear is not None  # `begin` sets it before anything is heard
        try:
            await self._hear(incoming)
        except Overheard:
            raise
        except Unavailable as away:
            if incoming.until is None and self._told.first(incoming.event):
                self._begin(self._say_so(incoming, not_yet(away.what, AGAIN)))
            raise

    def _begin(self, what: Awaitable[None]) -> "asyncio.Task[None]":
        async def seen_to() -> None:
            await what

        def ended(task: "asyncio.Task[None]") -> None:
            self._tasks.discard(task)
            problem = None if task.cancelled() else task.exception()
            if isinstance(problem, Unavailable):
                log.warning("not taken in: %s does not answer", problem.what)
            elif problem is not None:
                log.error("not taken in", exc_info=problem)

        task = asyncio.create_task(seen_to())
        self._tasks.add(task)
        task.add_done_callback(ended)
        return task


def _acknowledged() -> BoltResponse:
    return BoltResponse(status=200, body="")


def _unheard() -> BoltResponse:
    return BoltResponse(status=503, body="")


def _told(text: str | None, to: str = "ephemeral") -> BoltResponse:
    """Acknowledge a command with an answer to who typed it, or with what was typed for all."""
    body = {"response_type": to} | ({"text": text} if text else {})
    return BoltResponse(status=200, body=body)
