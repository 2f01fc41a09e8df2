"""How GitHub answers: headers, errors, tags, pages, the rate limit, and misbehaviour."""

import hashlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import web

from aaroc_bot.sandbox.github.world import Misbehaviour, World

WORLD = web.AppKey("world", World)
DOCS = "https://docs.github.com/rest"
WEB = "/login/"
"""What lies below it is on GitHub's web host, which lets everybody in."""
LIMIT = 5000
HOUR = 3600

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Problem(Exception):
    """An answer other than yes: status and message as GitHub words them."""

    def __init__(self, status: int, message: str = "", **headers: str) -> None:
        """Word it; a message that is left out is the status's usual one."""
        super().__init__(message)
        self.status = status
        self.message = message or HTTPStatus(status).phrase
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def absent() -> Problem:
    """There is no such thing, or the token may not see it: GitHub says the same."""
    return Problem(404, "Not Found")


def yes(request: web.Request, body: object, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with JSON and its tag, or that nothing changed since the tag that was sent."""
    text = json.dumps(body, separators=(",", ":"))
    tag = f'W/"{hashlib.sha256(text.encode()).hexdigest()}"'
    more = {
        "ETag": tag,
        "Cache-Control": "private, max-age=60, s-maxage=60",
        "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With",
        **(headers or {}),
    }
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=more)
    return web.json_response(text=text, headers=more)


def page(request: web.Request, rows: Sequence[Any], shape: Callable[[Any], object]) -> web.Response:
    """Answer with one page of a list and the Link header to the others."""
    size = _number(request, "per_page", 30, most=100)
    number = _number(request, "page", 1)
    last = max(1, -(-len(rows) // size))
    links = []
    for relation, other, wanted in (
        ("prev", number - 1, number > 1),
        ("next", number + 1, number < last),
        ("last", last, number < last),
        ("first", 1, number > 1),
    ):
        if wanted:
            links.append(f'<{request.url.update_query(page=other)}>; rel="{relation}"')
    shown = [shape(row) for row in rows[(number - 1) * size : number * size]]
    return yes(request, shown, {"Link": ", ".join(links)} if links else None)


def _number(request: web.Request, name: str, default: int, most: int | None = None) -> int:
    text = request.query.get(name, "")
    number = int(text) if text.isdecimal() and int(text) > 0 else default
    return min(number, most) if most else number


class RateLimit:
    """Counts down from `LIMIT` in the hour; unchanged answers (304) are free."""

    def __init__(self) -> None:
        """Begin an hour."""
        self._used = 0
        self._ends = int(time.time()) + HOUR

    def count(self, status: int) -> None:
        """Count an answer."""
        if time.time() >= self._ends:
            self._used, self._ends = 0, int(time.time()) + HOUR
        self._used += status != 304

    def numbers(self) -> dict[str, int]:
        """Give what ``/rate_limit`` tells of a resource."""
        left = max(0, LIMIT - self._used)
        return {"limit": LIMIT, "used": self._used, "remaining": left, "reset": self._ends}

    def headers(self) -> dict[str, str]:
        """Give the headers that every answer carries."""
        told = {f"X-RateLimit-{name.title()}": str(n) for name, n in self.numbers().items()}
        return {**told, "X-RateLimit-Resource": "core"}


RATE = web.AppKey("rate", RateLimit)


@web.middleware
async def as_github(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in who has the token, and give every answer GitHub's form."""
    rate = request.app[RATE]
    try:
        await _let_in(request)
        response = await handler(request)
    except Problem as problem:
        body = {
            "message": problem.message,
            "documentation_url": DOCS,
            "status": str(problem.status),
        }
        response = web.json_response(body, status=problem.status, headers=problem.headers)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        body = {"message": "Not Found", "documentation_url": DOCS, "status": "404"}
        response = web.json_response(body, status=404)
    rate.count(response.status)
    for name, value in _headers(rate).items():
        response.headers.setdefault(name, value)
    return response


def _headers(rate: RateLimit) -> dict[str, str]:
    return {
        "Server": "github.com",
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Api-Version-Selected": "2022-11-28",
        "X-GitHub-Request-Id": ":".join(secrets.token_hex(2).upper() for _ in range(5)),
        "X-OAuth-Scopes": "read:org, repo",
        "X-Accepted-OAuth-Scopes": "",
        "X-Content-Type-Options": "nosniff",
        **rate.headers(),
    }


async def _let_in(request: web.Request) -> None:
    world = request.app[WORLD]
    world.asked.append(request.path_qs)
    amiss = world.misbehaviour
    if amiss and request.path.startswith(amiss.path):
        await _misbehave(amiss)
    if request.path.startswith(WEB):
        return
    if not request.headers.get("User-Agent"):
        raise Problem(403, "Request forbidden by administrative rules.")
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if not token:
        raise Problem(401, "Requires authentication")
    right = secrets.compare_digest(token.encode(), world.token.encode())
    right |= request.path == "/user" and token in world.granting.tokens
    if kind.lower() not in {"token", "bearer"} or not right:
        raise Problem(401, "Bad credentials")


async def _misbehave(amiss: Misbehaviour) -> None:
    if amiss.silent:
        await amiss.end.wait()
        return
    if amiss.limited == "primary":
        reset = str(int(time.time()) + HOUR)
        raise Problem(
            403,
            "API rate limit exceeded for user ID 90100199.",
            X_RateLimit_Remaining="0",
            X_RateLimit_Reset=reset,
        )
    if amiss.limited == "secondary":
        raise Problem(403, "You have exceeded a secondary rate limit.", Retry_After="60")
    if amiss.status:
        words = {401: "Bad credentials", 500: "Server Error"}
        raise Problem(amiss.status, words.get(amiss.status, ""))
