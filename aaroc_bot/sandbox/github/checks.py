"""Statuses and check runs of commits in the REST API."""

from aiohttp import web

from aaroc_bot.sandbox.github.answers import done, page, sent, speaker, yes
from aaroc_bot.sandbox.github.problem import Problem
from aaroc_bot.sandbox.github.pull import Status
from aaroc_bot.sandbox.github.repository import REPO, commit_of
from aaroc_bot.sandbox.github.shapes.checks import (
    check_run_body,
    simple_status_body,
    status_body,
)
from aaroc_bot.sandbox.github.shapes.repository import minimal_repository
from aaroc_bot.sandbox.github.world import World

routes = web.RouteTableDef()

STATES = ("error", "failure", "pending", "success")


def _newest(world: World, sha: str) -> list[Status]:
    """Give each context's last word."""
    return list({one.context: one for one in world.statuses.get(sha, ())}.values())


@routes.get(REPO + "/commits/{ref}/check-runs")
async def check_runs(request: web.Request) -> web.Response:
    """List the check runs."""
    world, commit = await commit_of(request, request.match_info["ref"])
    rows = [
        check_run_body(world.where, run, commit.sha) for run in world.check_runs.get(commit.sha, ())
    ]
    return yes(request, {"total_count": len(rows), "check_runs": rows})


@routes.get(REPO + "/commits/{ref}/status")
async def status(request: web.Request) -> web.Response:
    """Tell all statuses as one."""
    world, commit = await commit_of(request, request.match_info["ref"])
    rows = _newest(world, commit.sha)
    states = {one.state for one in rows}
    together = "success" if states == {"success"} else "pending"
    if states & {"error", "failure"}:
        together = "failure"
    root = f"{world.where.api}/commits/{commit.sha}"
    return yes(
        request,
        {
            "state": together,
            "statuses": [simple_status_body(world.where, one, commit.sha) for one in rows],
            "sha": commit.sha,
            "total_count": len(rows),
            "repository": minimal_repository(world.where),
            "commit_url": root,
            "url": f"{root}/status",
        },
    )


@routes.get(REPO + "/commits/{ref}/statuses")
async def statuses(request: web.Request) -> web.Response:
    """List all statuses that were ever set, newest first."""
    world, commit = await commit_of(request, request.match_info["ref"])
    rows = world.statuses.get(commit.sha, [])[::-1]
    return page(request, rows, lambda one: status_body(world.where, one, commit.sha, world.who))


@routes.post(REPO + "/statuses/{sha}")
async def set_status(request: web.Request) -> web.Response:
    """Set a status."""
    world, commit = await commit_of(request, request.match_info["sha"])
    body = await sent(request)
    state, context = body.get("state"), body.get("context", "default")
    if state not in STATES:
        told = f"state is not included in the list: {', '.join(STATES)}"
        raise Problem(422, "Validation Failed", errors=[told])
    words = [body.get(name) for name in ("description", "target_url")]
    if not isinstance(context, str) or any(not isinstance(one, str | None) for one in words):
        raise Problem(422, "Validation Failed")
    made = world.status(
        speaker(request), commit.sha, context, state, description=words[0], target_url=words[1]
    )
    return done(status_body(world.where, made, commit.sha, world.who))
