"""The HTTP side: tokens, faults made on purpose, limits, and Telegram's envelope."""

import asyncio
import contextlib
import re
import socket
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from tests.emulators.telegram.arguments import Arguments, read
from tests.emulators.telegram.flood import Flood
from tests.emulators.telegram.methods import SPEAKING
from tests.emulators.telegram.refusal import MEANS, Refused, bad, flooded
from tests.emulators.telegram.signs import SMALL
from tests.emulators.telegram.updates import Hook, Updates
from tests.emulators.telegram.webhook import deliver
from tests.emulators.telegram.world import Json, World

METHODS = {**SPEAKING, **SMALL}
TOKEN = re.compile(r"\d{1,19}:[A-Za-z0-9_-]{10,100}")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that arrived, in lower case, with its arguments as text."""

    method: str
    arguments: Json
    at: float


@dataclass(slots=True)
class Fault:
    """A misbehaviour to come: an error, or silence with or without the effect."""

    method: str
    times: int
    refusal: Refused | None = None
    effect: bool = True
    hang: bool = False


class Server:
    """Serves one bot's API; `start` and `stop` keep the port."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.updates = Updates(world)
        self.flood = Flood()
        self.strict = True
        self.revoked = False
        self.webhook_at: str | None = None
        self.calls: list[Call] = []
        self.fault_list: list[Fault] = []
        self._kept: socket.socket | None = None
        self._waits: dict[tuple[str, str], float] = {}
        self._runner: web.AppRunner | None = None
        self._poster: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port, kept while the server is away; 0 before the first start."""
        return int(self._kept.getsockname()[1]) if self._kept else 0

    async def start(self) -> None:
        """Listen, on the port of the last time if there was one."""
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", r"/bot{token:[^/]+}/{method}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        self._kept = self._kept or _bound(0)
        await web.SockSite(self._runner, _bound(self.port)).start()
        self._poster = asyncio.create_task(self._post())

    async def stop(self) -> None:
        """Go away: connections are cut, nothing is delivered."""
        if self._poster is not None:
            self._poster.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._poster
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = self._poster = None

    async def close(self) -> None:
        """Stop for good and give the port back."""
        await self.stop()
        if self._kept is not None:
            self._kept.close()

    async def _post(self) -> None:
        async with aiohttp.ClientSession() as session:
            await deliver(session, self.updates, lambda: self.webhook_at)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"].lower()
        try:
            self._let_in(request.match_info["token"])
            arguments = await read(request)
            self.calls.append(Call(method, dict(arguments.values), time.time()))
            self.world.changed()
            fault = self._fault(method)
            if fault is not None:
                await self._misbehave(request, fault, method, arguments)
            result = await self._call(method, arguments)
        except Refused as refusal:
            return web.json_response(refusal.body, status=refusal.code)
        return web.json_response({"ok": True, "result": result})

    def _let_in(self, token: str) -> None:
        if not TOKEN.fullmatch(token):
            raise Refused(404, "Not Found")
        if self.revoked or token != self.world.token:
            raise Refused(401, "Unauthorized")

    def _fault(self, method: str) -> Fault | None:
        for fault in self.fault_list:
            if fault.method in {method, "*"} and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    async def _misbehave(
        self, request: web.Request, fault: Fault, method: str, arguments: Arguments
    ) -> None:
        if fault.refusal is not None:
            if seconds := fault.refusal.parameters.get("retry_after"):
                key = (method, arguments.text("chat_id"))
                self._waits[key] = time.monotonic() + seconds
            raise fault.refusal
        if fault.effect:
            await self._call(method, arguments)
        if fault.hang:
            await asyncio.Event().wait()
        if request.transport is not None:
            request.transport.abort()
        raise Refused(502, MEANS[502])

    async def _call(self, method: str, arguments: Arguments) -> Any:
        self._waited(method, arguments.text("chat_id"))
        if self.strict:
            try:
                self.flood.count(method, arguments.number("chat_id"))
            except Refused as refusal:
                self.world.fault(f"flood: {self.flood.noted[-1]}")
                raise refusal
        result = await self._result(method, arguments)
        for name in sorted(arguments.unread - {"chat_id"}):
            self.world.fault(f"{method} has no field {name}")
        return result

    def _waited(self, method: str, chat: str) -> None:
        until = self._waits.pop((method, chat), 0.0)
        if until - time.monotonic() > 0.05:
            self.world.fault(f"{method} in {chat} did not wait as it was told")

    async def _result(self, method: str, arguments: Arguments) -> Any:
        match method:
            case "getupdates":
                self.updates.allow(arguments.parsed("allowed_updates", "allowed updates"))
                return await self.updates.poll(
                    arguments.number("offset"),
                    arguments.number("limit", 100),
                    arguments.number("timeout"),
                )
            case "setwebhook":
                return self._set_webhook(arguments)
            case "deletewebhook":
                self.updates.set_hook(None, drop=arguments.flag("drop_pending_updates"))
                return True
            case "getwebhookinfo":
                return self._webhook_info()
        if method not in METHODS:
            self.world.fault(f"a method that is not emulated: {method}")
            raise Refused(404, "Not Found: method not found")
        return METHODS[method](self.world, arguments)

    def _set_webhook(self, arguments: Arguments) -> bool:
        arguments.ignore("ip_address", "certificate")
        url, secret = arguments.text("url"), arguments.text("secret_token")
        most = arguments.number("max_connections", 40)
        drop = arguments.flag("drop_pending_updates")
        self.updates.allow(arguments.parsed("allowed_updates", "allowed updates"))
        if not url:
            self.updates.set_hook(None, drop=drop)
            return True
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost"}:
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if secret and not SECRET.fullmatch(secret):
            raise bad("secret token contains unallowed characters")
        self.updates.set_hook(Hook(url, secret, most), drop=drop)
        return True

    def _webhook_info(self) -> Json:
        hook = self.updates.hook
        info: Json = {
            "url": hook.url if hook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates.pending),
        }
        if hook is not None:
            info["max_connections"] = hook.most
            if hook.failed_at:
                info["last_error_date"] = hook.failed_at
                info["last_error_message"] = hook.error
        if self.updates.allowed:
            info["allowed_updates"] = sorted(self.updates.allowed)
        return info

    def fail(self, method: str, refusal: Refused, times: int) -> None:
        """Answer the next calls of a method (``*``: any) with this."""
        self.fault_list.append(Fault(method.lower(), times, refusal))

    def silent(self, method: str, times: int, *, effect: bool, hang: bool) -> None:
        """Cut the connection (or hang) instead of answering the next calls of a method."""
        self.fault_list.append(Fault(method.lower(), times, effect=effect, hang=hang))


def _bound(port: int) -> socket.socket:
    """Take a port. One socket that does not listen keeps it while the server is away."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    taken.bind(("127.0.0.1", port))
    return taken


def refusal(code: int, description: str | None, retry_after: int | None) -> Refused:
    """Make an error as Telegram words it."""
    if code == 429:
        return flooded(retry_after or 1)
    return Refused(code, description or MEANS.get(code, "Internal Server Error"))
