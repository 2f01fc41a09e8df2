"""Logging in as a GitHub App: installation tokens, taken when they are needed.

A token lasts an hour. PyGithub's own class would ask with its retries and redirections, and
two threads of it for two tokens; its signing (`AppAuth`) is used.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from github import Auth, Github

from aaroc_bot.github.connection import Connection, Redirected
from aaroc_bot.github.faults import Limited, Silent
from aaroc_bot.github.headers import pause_of

EARLY = 300.0
"""Seconds before its end from which a token is not used any more."""
LEAST, MOST = 60.0, 3300.0
"""Seconds for which a token is used whatever its end looks like: clocks differ."""
SECONDS = 4


@dataclass(frozen=True, slots=True)
class Installation:
    """The App in the organisation; `slug` is how the App is called.

    `permissions` are what it was given there: ``read`` or ``write`` (or more) by name.
    """

    id: int
    slug: str
    permissions: Mapping[str, str]


class InstallationAuth(Auth.Auth):
    """The App's right in one organisation. Asks GitHub where it must: never on the loop.

    Everything raises `Silent`, or an OSError where GitHub did not answer.
    """

    def __init__(self, url: str, app: Auth.AppAuth, org: str) -> None:
        """Take the REST root, and the App by its key; nothing is asked yet."""
        self._url = url.rstrip("/")
        self._app = app
        self._org = quote(org, safe="")
        self._turn = threading.Lock()
        self._installation: Installation | None = None
        self._token: str | None = None
        self._until = 0.0

    @property
    def token_type(self) -> str:
        """Give the word before the token."""
        return "token"

    @property
    def token(self) -> str:
        """Give a token that holds for some minutes more; one thread alone asks for it."""
        with self._turn:
            if self._token is None or time.monotonic() >= self._until:
                self._token, self._until = self._fetch()
            return self._token

    @property
    def slug(self) -> str:
        """Give the App's name as in ``<slug>[bot]``."""
        with self._turn:
            return self._found().slug

    @property
    def permissions(self) -> Mapping[str, str]:
        """Give what the App may do in the organisation, as it was when that was read."""
        with self._turn:
            return self._found().permissions

    def forget(self) -> None:
        """Take another token next time: GitHub did not accept this one."""
        with self._turn:
            self._token = self._installation = None

    def _found(self) -> Installation:
        if self._installation is None:
            body = self._ask("GET", f"/orgs/{self._org}/installation")
            if body.get("suspended_at") is not None:
                raise Silent("the GitHub App is suspended in the organisation", status=403)
            id, slug = body.get("id"), body.get("app_slug")
            if not isinstance(id, int) or not isinstance(slug, str) or not slug:
                raise Silent("GitHub's answer cannot be read")
            told = body.get("permissions")
            given = told if isinstance(told, dict) else {}
            permissions = {name: str(access) for name, access in given.items()}
            self._installation = Installation(id, slug, permissions)
        return self._installation

    def _fetch(self) -> tuple[str, float]:
        body = self._ask("POST", f"/app/installations/{self._found().id}/access_tokens")
        token, end = body.get("token"), body.get("expires_at")
        try:
            ends = datetime.fromisoformat(str(end).replace("Z", "+00:00"))
            left = (ends - datetime.now(UTC)).total_seconds() - EARLY
        except (ValueError, TypeError):
            left = LEAST
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise Silent("GitHub's answer cannot be read")
        return token, time.monotonic() + min(MOST, max(LEAST, left))

    def _ask(self, method: str, path: str) -> Mapping[str, object]:
        """Ask as the App itself; each answer is small and seldom asked for."""
        hub = Github(auth=self._app, base_url=self._url, seconds_between_writes=None)
        connection = Connection(self._url, SECONDS)
        try:
            status, headers, text = hub.requester.requestJson(method, path, cnx=connection)
        except Redirected as problem:
            raise Silent(str(problem), status=problem.status) from None
        finally:
            connection.close()
        if wait := pause_of(status, headers, text):
            raise Limited(wait)
        if status not in {200, 201}:
            self._installation = None
            raise Silent(_why(status), status=status)
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Silent("GitHub's answer cannot be read")
        return body


def app_auth(api_url: str, app_id: int, key: str, org: str) -> Auth.Auth:
    """Give the right of an App in an organisation; `key` is its private key (PEM).

    Raises ValueError, without a word of the key, where that is none.
    """
    try:
        app = Auth.AppAuth(app_id, key)
        app.create_jwt()
    except Exception:  # PyJWT and cryptography have many; none may show the key
        raise ValueError("AAROC_GITHUB__APP_KEY_FILE holds no private RSA key (PEM)") from None
    return InstallationAuth(api_url, app, org)


def _why(status: int) -> str:
    if status == 401:
        return "GitHub does not accept the App's id and key (401)"
    if status == 404:
        return "the GitHub App is not installed in the organisation (404)"
    if status == 403:
        return "GitHub gives the App no token (403)"
    return f"GitHub answered {status}"
