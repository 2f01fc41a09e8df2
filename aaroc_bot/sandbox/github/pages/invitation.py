"""Invitations into the organisation: who is invited accepts here."""

from aiohttp import web

from aaroc_bot.sandbox.github.answers import WORLD
from aaroc_bot.sandbox.github.pages.guard import form
from aaroc_bot.sandbox.github.pages.layout import answer
from aaroc_bot.sandbox.github.pages.pull import person
from aaroc_bot.sandbox.github.people import Invitation
from aaroc_bot.sandbox.github.problem import Problem, absent
from aaroc_bot.sandbox.github.world import World

routes = web.RouteTableDef()


@routes.get("/orgs/{org}/invitation")
async def invitation(request: web.Request) -> web.Response:
    """Show who is invited."""
    world = _world(request)
    joined = world.user(request.query.get("joined", ""))
    is_member = joined is not None and world.members.get(joined.id) == "active"
    told = f"{joined.login} is a member of {world.org} now." if joined and is_member else ""
    return _page(request, world, status=told)


@routes.post("/orgs/{org}/invitation")
async def accept(request: web.Request) -> web.StreamResponse:
    """Accept as one of the sample persons."""
    world, sent = _world(request), await form(request)
    login = sent.get("person", "")
    try:
        user = person(world, login)
        waiting = next((one for one in world.invitations.values() if one.user == user.id), None)
        if waiting is None:
            raise Problem(422, f"{user.login} is not invited.")
    except Problem as problem:
        return _page(request, world, problem.status, chosen=login, alert=problem.words)
    world.accept(waiting)
    raise web.HTTPSeeOther(request.rel_url.with_query({"joined": user.login}))


def _world(request: web.Request) -> World:
    world = request.app[WORLD]
    if request.match_info["org"].casefold() != world.org.casefold():
        raise absent()
    return world


def _page(
    request: web.Request,
    world: World,
    code: int = 200,
    *,
    chosen: str = "",
    alert: str = "",
    status: str = "",
) -> web.Response:
    return answer(
        request,
        "invitation.html",
        code,
        title=f"Join {world.org}",
        invitations=[_row(world, one) for one in world.invitations.values()],
        people=world.users.values(),
        chosen=chosen,
        alert=alert,
        status=status,
    )


def _row(world: World, one: Invitation) -> dict[str, object]:
    names = {team.id: team.slug for team in world.teams.values()}
    return {
        "user": world.who(one.user).login,
        "by": world.who(one.by).login,
        "teams": [names[id] for id in one.teams if id in names],
        "at": one.at,
    }
