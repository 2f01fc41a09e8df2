"""The refs of the REST API: read, made, moved and deleted."""

from re import compile as pattern

from aiohttp import web

from aaroc_bot.sandbox.github.answers import done, page, sent, speaker, yes
from aaroc_bot.sandbox.github.bare import Bare
from aaroc_bot.sandbox.github.problem import Problem, absent
from aaroc_bot.sandbox.github.repository import REPO, repository_of
from aaroc_bot.sandbox.github.shapes.commits import ref_body

routes = web.RouteTableDef()

BRANCH = "refs/heads/"
SHA = pattern(r"[0-9a-f]{40}")


async def _all(bare: Bare) -> dict[str, str]:
    text = await bare.must("for-each-ref", "--format=%(objectname) %(refname)")
    told = (line.partition(" ") for line in text.splitlines())
    return {ref: sha for sha, _, ref in told}


@routes.get(REPO + "/git/ref/{ref:.+}")
async def ref(request: web.Request) -> web.Response:
    """Tell where a ref is: ``heads/main``, ``pull/1/head``."""
    world, bare = repository_of(request)
    name = f"refs/{request.match_info['ref']}"
    sha = (await _all(bare)).get(name)
    if sha is None:
        raise absent()
    return yes(request, ref_body(world.where, name, sha))


@routes.get(REPO + "/git/matching-refs/{ref:.*}")
async def matching(request: web.Request) -> web.Response:
    """List the refs that begin so."""
    world, bare = repository_of(request)
    begins = f"refs/{request.match_info['ref']}"
    rows = [row for row in sorted((await _all(bare)).items()) if row[0].startswith(begins)]
    return page(request, rows, lambda row: ref_body(world.where, *row))


@routes.post(REPO + "/git/refs")
async def make(request: web.Request) -> web.Response:
    """Make a branch."""
    world, bare = repository_of(request)
    body = await sent(request)
    name, sha = body.get("ref"), body.get("sha")
    if not isinstance(name, str) or not name.startswith("refs/") or name.count("/") < 2:
        raise Problem(422, "Reference name must start with 'refs/' and have at least two slashes.")
    if await bare.ask("check-ref-format", name) is None or not name.startswith(BRANCH):
        raise Problem(422, f"{name} is not a valid ref name.")
    new = await _commit(bare, sha)
    async with world.writing:
        await world.settle()
        heads = world.heads or {}
        branch = name.removeprefix(BRANCH)
        if branch in heads:
            raise Problem(422, "Reference already exists")
        if any(one.startswith(f"{branch}/") or branch.startswith(f"{one}/") for one in heads):
            raise Problem(422, f"Reference {name} is in the way of another")
        await world.push(speaker(request), branch, new)
    return done(ref_body(world.where, name, new))


@routes.patch(REPO + "/git/refs/{ref:.+}")
async def move(request: web.Request) -> web.Response:
    """Move a branch, forward unless ``force`` is sent."""
    world, bare = repository_of(request)
    body = await sent(request)
    new = await _commit(bare, body.get("sha"))
    async with world.writing:
        branch = await _branch(request)
        await world.push(speaker(request), branch, new, force=body.get("force") is True)
    return done(ref_body(world.where, BRANCH + branch, new), status=200)


@routes.delete(REPO + "/git/refs/{ref:.+}")
async def delete(request: web.Request) -> web.Response:
    """Delete a branch."""
    world, _ = repository_of(request)
    async with world.writing:
        await world.push(speaker(request), await _branch(request), None)
    return web.Response(status=204)


async def _branch(request: web.Request) -> str:
    """Give the branch that the path names, once the world has settled."""
    world, _ = repository_of(request)
    await world.settle()
    kind, _, branch = request.match_info["ref"].partition("/")
    if kind != "heads" or branch not in (world.heads or {}):
        raise Problem(422, "Reference does not exist")
    return branch


async def _commit(bare: Bare, sha: object) -> str:
    if not isinstance(sha, str) or not SHA.fullmatch(sha):
        raise Problem(
            422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f]."
        )
    if await bare.object(sha, "commit") != sha:
        raise Problem(422, "Object does not exist")
    return sha
