"""The HTTP side: tokens, scopes, rates and faults around the methods, on one port."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from tests.emulators.slack.answers import BLAMELESS, Refused
from tests.emulators.slack.blocks import Json
from tests.emulators.slack.files import Files
from tests.emulators.slack.methods import Method
from tests.emulators.slack.rates import Rates
from tests.emulators.slack.responses import Responses
from tests.emulators.slack.sockets import Sockets
from tests.emulators.slack.state import World

CONNECT: Final = "apps.connections.open"
SCOPES: Final = frozenset(
    [
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:write",
        "reactions:write",
        "users:read",
    ]
)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was made, whatever came of it."""

    method: str
    arguments: Json


@dataclass(frozen=True, slots=True)
class Failure:
    """How a call is to fail: refused, or (`silent`) left without an answer."""

    error: str = ""
    retry_after: int = 0
    status: int = 200
    silent: bool = False
    effect: bool = False
    hang: bool = False


class Server:
    """Answers calls of the Web API. One per emulator; its port stays over stop and start."""

    def __init__(self, world: World, sockets: Sockets, files: Files, responses: Responses) -> None:
        self._world = world
        self._sockets = sockets
        self._files = files
        self._responses = responses
        self._runner: web.AppRunner | None = None
        self._rates = Rates()
        self.port = 0
        self.methods: dict[str, Method] = {}
        self.scopes = set(SCOPES)
        self.bot_token, self.app_token = "xoxb-emulated", "xapp-emulated"
        self.revoked = False
        self.strict = True
        self.calls: list[Call] = []
        self.ratelimited: list[tuple[str, str]] = []
        self.failures: dict[str, list[Failure]] = defaultdict(list)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    async def start(self) -> None:
        """Listen, on the port that was had before if there was one."""
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/link/", self._sockets.connect)
        app.router.add_post("/upload/v1/{id}", self._files.take)
        app.router.add_post("/response/{id}", self._responses.take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._files.base_url = self._responses.base_url = self.base_url

    async def stop(self) -> None:
        """Be away: nothing listens, and every connection is cut."""
        self._sockets.drop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await self._arguments(request)
        self.calls.append(Call(method, arguments))
        planned = self.failures[method]
        failure = planned.pop(0) if planned else None
        if failure and failure.silent and not failure.effect:
            return await self._silent(request, failure)
        answer = self._refuse(failure) if failure and not failure.silent else None
        if answer is None:
            answer = self._answer(method, arguments, request)
        self._world.ring()
        return await self._silent(request, failure) if failure and failure.silent else answer

    async def _arguments(self, request: web.Request) -> Json:
        arguments: Json = dict(request.query)
        if request.content_type == "application/json":
            body: Any = await request.json()
            arguments |= body if isinstance(body, dict) else {}
        elif request.can_read_body:
            arguments |= {key: str(value) for key, value in (await request.post()).items()}
        return arguments

    async def _silent(self, request: web.Request, failure: Failure) -> web.StreamResponse:
        if failure.hang:
            await asyncio.Event().wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _refuse(self, failure: Failure) -> web.Response:
        body = {"ok": False, "error": failure.error}
        if failure.error == "ratelimited":
            headers = {"Retry-After": str(failure.retry_after)}
            return web.json_response(body, status=429, headers=headers)
        if failure.status != 200:
            return web.Response(status=failure.status, text="upstream error")
        return web.json_response(body)

    def _answer(self, method: str, arguments: Json, request: web.Request) -> web.Response:
        try:
            self._check_token(method, arguments, request)
            wait = self._rates.take(method, str(arguments.get("channel", "")))
            if wait and self.strict:
                self.ratelimited.append((method, str(arguments.get("channel", ""))))
                self._world.fault(f"rate limit of {method} exceeded")
                return self._refuse(Failure("ratelimited", int(wait) + 1))
            body = {"ok": True, **self._made(method, arguments)}
        except Refused as refused:
            if refused.error not in BLAMELESS:
                self._world.fault(f"{method}: {refused.error} {refused.messages}")
            body = refused.body()
        return web.json_response(body, headers={"x-oauth-scopes": ",".join(sorted(self.scopes))})

    def _check_token(self, method: str, arguments: Json, request: web.Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or "token" in arguments:
            raise Refused("not_authed")
        ours = {self.bot_token: False, self.app_token: True}
        if token not in ours:
            raise Refused("invalid_auth")
        if self.revoked:
            raise Refused("invalid_auth" if ours[token] else "token_revoked")
        if ours[token] != (method == CONNECT):
            raise Refused("not_allowed_token_type")

    def _made(self, method: str, arguments: Json) -> Json:
        """Check a call against what its method takes, and do it."""
        if method == CONNECT:
            ticket = self._sockets.ticket()
            return {"url": f"ws://127.0.0.1:{self.port}/link/?ticket={ticket}&app_id=A0AAROC"}
        found = self.methods.get(method)
        if found is None:
            raise Refused("unknown_method")
        if needed := found.missing(arguments, self.scopes):
            more = {"needed": needed, "provided": ",".join(sorted(self.scopes))}
            raise Refused("missing_scope", more=more)
        for name in sorted(arguments.keys() - found.known):
            self._world.fault(f"{method}: unknown field {name}")
        missing = [name for name in found.needed if arguments.get(name) in (None, "")]
        if missing:
            words = [f"[ERROR] missing required field: {name}" for name in missing]
            raise Refused("invalid_arguments", words)
        wrong = [name for name in found.needed if not isinstance(arguments[name], str)]
        if wrong:
            words = [f"[ERROR] must be a string [json-pointer:/{name}]" for name in wrong]
            raise Refused("invalid_arguments", words)
        return found.call(arguments)
