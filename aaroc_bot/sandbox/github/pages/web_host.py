"""The pages beside the API on one server, as if they were GitHub's web host."""

from aiohttp import web

from aaroc_bot.sandbox.github import device
from aaroc_bot.sandbox.github.answers import Handler
from aaroc_bot.sandbox.github.pages import commit, invitation, pull
from aaroc_bot.sandbox.github.pages.guard import refuse_strangers
from aaroc_bot.sandbox.github.pages.layout import answer
from aaroc_bot.sandbox.github.problem import Problem

TABLES = (device.page, pull.routes, commit.routes, invitation.routes)
HANDLERS = frozenset(
    route.handler for table in TABLES for route in table if isinstance(route, web.RouteDef)
)


@web.middleware
async def as_web_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer for pages as pages do: without a token, a rate limit or the API's misbehaviour.

    It stands around the API's middleware, which a page never reaches.
    """
    page = request.match_info.handler
    if page not in HANDLERS:
        return await handler(request)
    try:
        refuse_strangers(request)
        answered: web.StreamResponse = await page(request)
    except Problem as problem:
        return answer(
            request, "refused.html", problem.status, title="That did not work", words=problem.words
        )
    return answered
