"""Reviews of pull requests in the REST API."""

from aiohttp import web

from aaroc_bot.sandbox.github.answers import done, page, sent, speaker, yes
from aaroc_bot.sandbox.github.problem import Problem, absent
from aaroc_bot.sandbox.github.pull import Pull, Review
from aaroc_bot.sandbox.github.pulling import PULL, pull_of
from aaroc_bot.sandbox.github.shapes.pulls import review_body

routes = web.RouteTableDef()

REVIEW = PULL + "/reviews/{id:\\d+}"


def _review(request: web.Request, pull: Pull) -> Review:
    id = int(request.match_info["id"])
    found = next((one for one in pull.reviews if one.id == id), None)
    if found is None:
        raise absent()
    return found


@routes.get(PULL + "/reviews")
async def reviews(request: web.Request) -> web.Response:
    """List the reviews, oldest first."""
    world, pull = await pull_of(request)
    return page(
        request, pull.reviews, lambda review: review_body(world.where, pull, review, world.who)
    )


@routes.post(PULL + "/reviews")
async def make(request: web.Request) -> web.Response:
    """Review it."""
    world, pull = await pull_of(request)
    body = await sent(request)
    event, text, commit = (body.get(name) for name in ("event", "body", "commit_id"))
    if not all(one is None or isinstance(one, str) for one in (event, text, commit)):
        raise Problem(422, "Unprocessable Entity")
    review = await world.review(pull.number, speaker(request), event or "", text or "", commit)
    return done(review_body(world.where, pull, review, world.who), status=200)


@routes.get(REVIEW)
async def review(request: web.Request) -> web.Response:
    """Tell of a review."""
    world, pull = await pull_of(request)
    return yes(request, review_body(world.where, pull, _review(request, pull), world.who))


@routes.put(REVIEW + "/dismissals")
async def dismiss(request: web.Request) -> web.Response:
    """Let a review count no more."""
    world, pull = await pull_of(request)
    id = _review(request, pull).id
    gone = await world.dismiss(pull.number, id, speaker(request))
    return done(review_body(world.where, pull, gone, world.who), status=200)
