"""How two sites differ in their effective variables; secrets are counted, never shown."""

from collections.abc import Iterable, Mapping

from aaroc_bot.commands import (
    Call,
    Difference,
    Effect,
    File,
    Message,
    Refusal,
    Right,
    Site,
    Table,
    Text,
    command,
    difference,
    is_secret_name,
    quoted,
    service_word,
    size,
)

from ._sites import site_named
from ._wording import count, listed, to_type

ROWS = 20
"""Differing variables in the message; a file has all that were compared."""


@command(
    "diff <site> <other:site> [service]",
    right=Right.MEMBER,
    effect=Effect.READS,
    help="Compare the variables of two sites, of one service if you name it.",
)
async def diff(call: Call, site: str, other: str, service: str | None = None) -> Message:
    """Compare the hosts of a service where one is named, else all of them."""
    left, right = await site_named(call, site), await site_named(call, other)
    if left.name == right.name:
        raise Refusal(f"Both are {left.name}; name two sites.", ("All: ", to_type("sites")))
    for one in (left, right):
        _readable(one)
    found = difference(
        _of_service(left, await call.sites.variables(left.name), service),
        _of_service(right, await call.sites.variables(right.name), service),
        is_secret=is_secret_name,
        foreign_left=left.foreign,
        foreign_right=right.foreign,
    )
    return _message(left, right, service, found)


def _readable(site: Site) -> None:
    if site.broken:
        raise Refusal(
            f"{site.name} can't be read, so it can't be compared.",
            ("Why: ", to_type(f"status {site.name}")),
        )


def _of_service(
    site: Site, variables: Mapping[str, Mapping[str, object]], service: str | None
) -> Mapping[str, Mapping[str, object]]:
    """Keep the hosts of a service. Refused where the site does not run it."""
    if service is None:
        return variables
    hosts = {
        host
        for group, members in site.services.items()
        if service_word(group) == service
        for host in members
    }
    if not hosts:
        runs = listed(sorted({service_word(group) for group in site.services}))
        raise Refusal(
            f"{site.name} runs no {service}.",
            f"It runs {runs}." if runs else "It runs none at all.",
        )
    return {host: those for host, those in variables.items() if host in hosts}


def _message(left: Site, right: Site, service: str | None, found: Difference) -> Message:
    what = f"{left.name} and {right.name}" + (f", {service}" if service else "")
    rows: list[tuple[Text, ...]] = [
        (row.variable, (quoted(row.left),), (quoted(row.right),)) for row in found.rows[:ROWS]
    ]
    whole = _whole(left, right, found) if found.differing > ROWS else None
    return Message(
        f"{what}: {_counts(found)}",
        table=Table(("variable", left.name, right.name), tuple(rows)) if rows else None,
        notes=tuple(_notes(left, right, found, whole)),
        file=File(f"diff-{left.name}-{right.name}.txt", whole) if whole else None,
    )


def _counts(found: Difference) -> str:
    secret = f", {count(found.secrets, 'secret')} not compared" if found.secrets else ""
    if not found.compared:
        return f"no variable that both have{secret}"
    differ = "differs" if found.differing == 1 else "differ"
    return f"{found.differing:,} of {count(found.compared, 'variable')} {differ}{secret}"


def _notes(left: Site, right: Site, found: Difference, whole: str | None) -> Iterable[Text]:
    if whole:
        yield f"{ROWS} of {found.differing:,} shown; the file has {len(found.rows):,}, {size(whole)}."
    if found.only_left or found.only_right:
        only = [(left, found.only_left), (right, found.only_right)]
        told = [f"only {site.name}: {listed(names)}" for site, names in only if names]
        yield " · ".join(told).replace("only", "Only", 1)
    for site, foreign in ((left, found.foreign_left), (right, found.foreign_right)):
        if foreign:
            names = listed([f"{host} (of {owner})" for host, owner in foreign], 3)
            yield f"Left out at {site.name}, for they bear another site's name: {names}."
    for site in (left, right):
        if site.partial:
            yield (
                f"{site.name} is read in part, so more may differ: ",
                to_type(f"status {site.name}"),
            )


def _whole(left: Site, right: Site, found: Difference) -> str:
    blocks = [
        f"{r.variable}\n  {left.name}: {r.left}\n  {right.name}: {r.right}" for r in found.rows
    ]
    return "\n".join(blocks) + "\n"
