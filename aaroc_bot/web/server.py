"""The aiohttp server: health for monitors, and in the demo the page of the web chat."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote

from aiohttp import WSCloseCode, web

from aaroc_bot.chat.web import WebChat
from aaroc_bot.web.allowance import Allowance
from aaroc_bot.web.connection import FRAME, Connection
from aaroc_bot.web.guard import is_loopback, refuse_strangers, set_headers
from aaroc_bot.web.turnstile import Site, one_call

Ready = Callable[[], Awaitable[str | None]]
"""Says why the bot cannot work yet, in a sentence; None when it can."""

Part = Callable[[], str]
"""Says what one of several bots does that is ready: it ``keeps`` or ``stands by``."""

STATIC = Path(__file__).parent / "static"
TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"} | {
    ".svg": "image/svg+xml"
}
HEARTBEAT = 20.0
"""Seconds between pings; a page that answers none is dropped."""

PAGES = 100
"""Pages open at once; more are told to come later."""

NOBODY = 4000
"""Close code for a page that wants to speak as somebody who is not there."""

ALLOWANCES: Final = web.AppKey[dict[str, Allowance]]("allowances")
SOCKETS: Final = web.AppKey[set[web.WebSocketResponse]]("sockets")


def create_app(
    ready: Ready, chat: WebChat | None = None, part: Part = lambda: ""
) -> web.Application:
    """Make the application; the page and its paths are there only with a chat.

    A bot that is alone has no `part`.
    """
    app = web.Application(middlewares=[refuse_strangers if chat else one_call])
    app[SOCKETS] = set()
    app.on_response_prepare.append(set_headers)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", partial(_readyz, ready, part))
    if chat is not None:
        app[ALLOWANCES] = {speaker.user: Allowance() for speaker in chat.speakers}
        for file in sorted(STATIC.iterdir()):
            if file.suffix in TYPES:
                path = "/" if file.name == "index.html" else f"/static/{file.name}"
                answer = partial(_static, file.read_bytes(), TYPES[file.suffix])
                app.router.add_get(path, answer)
        app.router.add_get("/ws", partial(_page, chat))
        app.router.add_get("/files/{key}", partial(_file, chat))
        app.on_shutdown.append(_close_pages)
    return app


async def start(app: web.Application, host: str, port: int) -> web.AppRunner:
    """Listen; `cleanup()` of what comes back ends it. With a chat on loopback only.

    Strangers may come to all but the chat, whose pages keep their sockets open.

    Raises ValueError for another host, OSError when the port is taken.
    """
    has_pages = refuse_strangers in app.middlewares
    if has_pages and not is_loopback(host):
        raise ValueError(f"the web chat answers on loopback only, not on {host}")
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        await (web.TCPSite if has_pages else Site)(runner, host, port).start()
    except BaseException:
        await runner.cleanup()
        raise
    return runner


async def _healthz(request: web.Request) -> web.Response:
    return web.Response(text="alive\n")


async def _readyz(ready: Ready, part: Part, request: web.Request) -> web.Response:
    if why := await ready():
        return web.Response(text=f"{why}\n", status=503)
    return web.Response(text=f"{', '.join(filter(None, ('ready', part())))}\n")


async def _static(content: bytes, type: str, request: web.Request) -> web.Response:
    return web.Response(body=content, content_type=type, charset="utf-8")


async def _file(chat: WebChat, request: web.Request) -> web.Response:
    """Give a file as plain text; its key is known only to those whom it was shown to."""
    file = await chat.channel.file(request.match_info["key"])
    if file is None:
        raise web.HTTPNotFound(text="No such file.")
    how = "attachment" if "download" in request.query else "inline"
    headers = {
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "Cache-Control": "no-store",
    }
    return web.Response(text=file.content, content_type="text/plain", headers=headers)


async def _page(chat: WebChat, request: web.Request) -> web.StreamResponse:
    """Serve one page's WebSocket: `as` is who speaks, `after` and `origin` where it was."""
    sockets = request.app[SOCKETS]
    if len(sockets) >= PAGES:
        raise web.HTTPServiceUnavailable(text="Too many pages are open.")
    # no compression: a small frame must not become a big one
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=FRAME, compress=False)
    await socket.prepare(request)
    wanted = request.query.get("as") or chat.speakers[0].user
    speaker = next((s for s in chat.speakers if s.user == wanted), None)
    if speaker is None:
        await socket.close(code=NOBODY)
        return socket
    after = request.query.get("after", "")
    sockets.add(socket)
    try:
        allowance = request.app[ALLOWANCES][speaker.user]
        await Connection(chat, speaker, socket, allowance).serve(
            int(after) if after.isascii() and after.isdigit() and len(after) < 18 else None,
            request.query.get("origin", ""),
        )
    finally:
        sockets.discard(socket)
        await socket.close()
    return socket


async def _close_pages(app: web.Application) -> None:
    """End every page's socket, or `cleanup` would wait for each of them."""
    sockets = app[SOCKETS]
    for socket in list(sockets):
        await socket.close(code=WSCloseCode.GOING_AWAY)
