"""GitHub's device flow (RFC 8628): who enters a code there says by it who they are here.

It lives on GitHub's web host. Neither a secret nor a scope is asked for; the token that
comes of it answers one question, who its owner is, and is dropped.
"""

import ipaddress
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from aiohttp import ClientError, ClientSession, ClientTimeout

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.rights import Person

log = logging.getLogger(__name__)

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
LIMIT = 64 * 1024
"""Bytes of an answer that are read at most."""
INTERVAL = 5
"""Seconds between questions where GitHub names none, and those added by a `slow_down`."""
LONGEST_INTERVAL = 120
LONGEST = 3600
"""Seconds for which a code is believed to last at most, whatever GitHub says."""

PAGE = "/login/device"
"""Where a code is entered: GitHub's own path, on github.com and on an Enterprise Server."""
LARGEST_ID = 2**53
"""Numbers beyond it do not survive JSON everywhere; no user has one."""

_ADDRESS = re.compile(r"[!-~]{1,200}")
_CODE = re.compile(r"[A-Za-z0-9-]{4,32}")
_OPAQUE = re.compile(r"[!-~]{1,512}")


@dataclass(frozen=True, slots=True)
class Begun:
    """A login begun: the `code` is entered at `address` within `lasts`."""

    device: str = field(repr=False)
    code: str
    address: str
    lasts: timedelta
    every: timedelta


@dataclass(frozen=True, slots=True)
class Pending:
    """Nobody entered the code yet."""


@dataclass(frozen=True, slots=True)
class SlowDown:
    """It was asked too soon; `every` is how often it may be from now on."""

    every: timedelta


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing comes of this login any more; `why` is GitHub's word (``access_denied``)."""

    why: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Somebody entered the code and confirmed; `token` says who, to `DeviceFlow.owner` alone."""

    token: str = field(repr=False)


class DeviceFlow:
    """Asks as one OAuth App. Everything raises `Unavailable` where GitHub does not answer."""

    def __init__(self, *, web_url: str, api_url: str, client_id: str, seconds: float = 10) -> None:
        """Take the two roots; `seconds` limits each answer.

        Raises ValueError where a token would travel in the clear.
        """
        for name, url in (("WEB", web_url), ("API", api_url)):
            parts = urlsplit(url)
            safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(url))
            if not safe or "@" in parts.netloc:
                raise ValueError(f"AAROC_GITHUB__{name}_URL must begin with https://")
        self._web = web_url.rstrip("/")
        self._api = api_url.rstrip("/")
        self._client = client_id
        self._timeout = ClientTimeout(total=seconds)

    async def begin(self) -> Begun:
        """Have GitHub make a code."""
        url = f"{self._web}/login/device/code"
        _, told = await self._ask("POST", url, data={"client_id": self._client})
        address = told.get("verification_uri")
        code, device = told.get("user_code"), told.get("device_code")
        if not (self._is_page(address) and _fits(_CODE, code) and _fits(_OPAQUE, device)):
            why = _error(told) or "its answer cannot be read"
            log.error("GitHub begins no login: %s (is AAROC_GITHUB__CLIENT_ID right?)", why)
            raise Unavailable(f"GitHub's login ({why})")
        return Begun(
            str(device),
            str(code),
            str(address),
            lasts=_seconds(told.get("expires_in"), 900, LONGEST),
            every=_seconds(told.get("interval"), INTERVAL, LONGEST_INTERVAL),
        )

    def _is_page(self, address: object) -> bool:
        """Say whether this is the page where codes are entered, and nothing more than that.

        It is shown to people, who enter a code there that stands for their rights.
        """
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
            return False
        scheme, host, *_ = urlsplit(self._web)
        return address == f"{scheme}://{host.lower()}{PAGE}"

    async def outcome(self, device: str, every: timedelta) -> Pending | SlowDown | Over | Confirmed:
        """Ask what came of a login that was asked about `every` so often."""
        told = await self._outcome(device)
        token = told.get("access_token")
        if _fits(_OPAQUE, token):
            return Confirmed(str(token))
        match _error(told):
            case "authorization_pending":
                return Pending()
            case "slow_down":
                slower = every + timedelta(seconds=INTERVAL)
                return SlowDown(_seconds(told.get("interval"), slower.seconds, LONGEST_INTERVAL))
            case "":
                raise Unavailable("GitHub")
            case why:
                return Over(why)

    async def _outcome(self, device: str) -> Mapping[str, object]:
        data = {"client_id": self._client, "device_code": device, "grant_type": GRANT}
        _, told = await self._ask("POST", f"{self._web}/login/oauth/access_token", data=data)
        return told

    async def owner(self, token: str) -> Person:
        """Say who confirmed; the token is of no further use."""
        headers = {"Authorization": f"Bearer {token}"}
        status, told = await self._ask("GET", f"{self._api}/user", headers=headers)
        id, login = told.get("id"), told.get("login")
        if status != 200 or not isinstance(login, str) or not login:
            raise Unavailable("GitHub")
        if type(id) is not int or not 1 <= id <= LARGEST_ID:
            raise Unavailable("GitHub")
        return Person(id, login)

    async def _ask(
        self,
        method: str,
        url: str,
        *,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Mapping[str, object]]:
        """Give status and JSON object of an answer; GitHub's errors may come with any status."""
        headers = {"Accept": "application/json", "User-Agent": "aaroc-bot", **(headers or {})}
        try:
            async with (
                ClientSession(timeout=self._timeout) as session,
                session.request(
                    method,
                    url,
                    data=data,
                    headers=headers,
                    proxy=_proxy(url),
                    allow_redirects=False,
                ) as answer,
            ):
                body = bytearray()
                async for chunk in answer.content.iter_chunked(LIMIT):
                    body += chunk
                    if len(body) > LIMIT:
                        raise Unavailable("GitHub")
                told = json.loads(body)
        except (ClientError, TimeoutError, OSError, ValueError, RecursionError) as problem:
            raise Unavailable("GitHub") from problem
        if answer.status >= 500 or answer.status == 429 or not isinstance(told, dict):
            raise Unavailable("GitHub")
        return answer.status, told


def _fits(form: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None


def _error(told: Mapping[str, object]) -> str:
    """Give GitHub's word for what is wrong, harmless to show."""
    return re.sub(r"[^A-Za-z0-9_ -]", "", str(told.get("error") or ""))[:60]


def _seconds(value: object, otherwise: int, most: int) -> timedelta:
    given = value if isinstance(value, int) and value > 0 else otherwise
    return timedelta(seconds=min(given, most))


def _proxy(url: str) -> str | None:
    """Give the environment's proxy; none on the way to loopback: it would get the token."""
    parts = urlsplit(url)
    if _is_loopback(url) or proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
