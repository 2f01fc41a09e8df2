"""The line to GitHub: one call at a time for each thread, and what silence and limits mean.

It blocks; `api` keeps it off the event loop.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from github import Auth, Github

from aaroc_bot.github.app import InstallationAuth
from aaroc_bot.github.connection import Connection, Redirected, never_sent
from aaroc_bot.github.faults import Limited, Refused, Silent, message, refused
from aaroc_bot.github.headers import Limit, limit_of, next_of, pause_of

T = TypeVar("T")

SILENCE = 5.0
"""Seconds for which nothing is asked after GitHub did not answer at all."""
PAUSE = 0.3
"""Seconds between two attempts of a question: GitHub's address may be taken over just then."""
LONGEST_LIMIT = 3600.0
"""Seconds for which a rate limit is obeyed at most, whatever the answer's headers say."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What GitHub said: 200, 304 or 404 to a question, 2xx to what alters.

    `body` is None where there is none, `next` the path of the next page.
    """

    status: int
    body: object = None
    tag: str | None = None
    next: str | None = None


_Raw = tuple[int, Mapping[str, str], str]


class Line:
    """Asks and alters for as many threads as call it.

    Each has a PyGithub of its own: it keeps the call under way in its connection, so two
    threads that shared one could be given each other's answers.
    """

    def __init__(self, url: str, auth: Auth.Auth, seconds: int) -> None:
        """Take the REST root, the bot's right and the limit of each step in seconds."""
        self.limit: Limit | None = None
        self.seconds = seconds
        self._url = url
        self._auth = auth
        self._own = threading.local()
        self._silent_until = 0.0
        self._limited_until = 0.0
        self._away = False

    def check(self) -> None:
        """Raise `Silent` where there is no use in asking now."""
        if (left := self._limited_until - time.monotonic()) > 0:
            raise Limited(left)
        if time.monotonic() < self._silent_until:
            raise Silent("GitHub does not answer")

    def check_altering(self) -> None:
        """The same for what alters: it waits until GitHub answered a question."""
        self.check()
        if self._away:
            raise Silent("GitHub did not answer; nothing is altered before it does")

    def again(self) -> None:
        """Let the next question be asked, even if GitHub was silent a moment ago."""
        self._silent_until = 0.0

    def ask(self, path: str, tag: str | None) -> Reply:
        """Ask, a second time where the first attempt came to nothing. Raises `Silent`."""
        self.check()
        try:
            status, headers, text = self._twice(path, {"If-None-Match": tag} if tag else {})
        except Redirected as problem:
            raise Silent(str(problem), status=problem.status) from None
        except OSError as problem:
            raise self._fell_silent() from problem
        if status not in {200, 304, 404}:
            raise self._cannot_tell(status, headers, text)
        self._away = False
        if status != 200:
            return Reply(status)
        body = _json(text)
        return Reply(200, body, headers.get("etag"), next_of(headers.get("link", "")))

    def alter(self, method: str, path: str, body: Mapping[str, object] | None) -> Reply:
        """Send once what alters. Raises `Refused`, or `Silent` with `maybe` where it counts."""
        self.check_altering()
        self.token()
        try:
            status, headers, text = self._call(method, path, {}, body)
        except Redirected as problem:
            raise Refused(problem.status, str(problem)) from None
        except OSError as problem:
            raise self._fell_silent(maybe=not never_sent(problem)) from problem
        if pause_of(status, headers, message(text)) or status >= 500:
            raise self._cannot_tell(status, headers, text, altering=True)
        if status >= 400:
            if status == 401:
                self._renew()
            raise refused(status, text)
        return Reply(status, _json(text, maybe=True) if text.strip() else None)

    def token(self) -> str:
        """Give a token that holds, asking for one where the bot speaks as an App."""
        return self._of_app(lambda: self._auth.token)

    def slug(self) -> str | None:
        """Give the slug of the App as which the bot speaks; None: by a user's token."""
        auth = self._auth
        return self._of_app(lambda: auth.slug) if isinstance(auth, InstallationAuth) else None

    def permissions(self) -> Mapping[str, str] | None:
        """Give what the App may do in the organisation; None: the bot speaks by a token."""
        auth = self._auth
        if not isinstance(auth, InstallationAuth):
            return None
        return self._of_app(lambda: auth.permissions)

    def _of_app(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except Limited as limited:
            self._obey(limited.seconds)
            raise
        except OSError as problem:
            raise self._fell_silent() from problem

    def _twice(self, path: str, headers: Mapping[str, str]) -> _Raw:
        self.token()
        try:
            raw = self._call("GET", path, headers)
        except OSError:
            raw = None
        if raw and raw[0] < 500 and not (raw[0] == 401 and self._renew()):
            return raw
        time.sleep(PAUSE)
        self.token()
        return self._call("GET", path, headers)

    def _call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Mapping[str, object] | None = None,
    ) -> _Raw:
        client, connection = self._client()
        try:
            status, answer, text = client.requester.requestJson(
                method, path, headers=dict(headers), input=body, cnx=connection
            )
        except OSError:
            connection.close()  # nothing of a broken call may be read as the next one's answer
            raise
        self.limit = limit_of(answer) or self.limit
        return status, answer, text

    def _client(self) -> tuple[Github, Connection]:
        own: tuple[Github, Connection] | None = getattr(self._own, "client", None)
        if own is None:
            # Reads are few, conditional and bounded by the threads; writes have `pace`.
            client = Github(
                auth=self._auth,
                base_url=self._url,
                seconds_between_requests=None,
                seconds_between_writes=None,
            )
            own = self._own.client = client, Connection(self._url, self.seconds)
        return own

    def _renew(self) -> bool:
        """Drop a token that GitHub does not accept; False if there can be no other."""
        if not isinstance(self._auth, InstallationAuth):
            return False
        self._auth.forget()
        return True

    def _fell_silent(self, *, maybe: bool = False) -> Silent:
        self._silent_until = time.monotonic() + SILENCE
        self._away = True
        return Silent("GitHub does not answer", maybe=maybe)

    def _obey(self, seconds: float) -> None:
        until = time.monotonic() + min(seconds, LONGEST_LIMIT)
        self._limited_until = max(self._limited_until, until)

    def _cannot_tell(
        self, status: int, headers: Mapping[str, str], text: str, *, altering: bool = False
    ) -> Silent:
        """Say why; a rate limit is obeyed until it ends."""
        if wait := pause_of(status, headers, message(text)):
            self._obey(wait)
            return Limited(wait, status=status)
        if status >= 500:
            self._away = True
        elif status == 401:
            return Silent("GitHub does not accept the bot's token (401)", status=status)
        elif status == 403:
            return Silent("the bot's token may not read this on GitHub (403)", status=status)
        return Silent(f"GitHub answered {status}", maybe=altering, status=status)


def _json(text: str, *, maybe: bool = False) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise Silent("GitHub's answer cannot be read", maybe=maybe) from problem
