"""The organisation's part of the REST API that alters: invitations and memberships."""

from aiohttp import web

from aaroc_bot.sandbox.github.answers import done, page, sent, speaker
from aaroc_bot.sandbox.github.organisation import shaped, team_of, user_of, world_of
from aaroc_bot.sandbox.github.people import Invitation
from aaroc_bot.sandbox.github.problem import Problem, absent, invalid
from aaroc_bot.sandbox.github.shapes.people import invitation_body, team_membership_body
from aaroc_bot.sandbox.github.world import World

routes = web.RouteTableDef()

ONE = "/orgs/{org}/invitations/{id:\\d+}"


def _invitation(request: web.Request, world: World) -> Invitation:
    found = world.invitations.get(int(request.match_info["id"]))
    if found is None:
        raise absent()
    return found


@routes.get("/orgs/{org}/invitations")
async def invitations(request: web.Request) -> web.Response:
    """List the invitations that wait."""
    world = world_of(request)
    rows = list(world.invitations.values())
    return page(request, rows, lambda one: invitation_body(world.where, one, world.who))


@routes.post("/orgs/{org}/invitations")
async def invite(request: web.Request) -> web.Response:
    """Invite a user, by id."""
    world = world_of(request)
    body = await sent(request)
    id, teams = body.get("invitee_id"), body.get("team_ids", [])
    if not isinstance(id, int) or id not in world.users:
        raise invalid("OrganizationInvitation", "Could not resolve to a user", field="invitee_id")
    if not isinstance(teams, list) or not all(isinstance(one, int) for one in teams):
        raise Problem(
            422, "Invalid request.\n\nFor 'properties/team_ids', a value is not an integer."
        )
    if body.get("role", "direct_member") not in {"admin", "direct_member", "billing_manager"}:
        raise invalid("OrganizationInvitation", field="role", code="invalid")
    made = world.invite(world.who(id), speaker(request), tuple(teams))
    return done(invitation_body(world.where, made, world.who))


@routes.delete(ONE)
async def revoke(request: web.Request) -> web.Response:
    """Take an invitation back."""
    world = world_of(request)
    world.revoke(_invitation(request, world))
    return web.Response(status=204)


@routes.get(ONE + "/teams")
@routes.get("/organizations/{org}/invitations/{id:\\d+}/teams")
async def invitation_teams(request: web.Request) -> web.Response:
    """List the teams of an invitation."""
    world = world_of(request)
    teams = _invitation(request, world).teams
    rows = [team for team in world.teams.values() if team.id in teams]
    return page(request, rows, shaped(world))


@routes.put("/orgs/{org}/teams/{slug}/memberships/{login}")
@routes.put("/organizations/{org}/team/{team}/memberships/{login}")
async def put_in_team(request: web.Request) -> web.Response:
    """Put somebody into a team; who is no member is invited."""
    world = world_of(request)
    team, user = team_of(request, world), user_of(request, world)
    if (await sent(request)).get("role", "member") not in {"member", "maintainer"}:
        raise invalid("TeamMember", field="role", code="invalid")
    state = world.put_in_team(team, user, speaker(request))
    return done(team_membership_body(world.where, team, user, state), status=200)


@routes.delete("/orgs/{org}/teams/{slug}/memberships/{login}")
@routes.delete("/organizations/{org}/team/{team}/memberships/{login}")
async def take_from_team(request: web.Request) -> web.Response:
    """Take somebody out of a team."""
    world = world_of(request)
    team, user = team_of(request, world), user_of(request, world)
    if user.id not in team.people | team.invited:
        raise absent()
    world.take_from_team(team, user, speaker(request))
    return web.Response(status=204)


@routes.delete("/orgs/{org}/members/{login}")
@routes.delete("/orgs/{org}/memberships/{login}")
async def remove(request: web.Request) -> web.Response:
    """Take somebody out of the organisation, or take back that they were invited."""
    world = world_of(request)
    user = user_of(request, world)
    waiting = next((one for one in world.invitations.values() if one.user == user.id), None)
    if waiting is not None and "/memberships/" in request.path:
        world.revoke(waiting)
    elif world.members.get(user.id) == "active":
        world.remove_member(user.login, speaker(request))
    else:
        raise Problem(404, f"Cannot find {user.login}")
    return web.Response(status=204)
