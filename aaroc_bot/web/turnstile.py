"""Connections from strangers: few at once, each for one call and a short time.

aiohttp waits for ever for a call's headers and body. Whoever opened connections and sent
nothing more would use up the bot's descriptors, and with them the database and the chats.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

log = logging.getLogger(__name__)

MOST = 200
"""Connections open at once."""

LIFE = 10.0
"""Seconds that a connection lives, whatever it does."""

LIMIT = 5.0
"""Seconds in which a call is read and answered, from the end of its headers on."""

LINGER = 1.0
"""Seconds in which the rest of a refused call is still read, so that its answer arrives."""

BETWEEN = 60.0
"""Seconds between lines in the log: strangers must not fill it."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Turnstile:
    """Lets connections in. Beyond `MOST` the oldest goes whose call did not come wholly."""

    def __init__(self, server: web.Server) -> None:
        """Have `server` answer what comes through."""
        self._server = server
        self._inside: dict[Visit, None] = {}
        self._cut = 0
        self._said = -BETWEEN

    def __call__(self) -> "Visit":
        """Make the protocol of a new connection."""
        return Visit(self, self._server)

    def enter(self, visit: "Visit") -> None:
        """Make room for a connection; where all are answering, it has to go itself."""
        self._inside[visit] = None
        if len(self._inside) > MOST:
            self.cut(next((v for v in self._inside if not v.whole), visit))

    def leave(self, visit: "Visit") -> None:
        """Forget a connection that is gone."""
        self._inside.pop(visit, None)

    def cut(self, visit: "Visit") -> None:
        """Cut a connection off, without a word."""
        self.leave(visit)
        self.note()
        if visit.transport is not None:
            visit.transport.abort()

    def note(self) -> None:
        """Count a caller that did not behave; the log hears of them now and then."""
        self._cut += 1
        if time.monotonic() - self._said >= BETWEEN:
            log.warning("connections with unfinished or unreadable calls were cut: %d", self._cut)
            self._cut, self._said = 0, time.monotonic()


class Visit(web.RequestHandler):
    """One connection; `whole` once all of its call came."""

    def __init__(self, turnstile: Turnstile, server: web.Server) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=LIFE,
            lingering_time=LINGER,
            access_log=None,  # type: ignore[arg-type] # as AppRunner gives it
        )
        self.whole = False
        self._turnstile = turnstile
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to count the seconds."""
        super().connection_made(transport)
        self._end = asyncio.get_running_loop().call_later(LIFE, self._turnstile.cut, self)
        self._turnstile.enter(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give the place free."""
        if self._end is not None:
            self._end.cancel()
        self._turnstile.leave(self)
        super().connection_lost(exc)

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Log a fault, but no traceback for what a stranger sent that is no HTTP."""
        if isinstance(kw.get("exc_info"), HttpProcessingError | web.RequestPayloadError):
            self._turnstile.note()
        else:
            super().log_exception(*args, **kw)

    def came(self) -> None:
        """Note that all of the call came."""
        self.whole = True


@web.middleware
async def one_call(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a connection's only call in time."""
    if isinstance(request.protocol, Visit):
        request.content.on_eof(request.protocol.came)
    try:
        async with asyncio.timeout(LIMIT):
            return _last(await handler(request))
    except web.HTTPException as refusal:
        _last(refusal)
        raise
    except TimeoutError:
        return _last(web.Response(status=408))
    except (web.RequestPayloadError, ConnectionError):  # a body that broke off
        return _last(web.Response(status=400))


class Site(web.BaseSite):
    """Listens through a turnstile; the runner's `cleanup` ends it."""

    def __init__(self, runner: web.AppRunner, host: str, port: int) -> None:
        """Listen for `runner`, which was set up."""
        super().__init__(runner)
        self._host = host
        self._port = port

    @property
    def name(self) -> str:
        """Where it listens."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Begin to listen. Raises OSError when the port is taken."""
        await super().start()
        assert self._runner.server is not None  # `BaseSite` asked for it
        self._server = await asyncio.get_running_loop().create_server(
            Turnstile(self._runner.server), self._host, self._port
        )


def _last(answer: web.StreamResponse) -> web.StreamResponse:
    answer.force_close()
    return answer
