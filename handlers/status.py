"""Looking at sites: `sites` lists them, `status` says what is not quiet and all about one."""

from aaroc_bot.commands import (
    Call,
    Effect,
    Message,
    Right,
    Site,
    Text,
    Unavailable,
    command,
    quoted,
    service_word,
)

from ._lists import Row, shortened
from ._repository import beside_the_sites, empty, unread
from ._site_status import last_run, one_site
from ._sites import QUIET, Stand, also_typed, counted, row, stands
from ._wording import commit, count, hosts, listed, to_type

ROWS = 20
"""Rows of a list in a message; a file has all where there are more."""


@command("sites", right=Right.MEMBER, effect=Effect.READS, help="List the sites.")
async def sites(call: Call) -> Message:
    """List every site with its services and what else it is called."""
    try:
        found, newest = await call.sites.all(), await call.sites.newest()
    except Unavailable as away:
        return unread(call, away)
    if not found:
        return await empty(call, newest)
    ordered = sorted(found, key=lambda site: site.name.casefold())
    top = shortened(
        [_row(site) for site in ordered],
        limit=2 * ROWS,
        name="sites.txt",
        head=("site", "hosts", "services", "also typed"),
    )
    return Message(
        (f"{count(len(found), 'site')} at ", commit(call, newest), " ", quoted(newest.subject, 60)),
        table=top.table,
        notes=(*top.notes, ("What is not quiet: ", to_type("status"))),
        file=top.file,
    )


def _row(site: Site) -> Row:
    if site.broken:
        return (site.name, "unknown", "can't be read", ", ".join(also_typed(site)))
    words = sorted({service_word(group) for group in site.services})
    named = hosts(site.hosts) if site.hosts else "none"
    return (site.name, named, listed(words, 6) or "none", ", ".join(also_typed(site)))


@command(
    "status [site]",
    right=Right.MEMBER,
    effect=Effect.READS,
    help="Show what is not quiet; all about one site if you name it.",
)
async def status(call: Call, site: str | None = None) -> Message:
    """Count the sites and list those that are not quiet, or tell all about one."""
    return await (_overview(call, quiet=False) if site is None else one_site(call, site))


@command(
    "status all",
    right=Right.MEMBER,
    effect=Effect.READS,
    help="Show how every site stands, the quiet ones too.",
)
async def status_all(call: Call) -> Message:
    """List every site."""
    return await _overview(call, quiet=True)


async def _overview(call: Call, *, quiet: bool) -> Message:
    try:
        found, newest = await stands(call), await call.sites.newest()
    except Unavailable as away:
        return unread(call, away)
    if not found:
        return await empty(call, newest)
    shown = [stand for stand in found if quiet or stand.word(call.now) != QUIET]
    left = len(found) - len(shown)
    top = shortened(
        [_stand(stand, call) for stand in shown],
        limit=2 * ROWS if quiet else ROWS,
        name="status.txt",
    )
    more: Text = (f"{left} {QUIET}: ", to_type("status all")) if left else ""
    return Message(
        f"{count(len(found), 'site')}: {counted(found, call.now)}",
        table=top.table,
        notes=tuple(filter(None, (*await beside_the_sites(call), *top.notes, more))),
        file=top.file,
    )


def _stand(stand: Stand, call: Call) -> Row:
    """Say how a site stands in one row."""
    return row(stand, call.now) or (stand.site.name, QUIET, last_run(stand, call))
