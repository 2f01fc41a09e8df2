"""The sandbox's GitHub as a server on loopback."""

import asyncio
import contextlib
import hashlib
import hmac
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from aaroc_bot.sandbox.github import (
    apps,
    checks,
    data,
    device,
    inviting,
    organisation,
    pulling,
    refs,
    repository,
    reviewing,
)
from aaroc_bot.sandbox.github.answers import (
    BY_APP,
    ON_THE_WEB,
    RATE,
    WORLD,
    Handler,
    RateLimit,
    as_github,
)
from aaroc_bot.sandbox.github.bare import Bare
from aaroc_bot.sandbox.github.pages.web_host import TABLES, as_web_host
from aaroc_bot.sandbox.github.world import World
from aaroc_bot.sandbox.persons import REPOSITORY

LOOPBACK = "127.0.0.1"
PROOF = "/sandbox/"
"""The one path that GitHub does not have: below it, it proves whose sandbox it is."""
LARGEST = 8 * 1024 * 1024
"""Bytes that a request may hold."""
IN_THE_API = (
    organisation.routes, inviting.routes, apps.routes, checks.routes, pulling.routes,
    reviewing.routes, data.routes, refs.routes, repository.routes,
)  # fmt: skip
"""In this order, since a commit's path takes all that is below it."""
WEB = (device.routes, *TABLES)
"""What GitHub's web host serves."""


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
    app = web.Application(middlewares=[_proves, as_web_host, as_github], client_max_size=LARGEST)
    app[WORLD] = world
    app[RATE] = RateLimit()
    app[ON_THE_WEB] = frozenset(handler for table in WEB for handler in _handlers(table))
    app[BY_APP] = frozenset(_handlers(apps.by_app))
    world.serve_from(Bare(REPOSITORY, path))
    for table in (*IN_THE_API, apps.by_app, *WEB):
        app.add_routes(table)
    app.on_startup.append(_looks)
    app.on_shutdown.append(_rests)
    return app


def _handlers(table: web.RouteTableDef) -> list[object]:
    return [route.handler for route in table if isinstance(route, web.RouteDef)]


async def _looks(app: web.Application) -> None:
    """Know from the start where the branches are, so that whatever moves one is noticed."""
    world = app[WORLD]
    with contextlib.suppress(OSError):  # where there is no repository, people can be asked for
        async with world.writing:
            await world.settle()


async def _rests(app: web.Application) -> None:
    await app[WORLD].rest()


@asynccontextmanager
async def serving(world: World, path: Path, port: int = 0) -> AsyncIterator[str]:
    """Serve it on loopback and give its root; port 0 takes a free one.

    Raises OSError, at once, if the port is taken. Who asks from then on is answered.
    """
    async with serving_at(socket.create_server((LOOPBACK, port)), world, path) as url:
        yield url


@asynccontextmanager
async def serving_at(listener: socket.socket, world: World, path: Path) -> AsyncIterator[str]:
    """Serve it at a socket that listens, which is closed in the end."""
    world.root = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    runner = web.AppRunner(application(world, path), access_log=None, shutdown_timeout=1)
    try:
        await runner.setup()
        await web.SockSite(runner, listener).start()
        yield world.root
    finally:
        world.behave()
        await asyncio.shield(runner.cleanup())
        listener.close()
