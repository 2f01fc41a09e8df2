"""GitHub: asking it by the bot's own right, and what helps where it does not tell."""

import math
from dataclasses import dataclass
from urllib.parse import quote

from github import Auth

from aaroc_bot.doctor.finding import Finding, failed
from aaroc_bot.doctor.limiting import Unfit
from aaroc_bot.github.api import Api, Limited, Silent
from aaroc_bot.github.app import app_auth
from aaroc_bot.settings import Settings

REACH = "see whether this machine reaches AAROC_GITHUB__API_URL"
DOCS = "docs/github.md"


@dataclass(frozen=True, slots=True)
class Way:
    """How GitHub is asked; `app`: as a GitHub App, else by a token."""

    api: Api
    org: str
    app: bool

    @property
    def check(self) -> str:
        """How the right itself is called."""
        return "GitHub App" if self.app else "GitHub token"

    @property
    def who(self) -> str:
        """How the right is called in a sentence."""
        return "the App" if self.app else "the token"

    @property
    def root(self) -> str:
        """The organisation's path."""
        return f"/orgs/{quote(self.org, safe='')}"

    def grant(self, permissions: str) -> str:
        """Say where the bot is given these permissions."""
        if self.app:
            where = "the App's settings, Permissions & events, and accept that in the organisation"
            return f"give the App {permissions}, in {where} ({DOCS})"
        return f"give the token {permissions}, in its settings ({DOCS})"

    async def get(self, check: str, path: str) -> object | None:
        """Give what GitHub says; None if it says that there is no such thing. Raises `Unfit`."""
        try:
            reply = await self.api.get(path)
        except Silent as silent:
            raise Unfit(self.not_told(check, silent)) from None
        return reply.body if reply.status == 200 else None

    def not_told(self, check: str, silent: Silent) -> Finding:
        """Say why GitHub did not tell, and what helps."""
        return failed(check, str(silent), self._remedy(silent))

    def _remedy(self, silent: Silent) -> str:
        if isinstance(silent, Limited):
            minutes = math.ceil(silent.seconds / 60)
            return f"wait {minutes} min, and see what else asks GitHub by the bot's right"
        if silent.status == 401 and self.app:
            return (
                "AAROC_GITHUB__APP_ID: take it from the App's settings, and if it is right generate a "
                "new private key there for AAROC_GITHUB__APP_KEY_FILE: GitHub shows none again"
            )
        if silent.status == 401:
            return "AAROC_GITHUB__TOKEN_FILE: make a new token, this one ended or was revoked"
        if silent.status == 403:
            return self.grant("the permissions that it lacks")
        if silent.status is not None and silent.status >= 500:
            return "GitHub has a fault of its own: wait, and see its status page"
        return REACH


def way_of(settings: Settings) -> Way:
    """Ask as the bot itself does. An organisation is named, and a token or an App.

    Raises ValueError, without a secret in it, where a token would travel in the clear or a
    key is none.
    """
    github, token = settings.github, settings.github_token
    assert github.org  # who calls it looks first
    if token:
        return Way(Api(github.api_url, Auth.Token(token)), github.org, app=False)
    assert github.app_id and settings.github_app_key  # the settings say that they go together
    auth = app_auth(github.api_url, github.app_id, settings.github_app_key, github.org)
    return Way(Api(github.api_url, auth), github.org, app=True)
