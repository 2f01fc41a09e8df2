"""The organisation's part of the REST API that only tells: users, members, teams."""

from collections.abc import Callable

from aiohttp import web

from aaroc_bot.sandbox.github.answers import RATE, WORLD, page, speaker, yes
from aaroc_bot.sandbox.github.people import Team, User
from aaroc_bot.sandbox.github.problem import Problem, absent
from aaroc_bot.sandbox.github.shapes.people import (
    full_org,
    membership_body,
    public_user,
    team_body,
    team_membership_body,
    user_body,
)
from aaroc_bot.sandbox.github.world import World

routes = web.RouteTableDef()


def world_of(request: web.Request) -> World:
    """Give the world if the path names its organisation (in any letter case, or by id)."""
    world = request.app[WORLD]
    named = request.match_info["org"].casefold()
    if named not in {world.org.casefold(), str(world.org_id)}:
        raise absent()
    return world


def user_of(request: web.Request, world: World) -> User:
    """Give the user whose login the path names."""
    user = world.user(request.match_info["login"])
    if user is None:
        raise absent()
    return user


def team_of(request: web.Request, world: World) -> Team:
    """Give the team that the path names by slug, or by id as a team's own `url` does."""
    slug, id = request.match_info.get("slug", ""), request.match_info.get("team", "")
    for team in world.teams.values():
        if team.slug == slug.casefold() or str(team.id) == id:
            return team
    raise absent()


def shaped(world: World) -> Callable[[Team], dict[str, object]]:
    """Give how this world's teams are shaped."""
    return lambda team: team_body(world.where, team, world.teams.get(team.parent or ""))


@routes.get("/rate_limit")
async def rate_limit(request: web.Request) -> web.Response:
    """Tell the rate limit."""
    core = {**request.app[RATE].numbers(), "resource": "core"}
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": core["reset"], "resource": "search"}
    return yes(request, {"resources": {"core": core, "search": search}, "rate": core})


@routes.get("/user")
async def user(request: web.Request) -> web.Response:
    """Tell whose token it is."""
    return yes(request, public_user(request.app[WORLD].where, speaker(request)))


@routes.get("/users/{login}")
async def user_by_login(request: web.Request) -> web.Response:
    """Tell of a user by login; a bot's too."""
    world, login = request.app[WORLD], request.match_info["login"].casefold()
    bot = next((one for one in world.bots.values() if one.login.casefold() == login), None)
    return yes(request, public_user(world.where, bot or user_of(request, world)))


@routes.get("/user/{id:\\d+}")
async def user_by_id(request: web.Request) -> web.Response:
    """Tell of a user by id, whatever login they bear today."""
    world, id = request.app[WORLD], int(request.match_info["id"])
    if id not in world.users and id not in world.bots:
        raise absent()
    return yes(request, public_user(world.where, world.who(id)))


@routes.get("/orgs/{org}")
async def organisation(request: web.Request) -> web.Response:
    """Tell of the organisation."""
    return yes(request, full_org(world_of(request).where))


@routes.get("/orgs/{org}/members")
async def members(request: web.Request) -> web.Response:
    """List the members; who is only invited is not among them."""
    world = world_of(request)
    active = [world.who(id) for id, state in sorted(world.members.items()) if state == "active"]
    return page(request, active, lambda user: user_body(world.where, user))


@routes.get("/orgs/{org}/members/{login}")
async def is_member(request: web.Request) -> web.Response:
    """Say by the status alone whether somebody is a member."""
    world = world_of(request)
    if world.members.get(user_of(request, world).id) != "active":
        raise Problem(404, "User does not exist or is not a member of the organization")
    return web.Response(status=204)


@routes.get("/orgs/{org}/memberships/{login}")
async def membership(request: web.Request) -> web.Response:
    """Tell of a membership, an invited one too."""
    world = world_of(request)
    user = user_of(request, world)
    state = world.members.get(user.id)
    if state is None:
        raise absent()
    return yes(request, membership_body(world.where, user, state))


@routes.get("/orgs/{org}/teams")
async def teams(request: web.Request) -> web.Response:
    """List all teams."""
    world = world_of(request)
    rows = sorted(world.teams.values(), key=lambda team: team.slug)
    return page(request, rows, shaped(world))


@routes.get("/orgs/{org}/teams/{slug}")
@routes.get("/organizations/{org}/team/{team}")
async def team(request: web.Request) -> web.Response:
    """Tell of a team."""
    world = world_of(request)
    found = team_of(request, world)
    times = {"created_at": "2014-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    counts = {"members_count": len(world.people_of(found)), "repos_count": 0}
    whole = {"organization": full_org(world.where), **counts, **times}
    return yes(request, {**shaped(world)(found), **whole})


@routes.get("/orgs/{org}/teams/{slug}/teams")
@routes.get("/organizations/{org}/team/{team}/teams")
async def child_teams(request: web.Request) -> web.Response:
    """List the teams directly below a team."""
    world = world_of(request)
    rows = sorted(world.children(team_of(request, world).slug), key=lambda team: team.slug)
    return page(request, rows, shaped(world))


@routes.get("/orgs/{org}/teams/{slug}/members")
@routes.get("/organizations/{org}/team/{team}/members")
async def team_members(request: web.Request) -> web.Response:
    """List who is in a team or below it; who is only invited is not among them."""
    world = world_of(request)
    rows = [world.who(id) for id in sorted(world.people_of(team_of(request, world)))]
    return page(request, rows, lambda user: user_body(world.where, user))


@routes.get("/orgs/{org}/teams/{slug}/memberships/{login}")
@routes.get("/organizations/{org}/team/{team}/memberships/{login}")
async def team_membership(request: web.Request) -> web.Response:
    """Tell of somebody's membership in a team, an invited one too."""
    world = world_of(request)
    found, user = team_of(request, world), user_of(request, world)
    if user.id in world.people_of(found):
        state = "active"
    elif user.id in found.invited:
        state = "pending"
    else:
        raise absent()
    return yes(request, team_membership_body(world.where, found, user, state))
