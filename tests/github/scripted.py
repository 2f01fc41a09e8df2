"""A server on loopback that answers as a test says, also as no GitHub should."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Scripted:
    """Answers by `answers`, by method and path; everything else does not exist (404).

    `asked` lists what arrived, `most` is how many writes were under way at once.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    bodies: list[object] = field(default_factory=list)
    url: str = ""
    most: int = 0
    end: asyncio.Event = field(default_factory=asyncio.Event)
    _writing: int = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        writes = request.method != "GET"
        self._writing += writes
        self.most = max(self.most, self._writing)
        try:
            self.asked.append(f"{request.method} {request.path}")
            self.authorizations.append(request.headers.get("Authorization", ""))
            if request.can_read_body:
                self.bodies.append(await request.json())
            answer = self.answers.get(f"{request.method} {request.path}")
            if answer is None:
                return web.json_response({"message": "Not Found"}, status=404)
            return await answer(request)
        finally:
            self._writing -= writes

    def says(
        self,
        call: str,
        body: object = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> "Scripted":
        """Answer a call (``GET /a``) with JSON from now on."""

        async def answer(request: web.Request) -> web.Response:
            if status == 204:
                return web.Response(status=204, headers=headers)
            return web.json_response(body, status=status, headers=headers)

        self.answers[call] = answer
        return self

    def text(self, call: str, text: str, status: int = 200) -> None:
        """Answer a call with this text."""

        async def answer(request: web.Request) -> web.Response:
            return web.Response(text=text, status=status)

        self.answers[call] = answer

    def silent(self, call: str) -> None:
        """Take a call and answer nothing until the test is over."""

        async def answer(request: web.Request) -> web.Response:
            await self.end.wait()
            return web.json_response({})

        self.answers[call] = answer

    def times(self, call: str) -> int:
        """Count how often a call arrived."""
        return self.asked.count(call)


@asynccontextmanager
async def scripted(tls: ssl.SSLContext | None = None) -> AsyncIterator[Scripted]:
    """Serve one on loopback."""
    server = Scripted()
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    server.url = f"http{'s' if tls else ''}://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        server.end.set()
        await runner.cleanup()
