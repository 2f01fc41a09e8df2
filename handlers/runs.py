"""Looking back: `runs` lists runs, `history` tells what happened at a site."""

from aaroc_bot.commands import Call, Effect, Message, Right, Run, Table, command, when

from ._history import told
from ._lists import Row, turn
from ._run_wording import first_line
from ._wording import commit, to_type


@command(
    "runs [page <page>]",
    right=Right.MEMBER,
    effect=Effect.READS,
    help="List runs, newest first.",
)
async def runs(call: Call, page: int | None = None) -> Message:
    """List the runs of all sites."""
    found = await call.runs.newest(page=page or 1)
    if not found.rows:
        return _nothing("There is no run yet.", "runs", page)
    notes, buttons = turn("runs", found.page, found.left)
    return Message(
        f"Runs, newest first{_page(found.page)}",
        table=Table((), tuple(_row(call, run) for run in found.rows)),
        notes=notes,
        buttons=buttons,
    )


def _row(call: Call, run: Run) -> Row:
    moment = when(run.asked.at, call.now)
    return ((moment,), first_line(run), run.asked.by.login, (commit(call, run.revision),))


@command(
    "history <site> [page <page>]",
    right=Right.MEMBER,
    effect=Effect.READS,
    help="Tell what happened at a site, newest first.",
)
async def history(call: Call, site: str, page: int | None = None) -> Message:
    """Tell of runs, Changes, rights that were refused, locks and acceptances at a site."""
    found = await call.record.history(site, page or 1)
    if not found.rows:
        return _nothing(f"Nothing is on record of {site} yet.", f"history {site}", page)
    rows: list[Row] = [
        ((when(one.event.at, call.now),), await told(call, one.event, found.times.get(one.id, 1)))
        for one in found.rows
    ]
    notes, buttons = turn(f"history {site}", found.page, found.left)
    return Message(
        f"{site}, newest first{_page(found.page)}",
        table=Table((), tuple(rows)),
        notes=notes,
        buttons=buttons,
    )


def _page(page: int) -> str:
    return f", page {page:,}" if page > 1 else ""


def _nothing(otherwise: str, command: str, page: int | None) -> Message:
    """Tell an empty list from a page beyond its end."""
    if (page or 1) == 1:
        return Message(otherwise)
    return Message(f"Nothing stands on page {page:,}.", notes=(("The newest: ", to_type(command)),))
