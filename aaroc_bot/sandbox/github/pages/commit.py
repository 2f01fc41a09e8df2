"""One commit, with its difference to the one before it."""

from aiohttp import web

from aaroc_bot.sandbox.github.pages.layout import answer
from aaroc_bot.sandbox.github.pages.pull import world_of
from aaroc_bot.sandbox.github.pages.reading import difference, shown
from aaroc_bot.sandbox.github.problem import absent

routes = web.RouteTableDef()


@routes.get("/{owner}/{name}/commit/{sha:[0-9a-f]{7,40}}")
async def commit(request: web.Request) -> web.Response:
    """Show it."""
    world = world_of(request)
    sha = await world.bare.object(request.match_info["sha"], "commit")
    found = await world.bare.commit(sha) if sha else None
    if found is None:
        raise absent()
    one = shown(world, found)
    before = found.parents[0] if found.parents else None
    between = await difference(world.bare, before, found.sha)
    return answer(request, "commit.html", title=one.subject, commit=one, difference=between)
