"""Pull requests: the list of them, and one with all that a reviewer needs."""

from aiohttp import web

from aaroc_bot.sandbox.github.answers import WORLD
from aaroc_bot.sandbox.github.landing import commits_between
from aaroc_bot.sandbox.github.pages.guard import form
from aaroc_bot.sandbox.github.pages.layout import answer
from aaroc_bot.sandbox.github.pages.reading import difference, shown
from aaroc_bot.sandbox.github.people import User
from aaroc_bot.sandbox.github.problem import Problem, absent
from aaroc_bot.sandbox.github.pull import Pull
from aaroc_bot.sandbox.github.world import World
from aaroc_bot.sandbox.persons import REPOSITORY

routes = web.RouteTableDef()

REVIEWS = {"approve": "APPROVE", "request": "REQUEST_CHANGES", "comment": "COMMENT"}
DONE = {
    "approve": "Approved.",
    "request": "Changes are requested.",
    "comment": "Commented.",
    "merge": "Merged.",
    "close": "Closed.",
    "ready": "Ready for review.",
}
PULLS = 200
"""Pull requests that are listed at most."""
COMMITS = 250
"""Commits of a pull request that are listed at most, as on GitHub."""
HINDRANCES = {
    "unknown": "Whether it can be merged is being worked out: load this page again.",
    "dirty": "It conflicts with what its base branch is now, and cannot be merged.",
    "draft": "It is a draft, and cannot be merged yet.",
    "unstable": "It can be merged, though not all checks passed.",
    "clean": "It can be merged.",
}


def world_of(request: web.Request) -> World:
    """Give the world if the path names its repository. Raises `Problem`."""
    world = request.app[WORLD]
    named = (request.match_info["owner"].casefold(), request.match_info["name"].casefold())
    if named != (world.org.casefold(), REPOSITORY.casefold()):
        raise absent()
    return world


def person(world: World, login: str) -> User:
    """Give the person that somebody chose to be. Raises `Problem`."""
    user = world.user(login)
    if user is None:
        raise Problem(422, "Choose who you are.")
    return user


@routes.get("/{owner}/{name}/pulls")
async def pulls(request: web.Request) -> web.Response:
    """List them, newest first."""
    world = world_of(request)
    await _look(world)
    rows = [
        {"pull": pull, "state": _state(pull), "author": world.who(pull.author).login}
        for _, pull in sorted(world.pulls.items(), reverse=True)[:PULLS]
    ]
    return answer(
        request,
        "pulls.html",
        title=f"Pull requests of {world.org}/{REPOSITORY}",
        open=[row for row in rows if row["state"] in {"open", "draft"}],
        ended=[row for row in rows if row["state"] in {"closed", "merged"}],
    )


@routes.get("/{owner}/{name}/pull/{number:\\d{1,9}}")
async def pull(request: web.Request) -> web.Response:
    """Show one."""
    world = world_of(request)
    await _look(world)
    return await _page(
        request,
        world.pull(int(request.match_info["number"])),
        chosen=request.query.get("as", ""),
        status=DONE.get(request.query.get("done", ""), ""),
    )


@routes.post("/{owner}/{name}/pull/{number:\\d{1,9}}")
async def act(request: web.Request) -> web.StreamResponse:
    """Do with one what a person wishes, by the rules of the API."""
    world, sent = world_of(request), await form(request)
    found = world.pull(int(request.match_info["number"]))
    login, words = sent.get("person", ""), sent.get("words", "")
    try:
        by = person(world, login)
        await _do(world, found, by, sent)
    except Problem as problem:
        return await _page(
            request, found, problem.status, chosen=login, words=words, alert=problem.words
        )
    query = {"as": by.login, "done": sent["action"]}
    raise web.HTTPSeeOther(request.rel_url.with_query(query))


async def _do(world: World, pull: Pull, by: User, sent: dict[str, str]) -> None:
    """Act on the head that the person saw, whatever it is by now."""
    action, head = sent.get("action", ""), sent.get("head", "")
    if not head:
        raise Problem(422, "Your form does not say which head you saw: load this page again.")
    if action in REVIEWS:
        await world.review(pull.number, by, REVIEWS[action], sent.get("words", ""), head)
    elif action == "merge":
        ways = ("merge", "rebase", "squash")
        way = next((way for way in ways if getattr(world.allowed, way)), "merge")
        await world.merge(pull.number, by, way, sha=head)
    elif action == "close":
        await world.close(pull.number, by)
    elif action == "ready":
        await world.ready(pull.number, by)
    else:
        raise Problem(422, "Choose what to do.")


async def _look(world: World) -> None:
    async with world.writing:
        await world.settle()


def _state(pull: Pull) -> str:
    if pull.merged:
        return "merged"
    return "draft" if pull.state == "open" and pull.draft else pull.state


async def _page(
    request: web.Request,
    pull: Pull,
    code: int = 200,
    *,
    chosen: str = "",
    words: str = "",
    alert: str = "",
    status: str = "",
) -> web.Response:
    world = request.app[WORLD]
    world.judge(pull)
    commits = await commits_between(world.bare, pull.base_sha, pull.head)
    between = await difference(world.bare, pull.base_sha, pull.head)
    return answer(
        request,
        "pull.html",
        code,
        title=f"{pull.title} #{pull.number}",
        pull=pull,
        state=_state(pull),
        author=world.who(pull.author).login,
        merged_by=world.who(pull.merged_by or 0).login,
        commits=[shown(world, one) for one in commits[:COMMITS]],
        checks=_checks(world, pull.head),
        reviews=[(world.who(one.by).login, one) for one in pull.reviews],
        hindrance=_hindrance(world, pull),
        people=world.users.values(),
        difference=between,
        chosen=chosen,
        words=words,
        alert=alert,
        status=status,
    )


def _checks(world: World, sha: str) -> list[tuple[str, str]]:
    """Give each check's last outcome, those of Apps too."""
    statuses = {one.context: one.state for one in world.statuses.get(sha, ())}
    runs = {one.name: one.conclusion or one.status for one in world.check_runs.get(sha, ())}
    return sorted({**statuses, **runs}.items())


def _hindrance(world: World, pull: Pull) -> str:
    state = world.mergeable_state(pull)
    return HINDRANCES.get(state) or world.hindrance(pull) or ""
