"""Pull requests in the REST API: listed, opened, told of, changed and merged."""

from aiohttp import web

from aaroc_bot.sandbox.github.answers import done, page, sent, speaker, yes
from aaroc_bot.sandbox.github.difference import files
from aaroc_bot.sandbox.github.landing import commits_between
from aaroc_bot.sandbox.github.problem import Problem, absent, invalid
from aaroc_bot.sandbox.github.pull import Pull
from aaroc_bot.sandbox.github.repository import REPO, commit_of, repository_of, shaped
from aaroc_bot.sandbox.github.shapes.commits import file_body
from aaroc_bot.sandbox.github.shapes.pulls import full_pull, simple_pull
from aaroc_bot.sandbox.github.world import World

routes = web.RouteTableDef()

PULL = REPO + "/pulls/{number:\\d+}"
SORTS = {"created": "created", "updated": "updated"}


async def pull_of(request: web.Request) -> tuple[World, Pull]:
    """Give the pull request that the path names, as things stand now. Raises `Problem`."""
    world, _ = repository_of(request)
    async with world.writing:
        await world.settle()
    return world, world.pull(int(request.match_info["number"]))


def _whole(world: World, pull: Pull) -> dict[str, object]:
    state = world.mergeable_state(pull)
    return full_pull(world.where, pull, world.who, world.repository(), state)


@routes.get(REPO + "/pulls")
async def pulls(request: web.Request) -> web.Response:
    """List pull requests: by ``state``, ``head`` and ``base``, sorted."""
    world, _ = repository_of(request)
    async with world.writing:
        await world.settle()
    query = request.query
    state, sort = query.get("state", "open"), query.get("sort", "created")
    found = [
        pull
        for pull in world.pulls.values()
        if state in {"all", pull.state}
        and query.get("base", pull.base) == pull.base
        and _is_head(world, query.get("head"), pull)
    ]
    usual = "asc" if sort == "updated" else "desc"
    backwards = query.get("direction", usual)
    found.sort(
        key=lambda pull: (getattr(pull, SORTS.get(sort, "created")), pull.number),
        reverse=backwards == "desc",
    )
    repository = world.repository()
    return page(request, found, lambda pull: simple_pull(world.where, pull, world.who, repository))


def _is_head(world: World, wanted: str | None, pull: Pull) -> bool:
    """Whether a pull request comes from ``owner:branch``; anything else GitHub passes over."""
    owner, colon, branch = (wanted or "").partition(":")
    return not colon or (owner.casefold() == world.org.casefold() and branch == pull.branch)


@routes.post(REPO + "/pulls")
async def make(request: web.Request) -> web.Response:
    """Open a pull request."""
    world, _ = repository_of(request)
    body = await sent(request)
    title, head, base, text = (body.get(name) for name in ("title", "head", "base", "body"))
    for field, given in (("title", title), ("head", head), ("base", base)):
        if not isinstance(given, str) or not given:
            raise invalid("PullRequest", field=field, code="missing_field")
    if text is not None and not isinstance(text, str):
        raise invalid("PullRequest", field="body", code="invalid")
    owner, colon, branch = str(head).rpartition(":")
    if colon and owner.casefold() != world.org.casefold():
        raise invalid("PullRequest", field="head", code="invalid")
    pull = await world.open_pull(
        speaker(request), str(title), branch, str(base), text, draft=body.get("draft") is True
    )
    return done(_whole(world, pull))


@routes.get(PULL)
async def pull(request: web.Request) -> web.Response:
    """Tell of a pull request; whether it can be merged is found out in the background."""
    world, found = await pull_of(request)
    world.judge(found)
    return yes(request, _whole(world, found))


@routes.patch(PULL)
async def edit(request: web.Request) -> web.Response:
    """Change a pull request's words, close it, or open it again."""
    world, found = await pull_of(request)
    body = await sent(request)
    title, text, state = (body.get(name) for name in ("title", "body", "state"))
    if state not in {None, "open", "closed"}:
        raise invalid("PullRequest", field="state", code="invalid")
    for field, given in (("title", title), ("body", text)):
        if given is not None and not isinstance(given, str):
            raise invalid("PullRequest", field=field, code="invalid")
    await world.edit(found.number, speaker(request), title=title, body=text, state=state)
    return done(_whole(world, found), status=200)


@routes.get(PULL + "/merge")
async def is_merged(request: web.Request) -> web.Response:
    """Say by the status alone whether it was merged."""
    _, found = await pull_of(request)
    if not found.merged:
        raise absent()
    return web.Response(status=204)


@routes.put(PULL + "/merge")
async def merge(request: web.Request) -> web.Response:
    """Merge it; ``sha`` guards the head."""
    world, found = await pull_of(request)
    body = await sent(request)
    texts = {name: body.get(name) for name in ("commit_title", "commit_message", "sha")}
    if any(not (text is None or isinstance(text, str)) for text in texts.values()):
        raise Problem(422, "Invalid request.")
    sha = await world.merge(
        found.number,
        speaker(request),
        str(body.get("merge_method", "merge")),
        sha=texts["sha"],
        title=texts["commit_title"],
        message=texts["commit_message"],
    )
    told = {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}
    return done(told, status=200)


@routes.get(PULL + "/commits")
async def commits(request: web.Request) -> web.Response:
    """List what it brings, oldest first."""
    world, found = await pull_of(request)
    rows = await commits_between(world.bare, found.base_sha, found.head)
    return page(request, rows[:250], lambda commit: shaped(world, commit))


@routes.get(PULL + "/files")
async def changed(request: web.Request) -> web.Response:
    """List the files that it changes."""
    world, found = await pull_of(request)
    parted = await world.bare.merge_base(found.base_sha, found.head)
    rows = await files(world.bare, parted or found.base_sha, found.head)
    return page(request, rows[:3000], lambda file: file_body(world.where, file, found.head))


@routes.get(REPO + "/commits/{ref}/pulls")
async def of_commit(request: web.Request) -> web.Response:
    """List the pull requests that brought a commit, or would."""
    world, found = await commit_of(request, request.match_info["ref"])
    async with world.writing:
        await world.settle()
    rows = []
    for pull in world.pulls.values():
        brought = await commits_between(world.bare, pull.base_sha, pull.head)
        if found.sha in pull.landed or any(one.sha == found.sha for one in brought):
            rows.append(pull)
    rows.sort(key=lambda pull: pull.merged is None)
    repository = world.repository()
    return page(request, rows, lambda pull: simple_pull(world.where, pull, world.who, repository))
