"""The bot's credential for a DevOps repository that is not public."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Credential:
    """The bot's token for repositories on one web host, for fetching from them.

    `host` is a root (``https://github.com``); `token` gives None where there is none now.
    """

    host: str
    token: Callable[[], Awaitable[str | None]]

    async def environment(self, url: str) -> Mapping[str, str]:
        """Give what git gets for `url`: empty unless it is https and on that very host.

        It goes by the environment: arguments can be read by every user of the machine. git
        sends it to that host alone, and a redirection is not followed with it.
        """
        root = _root(url)
        if root is None or root != _root(self.host):
            return {}
        token = await self.token()
        if token is None:
            return {}
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        return {
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": f"http.{root}/.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
            "GIT_CONFIG_KEY_1": f"http.{root}/.followRedirects",
            "GIT_CONFIG_VALUE_1": "false",
        }


def _root(url: str) -> str | None:
    """Give scheme, host and port of an https URL that names nobody; None for all others."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        return None
    return f"https://{parts.hostname}" + (f":{port}" if port and port != 443 else "")
