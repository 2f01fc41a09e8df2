"""GitHub Apps in the REST API: an App asks as itself with a signed login, and gets tokens."""

import asyncio
import secrets
from datetime import timedelta

import jwt
from aiohttp import web

from aaroc_bot.sandbox.github.answers import WORLD, done, yes
from aaroc_bot.sandbox.github.bare import stamp
from aaroc_bot.sandbox.github.problem import Problem, absent
from aaroc_bot.sandbox.github.shapes.apps import app_body, installation_body, permissions
from aaroc_bot.sandbox.github.tokens import App, Kind, Token
from aaroc_bot.sandbox.github.world import World

routes = web.RouteTableDef()
by_app = web.RouteTableDef()

LASTS = timedelta(hours=1)
LONGEST_LOGIN = 600
"""Seconds that an App's own login may last."""


async def _app(request: web.Request) -> tuple[World, App]:
    """Give the App that asks. Raises `Problem` (401) as GitHub refuses its login."""
    world = request.app[WORLD]
    kind, _, login = request.headers.get("Authorization", "").partition(" ")
    app = world.app
    if kind.lower() != "bearer" or app is None:
        raise Problem(401, "A JSON web token could not be decoded")
    try:
        claims = await asyncio.to_thread(
            jwt.decode, login, app.public_key, algorithms=["RS256"],
            options={"require": ["exp", "iat", "iss"], "verify_iss": False, "verify_iat": False},
        )  # fmt: skip
    except jwt.ExpiredSignatureError:
        told = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
        raise Problem(401, told) from None
    except jwt.InvalidTokenError:
        raise Problem(401, "A JSON web token could not be decoded") from None
    if str(claims["iss"]) not in {str(app.id), f"Iv1.{app.id}"}:
        raise Problem(401, "Integration not found")
    now = world.now().timestamp()
    if claims["exp"] > now + LONGEST_LOGIN + 60:
        raise Problem(401, "'Expiration time' claim ('exp') is too far in the future")
    return world, app


@by_app.get("/app")
async def app(request: web.Request) -> web.Response:
    """Tell of the App that asks."""
    world, found = await _app(request)
    return yes(request, app_body(world.where, found))


@by_app.get("/app/installations")
async def installations(request: web.Request) -> web.Response:
    """List where the App is installed."""
    world, found = await _app(request)
    return yes(request, [installation_body(world.where, found)])


@by_app.get("/orgs/{org}/installation")
async def installation(request: web.Request) -> web.Response:
    """Tell how the App is installed in the organisation."""
    world, found = await _app(request)
    if request.match_info["org"].casefold() != world.org.casefold():
        raise absent()
    return yes(request, installation_body(world.where, found))


@by_app.get("/repos/{owner}/{name}/installation")
async def repository_installation(request: web.Request) -> web.Response:
    """Tell how the App is installed at the repository."""
    world, found = await _app(request)
    named = (request.match_info["owner"].casefold(), request.match_info["name"].casefold())
    if named != (world.org.casefold(), world.bare.name.casefold()):
        raise absent()
    return yes(request, installation_body(world.where, found))


@by_app.get("/app/installations/{id:\\d+}")
async def installation_by_id(request: web.Request) -> web.Response:
    """Tell of an installation."""
    world, found = await _app(request)
    if int(request.match_info["id"]) != found.installation:
        raise absent()
    return yes(request, installation_body(world.where, found))


@by_app.post("/app/installations/{id:\\d+}/access_tokens")
async def access_tokens(request: web.Request) -> web.Response:
    """Give out a token that ends after an hour."""
    world, found = await _app(request)
    if int(request.match_info["id"]) != found.installation:
        raise absent()
    token, ends = f"ghs_{secrets.token_hex(18)}", world.now() + LASTS
    world.tokens[token] = Token(found.user, found.rights, kind=Kind.INSTALLATION, ends=ends)
    world.changed()
    return done(
        {
            "token": token,
            "expires_at": stamp(ends),
            "permissions": permissions(found),
            "repository_selection": "all",
        }
    )


@routes.get("/installation/repositories")
async def repositories(request: web.Request) -> web.Response:
    """List what an installation's token reaches."""
    world = request.app[WORLD]
    return yes(
        request,
        {"total_count": 1, "repository_selection": "all", "repositories": [world.repository()]},
    )
