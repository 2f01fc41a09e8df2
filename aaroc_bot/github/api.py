"""Questions to GitHub's REST API through PyGithub, off the event loop.

Only reading is here. An answer is yes (200), unchanged (304) or "there is none" (404);
everything else is `Silent`: GitHub could not be asked, which is neither yes nor no.
"""

import asyncio
import ipaddress
import json
import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from github import Auth, Github, GithubException, GithubRetry
from github.Requester import HTTPRequestsConnectionClass

THREADS = 4
SILENCE = 5.0
"""Seconds for which nothing is asked after GitHub did not answer at all."""
PAUSE = 0.3
"""Seconds between the two attempts: GitHub's address may be taken over just then."""
LONGEST_LIMIT = 3600.0
"""Seconds for which a rate limit is obeyed at most, whatever the answer's headers say."""


class Silent(Exception):
    """GitHub could not tell; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What GitHub said: `status` is 200, 304 or 404, `next` the path of the next page."""

    status: int
    body: object = None
    tag: str | None = None
    next: str | None = None


class Api:
    """A bounded number of threads, each with a PyGithub of its own.

    PyGithub keeps the request under way in its connection, so two threads that shared one
    could be given each other's answers.
    """

    def __init__(self, url: str, auth: Auth.Auth, *, seconds: int = 4) -> None:
        """Take the REST root and the bot's right; `seconds` limits each of two attempts.

        Raises ValueError where the token would travel in the clear, or a password in the URL.
        """
        parts = urlsplit(url)
        self._loopback = _is_loopback(parts.hostname or "")
        if parts.scheme != "https" and not (parts.scheme == "http" and self._loopback):
            raise ValueError("AAROC_GITHUB__API_URL must begin with https://")
        if "@" in parts.netloc:
            raise ValueError("AAROC_GITHUB__API_URL must hold no password")
        self.url = url.rstrip("/")
        """The REST root."""
        for name in ("github", "urllib3"):
            # What they warn of is told to people by `Silent`; their raw words help nobody.
            logging.getLogger(name).setLevel(logging.ERROR)
        self._auth = auth
        self._seconds = seconds
        self._own = threading.local()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="github")
        self._silent_until = 0.0
        self._limited_until = 0.0

    async def get(self, path: str, tag: str | None = None) -> Reply:
        """Ask for a path; with `tag` only whether it changed since. Raises `Silent`."""
        if time.monotonic() < self._limited_until:
            raise Silent("GitHub's rate limit is used up")
        if time.monotonic() < self._silent_until:
            raise Silent("GitHub does not answer")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._get, path, tag)

    def again(self) -> None:
        """Let the next question be asked, even if GitHub was silent a moment ago."""
        self._silent_until = 0.0

    def close(self) -> None:
        """Ask nothing any more; a question under way ends by its time limit."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _get(self, path: str, tag: str | None) -> Reply:
        headers = {"If-None-Match": tag} if tag else {}
        try:
            status, answer, text = self._client().requester.requestJson(
                "GET", path, headers=headers, cnx=self._connection()
            )
        except GithubException as problem:
            raise self._refused(problem.status, problem.headers or {}) from problem
        except (OSError, RuntimeError, AssertionError) as problem:
            # Every fault of requests is an OSError; PyGithub refuses redirections that
            # lead elsewhere by RuntimeError and AssertionError.
            self._silent_until = time.monotonic() + SILENCE
            raise Silent("GitHub does not answer") from problem
        return self._reply(status, answer, text)

    def _reply(self, status: int, answer: Mapping[str, str], text: str) -> Reply:
        if status not in {200, 304, 404}:
            raise self._refused(status, answer)
        if status != 200:
            return Reply(status)
        try:
            body = json.loads(text)
        except ValueError as problem:
            raise Silent("GitHub's answer cannot be read") from problem
        return Reply(200, body, answer.get("etag"), _next(answer.get("link", "")))

    def _refused(self, status: int, answer: Mapping[str, str | int]) -> Silent:
        """Say why; a rate limit is obeyed until it ends."""
        wait = _limit(status, answer)
        if wait:
            self._limited_until = time.monotonic() + min(wait, LONGEST_LIMIT)
            return Silent("GitHub's rate limit is used up")
        if status == 401:
            return Silent("GitHub does not accept the bot's token (401)")
        if status == 403:
            return Silent("the bot's token may not read this on GitHub (403)")
        return Silent(f"GitHub answered {status}")

    def _client(self) -> Github:
        client: Github | None = getattr(self._own, "client", None)
        if client is None:
            # Reads are few, conditional and bounded by THREADS: no pause between them.
            client = self._own.client = Github(
                auth=self._auth,
                base_url=self.url,
                timeout=self._seconds,
                retry=_retry(),
                seconds_between_requests=None,
                per_page=100,
            )
        return client

    def _connection(self) -> HTTPRequestsConnectionClass | None:
        """Reach loopback directly: a proxy of the environment would get the question."""
        if not self._loopback or urlsplit(self.url).scheme != "http":
            return None
        connection: HTTPRequestsConnectionClass | None = getattr(self._own, "connection", None)
        if connection is None:
            parts = urlsplit(self.url)
            connection = self._own.connection = HTTPRequestsConnectionClass(
                parts.hostname or "", parts.port, timeout=self._seconds, retry=_retry()
            )
            connection.session.trust_env = False
        return connection


class _Retry(GithubRetry):
    """Pauses before the second attempt already, which urllib3 makes at once."""

    def get_backoff_time(self) -> float:
        """Give the pause's seconds."""
        return PAUSE


def _retry() -> GithubRetry:
    """One more attempt, for GET alone, and never a sleep that the server chooses."""
    return _Retry(
        total=1,
        allowed_methods={"GET"},
        max_rate_limit_wait=0,
        raise_on_status=False,
        respect_retry_after_header=False,
    )


def _limit(status: int, answer: Mapping[str, str | int]) -> float:
    """Give the seconds to wait if this is a rate limit, else 0."""
    if status not in {403, 429}:
        return 0.0
    lower = {name.lower(): str(value) for name, value in answer.items()}
    after = lower.get("retry-after", "")
    if after.isdigit():
        return max(1.0, float(after))
    reset = lower.get("x-ratelimit-reset", "")
    if lower.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return max(1.0, float(reset) - time.time() + 1)
    return 60.0 if status == 429 else 0.0


def _next(link: str) -> str | None:
    """Find the next page in a Link header."""
    for part in link.split(","):
        address, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            return address.strip().strip("<>")
    return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
