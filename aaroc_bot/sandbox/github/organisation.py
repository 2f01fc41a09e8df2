"""The organisation's part of the REST API: users, members, teams."""

from aiohttp import web

from aaroc_bot.sandbox.github.answers import RATE, WORLD, Problem, absent, page, yes
from aaroc_bot.sandbox.github.world import Team, User, World

routes = web.RouteTableDef()


def api(request: web.Request) -> str:
    """Give the root under which this server is reached."""
    return str(request.url.origin())


def user_body(request: web.Request, user: User) -> dict[str, object]:
    """Shape a user as GitHub's "simple user"."""
    root = f"{api(request)}/users/{user.login}"
    return {
        "login": user.login,
        "id": user.id,
        "node_id": f"U_{user.id}",
        "avatar_url": "",
        "gravatar_id": "",
        "url": root,
        "html_url": f"https://github.com/{user.login}",
        "followers_url": f"{root}/followers",
        "following_url": f"{root}/following{{/other_user}}",
        "gists_url": f"{root}/gists{{/gist_id}}",
        "starred_url": f"{root}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{root}/subscriptions",
        "organizations_url": f"{root}/orgs",
        "repos_url": f"{root}/repos",
        "events_url": f"{root}/events{{/privacy}}",
        "received_events_url": f"{root}/received_events",
        "type": "User",
        "user_view_type": "public",
        "site_admin": False,
    }


def public_user(request: web.Request, user: User) -> dict[str, object]:
    """Shape a user as GitHub's "public user"."""
    times = {"created_at": "2014-03-01T09:00:00Z", "updated_at": "2026-01-10T09:00:00Z"}
    nothing = dict.fromkeys(("company", "location", "email", "hireable", "bio", "twitter_username"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    return {
        **user_body(request, user), "name": user.name, "blog": "", **nothing, **counts, **times
    }  # fmt: skip


def org_body(request: web.Request, world: World) -> dict[str, object]:
    """Shape the organisation as GitHub's "simple organisation"."""
    root = f"{api(request)}/orgs/{world.org}"
    return {
        "login": world.org,
        "id": world.org_id,
        "node_id": f"O_{world.org_id}",
        "url": root,
        "repos_url": f"{root}/repos",
        "events_url": f"{root}/events",
        "hooks_url": f"{root}/hooks",
        "issues_url": f"{root}/issues",
        "members_url": f"{root}/members{{/member}}",
        "public_members_url": f"{root}/public_members{{/member}}",
        "avatar_url": "",
        "description": "Africa-Arabia Regional Operations Centre",
    }


def _full_org(request: web.Request, world: World) -> dict[str, object]:
    """Shape the organisation as GitHub's "organization full"."""
    times = {"created_at": "2014-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    return {
        **org_body(request, world),
        "type": "Organization",
        "html_url": f"https://github.com/{world.org}",
        "has_organization_projects": True,
        "has_repository_projects": True,
        "archived_at": None,
        **counts,
        **times,
    }


def _team_body(request: web.Request, world: World, team: Team) -> dict[str, object]:
    root = f"{api(request)}/organizations/{world.org_id}/team/{team.id}"
    parent = world.teams.get(team.parent or "")
    return {
        "name": team.name,
        "id": team.id,
        "node_id": f"T_{team.id}",
        "slug": team.slug,
        "description": "",
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "url": root,
        "html_url": f"https://github.com/orgs/{world.org}/teams/{team.slug}",
        "members_url": f"{root}/members{{/member}}",
        "repositories_url": f"{root}/repos",
        "type": "organization",
        "organization_id": world.org_id,
        "permission": "pull",
        "parent": _team_body(request, world, parent) if parent else None,
    }


def _world(request: web.Request) -> World:
    """Give the world if the path names its organisation (in any letter case, or by id)."""
    world = request.app[WORLD]
    named = request.match_info["org"].casefold()
    if named not in {world.org.casefold(), str(world.org_id)}:
        raise absent()
    return world


def _user(request: web.Request, world: World) -> User:
    user = world.user(request.match_info["login"])
    if user is None:
        raise absent()
    return user


def _team(request: web.Request, world: World) -> Team:
    """Give the team that the path names by slug, or by id as a team's own `url` does."""
    slug, id = request.match_info.get("slug", ""), request.match_info.get("team", "")
    for team in world.teams.values():
        if team.slug == slug.casefold() or str(team.id) == id:
            return team
    raise absent()


@routes.get("/rate_limit")
async def rate_limit(request: web.Request) -> web.Response:
    """Tell the rate limit."""
    core = {**request.app[RATE].numbers(), "resource": "core"}
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": core["reset"], "resource": "search"}
    return yes(request, {"resources": {"core": core, "search": search}, "rate": core})


@routes.get("/users/{login}")
async def user_by_login(request: web.Request) -> web.Response:
    """Tell of a user by login."""
    return yes(request, public_user(request, _user(request, request.app[WORLD])))


@routes.get("/user/{id:\\d+}")
async def user_by_id(request: web.Request) -> web.Response:
    """Tell of a user by id, whatever login they bear today."""
    user = request.app[WORLD].users.get(int(request.match_info["id"]))
    if user is None:
        raise absent()
    return yes(request, public_user(request, user))


@routes.get("/orgs/{org}")
async def organisation(request: web.Request) -> web.Response:
    """Tell of the organisation."""
    return yes(request, _full_org(request, _world(request)))


@routes.get("/orgs/{org}/members")
async def members(request: web.Request) -> web.Response:
    """List the members; who is only invited is not among them."""
    world = _world(request)
    active = [world.users[id] for id, state in sorted(world.members.items()) if state == "active"]
    return page(request, active, lambda user: user_body(request, user))


@routes.get("/orgs/{org}/members/{login}")
async def is_member(request: web.Request) -> web.Response:
    """Say by the status alone whether somebody is a member."""
    world = _world(request)
    if world.members.get(_user(request, world).id) != "active":
        raise Problem(404, "User does not exist or is not a member of the organization")
    return web.Response(status=204)


@routes.get("/orgs/{org}/memberships/{login}")
async def membership(request: web.Request) -> web.Response:
    """Tell of a membership, an invited one too."""
    world = _world(request)
    user = _user(request, world)
    state = world.members.get(user.id)
    if state is None:
        raise absent()
    root = f"{api(request)}/orgs/{world.org}"
    return yes(
        request,
        {
            "url": f"{root}/memberships/{user.login}",
            "state": state,
            "role": "member",
            "organization_url": root,
            "organization": org_body(request, world),
            "user": user_body(request, user),
        },
    )


@routes.get("/orgs/{org}/teams/{slug}")
@routes.get("/organizations/{org}/team/{team}")
async def team(request: web.Request) -> web.Response:
    """Tell of a team."""
    world = _world(request)
    found = _team(request, world)
    times = {"created_at": "2014-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    counts = {"members_count": len(world.people_of(found)), "repos_count": 0}
    body = _team_body(request, world, found)
    return yes(request, {**body, **counts, **times, "organization": _full_org(request, world)})


@routes.get("/orgs/{org}/teams/{slug}/teams")
@routes.get("/organizations/{org}/team/{team}/teams")
async def child_teams(request: web.Request) -> web.Response:
    """List the teams directly below a team."""
    world = _world(request)
    rows = sorted(world.children(_team(request, world).slug), key=lambda team: team.slug)
    return page(request, rows, lambda team: _team_body(request, world, team))


@routes.get("/orgs/{org}/teams/{slug}/members")
@routes.get("/organizations/{org}/team/{team}/members")
async def team_members(request: web.Request) -> web.Response:
    """List who is in a team or below it; who is only invited is not among them."""
    world = _world(request)
    rows = [world.users[id] for id in sorted(world.people_of(_team(request, world)))]
    return page(request, rows, lambda user: user_body(request, user))


@routes.get("/orgs/{org}/teams/{slug}/memberships/{login}")
@routes.get("/organizations/{org}/team/{team}/memberships/{login}")
async def team_membership(request: web.Request) -> web.Response:
    """Tell of somebody's membership in a team, an invited one too."""
    world = _world(request)
    found, user = _team(request, world), _user(request, world)
    if user.id in world.people_of(found):
        state = "active"
    elif user.id in found.invited:
        state = "pending"
    else:
        raise absent()
    url = f"{api(request)}/organizations/{world.org_id}/team/{found.id}/memberships/{user.login}"
    return yes(request, {"url": url, "role": "member", "state": state})
