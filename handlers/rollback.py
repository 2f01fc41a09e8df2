"""Going back: `rollback` restores a site's own files by a pull request, and then deploys."""

from aaroc_bot.commands import (
    Call,
    Effect,
    Message,
    NotOpened,
    Refusal,
    Right,
    RollBack,
    Run,
    State,
    Text,
    WhyNot,
    command,
)

from ._not_opened import not_opened
from ._proposing import changeable, possible, propose
from ._wording import to_type

PAGES = 20
"""Pages of a site's runs in which its last deploy is looked for."""


@command(
    "rollback <site> [revision]",
    "rollback <site> to run <number:run>",  # not <run>: the right is asked for at <site>
    right=Right.SITE_ADMIN,
    effect=Effect.ALTERS,
    help="Give a site's own files the content they had, by a pull request; then deploy that.",
)
async def rollback(
    call: Call, site: str, revision: str | None = None, number: int | None = None
) -> Message:
    """Open a pull request that goes back to a revision, to a run, or to what ran before."""
    possible(call)
    await changeable(call, site)
    if revision is not None:
        wish = await _at(call, site, revision)
    elif number is not None:
        wish = await _to(call, site, number)
    else:
        wish = await _before(call, site)
    return await propose(call, wish, site, None)


async def _before(call: Call, site: str) -> RollBack:
    """Wish for the state of the last run that succeeded with other files."""
    before = await call.changes.before(site)
    if before is None:
        raise Refusal(
            f"No run on record succeeded at {site} with other files, so what to go back to "
            "I can't tell.",
            ("What ran there: ", to_type(f"history {site}")),
        )
    return await _to(call, site, before[1])


async def _at(call: Call, site: str, typed: str) -> RollBack:
    """Wish for the state at a revision, and for what was last deployed to be deployed again."""
    revision = await call.sites.revision_named(typed)
    if revision is None:
        raise await not_opened(call, site, NotOpened(WhyNot.UNKNOWN_REVISION, typed))
    last = await _last_deploy(call, site)
    return RollBack(site, revision.sha, deploys=last.typed if last else "")


async def _to(call: Call, site: str, number: int) -> RollBack:
    """Wish for the state that a run left, which must be this site's and have succeeded."""
    look: Text = ("What ran there: ", to_type(f"history {site}"))
    run = await call.runs.get(number)
    if run is None:
        raise Refusal(f"There is no run {number}.", look)
    if run.site != site:
        raise Refusal(f"Run {number} was at {run.site}, not at {site}.", look)
    if run.state is not State.SUCCEEDED:
        raise Refusal(f"Run {number} is {run.state}: only what succeeded is gone back to.", look)
    deploy = run if run.verb == "deploy" else await _last_deploy(call, site)
    deploys = deploy.typed if deploy else ""
    return RollBack(site, run.revision.sha, run=number, deploys=deploys)


async def _last_deploy(call: Call, site: str) -> Run | None:
    """Give the site's last deployment that succeeded, None if there is none."""
    for page in range(1, PAGES + 1):
        found = await call.runs.newest(site=site, page=page)
        for run in found.rows:
            if run.site == site and run.verb == "deploy" and run.state is State.SUCCEEDED:
                return run
        if found.left <= 0:
            break
    return None
