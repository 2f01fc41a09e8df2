"""Asking GitHub's REST API, and altering by it, through PyGithub and off the event loop.

A question is answered by yes (200), unchanged (304) or "there is none" (404); everything
else is `Silent`: GitHub could not be asked, which is neither yes nor no. What alters is sent
exactly once, one after the other: it is done, `Refused`, or `Silent`, which says whether it
may have been done. After a silence nothing is altered until a question was answered.
"""

import asyncio
import ipaddress
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from github import Auth

from aaroc_bot.github.faults import Limited, Refused, Silent
from aaroc_bot.github.headers import Limit
from aaroc_bot.github.line import Line, Reply
from aaroc_bot.github.pace import Pace

__all__ = ["Api", "Limit", "Limited", "Refused", "Reply", "Silent"]

THREADS = 4
"""Questions under way at once; one thread more alters."""


class Api:
    """A bounded number of threads that ask, and one that alters."""

    def __init__(self, url: str, auth: Auth.Auth, *, seconds: int = 4) -> None:
        """Take the REST root and the bot's right; `seconds` limits each step of a call.

        Raises ValueError where the token would travel in the clear, or a password in the URL.
        """
        parts = urlsplit(url)
        loopback = _is_loopback(parts.hostname or "")
        if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
            raise ValueError("AAROC_GITHUB__API_URL must begin with https://")
        if "@" in parts.netloc:
            raise ValueError("AAROC_GITHUB__API_URL must hold no password")
        self.url = url.rstrip("/")
        """The REST root."""
        for name in ("github", "urllib3"):
            # What they warn of is told to people by `Silent`; their raw words help nobody.
            logging.getLogger(name).setLevel(logging.ERROR)
        self._line = Line(self.url, auth, seconds)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="github")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="github-write")
        # On loopback there is no GitHub that wants its writes spread.
        self._pace = Pace(every=0.0) if loopback else Pace()

    @property
    def limit(self) -> Limit | None:
        """Give what the last answer said of the rate limit; None before the first that did."""
        return self._line.limit

    async def get(self, path: str, tag: str | None = None) -> Reply:
        """Ask for a path; with `tag` only whether it changed since. Raises `Silent`."""
        self._line.check()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._line.ask, path, tag)

    async def send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Reply:
        """Alter something, once. Raises `Refused`, or `Silent` with `maybe` where it counts.

        Who is cancelled meanwhile does not know whether it was done either.
        """
        self._line.check_altering()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, self._send, method, path, body)

    async def token(self) -> str | None:
        """Give the bot's token of now, for git; None where GitHub gives none."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self._line.token)
        except Silent:
            return None

    async def app(self) -> str | None:
        """Give the slug of the App as which the bot speaks; None: by a user's token.

        Raises `Silent`.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._line.slug)

    async def permissions(self) -> Mapping[str, str] | None:
        """Give the permissions that the App has in the organisation, as GitHub names them.

        None: the bot speaks by a user's token, which GitHub does not tell that of.
        Raises `Silent`.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._line.permissions)

    def again(self) -> None:
        """Let the next question be asked, even if GitHub was silent a moment ago."""
        self._line.again()

    def close(self) -> None:
        """Ask nothing any more; a call under way ends by its time limit."""
        for threads in (self._threads, self._writer):
            threads.shutdown(wait=False, cancel_futures=True)

    def _send(self, method: str, path: str, body: Mapping[str, object] | None) -> Reply:
        time.sleep(self._pace.turn(time.monotonic()))
        return self._line.alter(method, path, body)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
