"""The repository's part of the REST API that only tells: commits, branches, comparisons."""

from aiohttp import web

from aaroc_bot.sandbox.github.answers import TOKEN, WORLD, page, yes
from aaroc_bot.sandbox.github.bare import Bare, Commit
from aaroc_bot.sandbox.github.difference import files
from aaroc_bot.sandbox.github.landing import commits_between
from aaroc_bot.sandbox.github.problem import Problem, absent
from aaroc_bot.sandbox.github.shapes.branches import branch_body, rule_body, short_branch
from aaroc_bot.sandbox.github.shapes.commits import commit_body, file_body
from aaroc_bot.sandbox.github.shapes.repository import full_repository
from aaroc_bot.sandbox.github.tokens import Right
from aaroc_bot.sandbox.github.world import World

routes = web.RouteTableDef()

NEWEST = 1000
"""Commits that a listing looks back at most."""
MOST_FILES = 300
"""Files that a comparison tells of at most."""
REPO = "/repos/{owner}/{name}"


def repository_of(request: web.Request) -> tuple[World, Bare]:
    """Give the world and its repository if the path names it (in any letter case)."""
    world = request.app[WORLD]
    named = (request.match_info["owner"].casefold(), request.match_info["name"].casefold())
    if named != (world.org.casefold(), world.bare.name.casefold()):
        raise absent()
    return world, world.bare


def shaped(world: World, commit: Commit) -> dict[str, object]:
    """Shape a commit with the users of this world."""
    return commit_body(world.where, commit, world.written_by, verified=commit.sha in world.verified)


async def commit_of(request: web.Request, ref: str) -> tuple[World, Commit]:
    """Give a commit by its sha, a part of it, or a branch. Raises `Problem` (422)."""
    world, bare = repository_of(request)
    found = None if ref.startswith("-") else await bare.commit(ref)
    if found is None:
        raise Problem(422, f"No commit found for SHA: {ref}")
    return world, found


@routes.get(REPO)
async def repository(request: web.Request) -> web.Response:
    """Tell of the repository."""
    world, bare = repository_of(request)
    push = Right.CONTENTS in request[TOKEN].rights
    branch, number = await bare.default_branch(), len(world.open_pulls())
    return yes(request, full_repository(world.where, branch, number, world.allowed, push=push))


@routes.get(REPO + "/commits")
async def commits(request: web.Request) -> web.Response:
    """List commits, newest first; ``sha`` begins elsewhere, ``path`` keeps those that touch it."""
    world, bare = repository_of(request)
    start = request.query.get("sha") or await bare.default_branch()
    path = request.query.get("path")
    found = await bare.commits(
        f"-{NEWEST}", "--end-of-options", start, "--", *([path] if path else [])
    )
    if found is None:
        raise absent()
    return page(request, found, lambda commit: shaped(world, commit))


@routes.get(REPO + "/commits/{ref:.+}")
async def commit(request: web.Request) -> web.Response:
    """Tell of a commit by its sha, a part of it, or a branch, and what it changed."""
    world, found = await commit_of(request, request.match_info["ref"])
    before = found.parents[0] if found.parents else await world.bare.empty_tree()
    changed = await files(world.bare, before, found.sha)
    added, deleted = sum(one.additions for one in changed), sum(one.deletions for one in changed)
    told = {
        "stats": {"additions": added, "deletions": deleted, "total": added + deleted},
        "files": [file_body(world.where, one, found.sha) for one in changed[:MOST_FILES]],
    }
    return yes(request, {**shaped(world, found), **told})


@routes.get(REPO + "/compare/{base}...{head:.+}")
async def compare(request: web.Request) -> web.Response:
    """Tell what `head` has over `base`, from where the two parted."""
    named = [request.match_info[end].rpartition(":")[2] for end in ("base", "head")]
    world, bare = repository_of(request)
    base, head = [None if one.startswith("-") else await bare.commit(one) for one in named]
    middle = await bare.merge_base(base.sha, head.sha) if base and head else None
    if base is None or head is None or middle is None:
        raise absent()
    ahead = await commits_between(bare, middle, head.sha)
    behind = len(await commits_between(bare, head.sha, base.sha))
    parted = await bare.commit(middle)
    assert parted is not None
    words = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    root, pages = f"{world.where.api}/compare/", f"{world.where.web}/compare/"
    both = "...".join(named)
    changed = await files(bare, middle, head.sha)
    return yes(
        request,
        {
            "url": root + both,
            "html_url": pages + both,
            "permalink_url": f"{pages}{base.sha}...{head.sha}",
            "diff_url": f"{pages}{both}.diff",
            "patch_url": f"{pages}{both}.patch",
            "base_commit": shaped(world, base),
            "merge_base_commit": shaped(world, parted),
            "status": words.get((bool(ahead), bool(behind)), "diverged"),
            "ahead_by": len(ahead),
            "behind_by": behind,
            "total_commits": len(ahead),
            "commits": [shaped(world, one) for one in ahead[:250]],
            "files": [file_body(world.where, one, head.sha) for one in changed[:MOST_FILES]],
        },
    )


@routes.get(REPO + "/branches")
async def branches(request: web.Request) -> web.Response:
    """List the branches."""
    world, bare = repository_of(request)
    rows = sorted((await bare.branches()).items())
    return page(
        request, rows, lambda row: short_branch(world.where, row[0], row[1], world.protected)
    )


@routes.get(REPO + "/branches/{branch:.+}")
async def branch(request: web.Request) -> web.Response:
    """Tell of a branch, and whether it is protected."""
    world, bare = repository_of(request)
    named = request.match_info["branch"]
    sha = (await bare.branches()).get(named)
    found = await bare.commit(sha) if sha else None
    if found is None:
        raise Problem(404, "Branch not found")
    return yes(request, branch_body(world.where, named, shaped(world, found), world.protected))


@routes.get(REPO + "/rules/branches/{branch:.+}")
async def rules(request: web.Request) -> web.Response:
    """List the rules of rulesets that hold for a branch."""
    world, _ = repository_of(request)
    wanted = world.rule_of(request.match_info["branch"])
    return page(request, [wanted] if wanted else [], lambda one: rule_body(world.where, one))
