"""How GitHub answers: headers, errors, tags, pages, the rate limit, and misbehaviour."""

import hashlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from aaroc_bot.sandbox.github.people import User
from aaroc_bot.sandbox.github.problem import Problem, absent
from aaroc_bot.sandbox.github.rights import check
from aaroc_bot.sandbox.github.tokens import Token
from aaroc_bot.sandbox.github.world import Misbehaviour, World

WORLD = web.AppKey("world", World)
LIMIT = 5000
HOUR = 3600

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


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


def done(body: object, status: int = 201) -> web.Response:
    """Answer that something was altered; 201 made it."""
    return web.json_response(body, status=status)


async def sent(request: web.Request) -> dict[str, Any]:
    """Read what was sent: an object in JSON, or nothing. Raises `Problem` otherwise."""
    text = await request.text()
    try:
        body = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        raise Problem(400, "Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise Problem(400, "Body should be a JSON object")
    return body


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


ON_THE_WEB: web.AppKey[frozenset[object]] = web.AppKey("on the web", frozenset)
"""The handlers of GitHub's web host, which lets everybody in."""
BY_APP: web.AppKey[frozenset[object]] = web.AppKey("by app", frozenset)
"""The handlers that an App asks as itself: they look at its login on their own."""
TOKEN = web.RequestKey("token", Token)


def speaker(request: web.Request) -> User:
    """Give whose token it is."""
    return request.app[WORLD].who(request[TOKEN].user)


@web.middleware
async def as_github(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in who has a token, and give every answer GitHub's form."""
    rate, world = request.app[RATE], request.app[WORLD]
    world.asked.append(request.path_qs)
    amiss = world.misbehaviour
    strikes = amiss is not None and amiss.strikes(request.method, request.path)
    try:
        if amiss and strikes and not amiss.after:
            await _misbehave(amiss)
        _let_in(request)
        response = await handler(request)
        if amiss and strikes and amiss.after:
            await _misbehave(amiss)
    except Problem as problem:
        response = _no(problem)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        response = _no(absent())
    except web.HTTPRequestEntityTooLarge:
        response = _no(Problem(413, "Payload too large"))
    rate.count(response.status)
    for name, value in _headers(rate).items():
        response.headers.setdefault(name, value)
    return response


def _no(problem: Problem) -> web.Response:
    return web.json_response(problem.body, status=problem.status, headers=problem.headers)


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


def _let_in(request: web.Request) -> None:
    if request.match_info.handler in request.app[ON_THE_WEB]:
        return
    if not request.headers.get("User-Agent"):
        raise Problem(403, "Request forbidden by administrative rules.")
    kind, _, sent = request.headers.get("Authorization", "").partition(" ")
    if not sent:
        raise Problem(401, "Requires authentication")
    if request.match_info.handler in request.app[BY_APP]:
        return
    world = request.app[WORLD]
    token = world.worth(sent)
    if token is None and request.path == "/user" and sent in world.granting.tokens:
        token = Token(world.granting.tokens[sent], frozenset())
    if kind.lower() not in {"token", "bearer"} or token is None:
        raise Problem(401, "Bad credentials")
    check(token, request.method, request.path)
    request[TOKEN] = token


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
