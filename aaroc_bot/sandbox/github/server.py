"""The sandbox's GitHub as a server on loopback."""

import asyncio
import hashlib
import hmac
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from aaroc_bot.sandbox.github import device, organisation, repository
from aaroc_bot.sandbox.github.answers import RATE, WORLD, Handler, RateLimit, as_github
from aaroc_bot.sandbox.github.world import World
from aaroc_bot.sandbox.persons import REPOSITORY

LOOPBACK = "127.0.0.1"
PROOF = "/sandbox/"
"""The one path that GitHub does not have: below it, it proves whose sandbox it is."""


def proof(token: str, nonce: str) -> str:
    """Show that one has the token, without sending it."""
    return hmac.new(token.encode(), nonce.encode(), hashlib.sha256).hexdigest()


@web.middleware
async def _proves(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path.startswith(PROOF):
        nonce = request.path.removeprefix(PROOF)
        return web.Response(text=proof(request.app[WORLD].token, nonce))
    return await handler(request)


def application(world: World, path: Path) -> web.Application:
    """Put it together over the bare repository at `path`."""
    app = web.Application(middlewares=[_proves, as_github])
    app[WORLD] = world
    app[RATE] = RateLimit()
    app[repository.REPOSITORY] = repository.Repository(REPOSITORY, path)
    app.add_routes(organisation.routes)
    app.add_routes(repository.routes)
    app.add_routes(device.routes)
    return app


@asynccontextmanager
async def serving(world: World, path: Path, port: int = 0) -> AsyncIterator[str]:
    """Serve it on loopback and give its root; port 0 takes a free one.

    Raises OSError, at once, if the port is taken. Who asks from then on is answered.
    """
    listener = socket.create_server((LOOPBACK, port))
    runner = web.AppRunner(application(world, path), access_log=None, shutdown_timeout=1)
    try:
        await runner.setup()
        await web.SockSite(runner, listener).start()
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        world.behave()
        await asyncio.shield(runner.cleanup())
        listener.close()
