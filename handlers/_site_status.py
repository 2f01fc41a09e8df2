"""All about one site, for `status ZA-UJ`."""

from collections.abc import Iterable

from aaroc_bot.commands import Call, Message, Site, Text, quoted, service_word

from ._lists import shortened
from ._sites import IN_PART, QUIET, Stand, ago, also_typed, decides, site_named, stands, where
from ._wording import commit, count, experts, hosts, joined, listed, to_type

FINDINGS = 8


async def one_site(call: Call, name: str) -> Message:
    """Tell all about one site, what needs somebody first."""
    site = await site_named(call, name)
    (stand,) = await stands(call, site.name) or [Stand(site)]
    facts = stand.facts(call.now)
    last = joined(last_run(stand, call), await _behind(call, stand))
    lines: list[Text] = [
        "read in part; what was left out stands below"
        if word == IN_PART
        else joined(f"{word}:", what)
        for word, what in facts[1:]
    ]
    if facts:
        first = joined(f"{site.name} · {facts[0][0]}:", facts[0][1])
        lines.append(joined("last:", last))
    else:
        first = joined(f"{site.name} · {QUIET},", last)
    found = shortened(
        [(one.level.value, (quoted(where(one)),), one.what) for one in site.findings],
        limit=FINDINGS,
        name=f"findings-{site.name}.txt",
    )
    return Message(
        first,
        lines=(*lines, *await _unaccepted(call, stand)),
        table=found.table,
        fields=(*_described(site), *_accepted(stand)),
        notes=(*found.notes, ("live state not checked yet · ", to_type(f"history {site.name}"))),
        file=found.file,
    )


def last_run(stand: Stand, call: Call) -> Text:
    """Say what ran last at a site to change it, at which revision, and by whom."""
    run = stand.last
    if run is None:
        return f"no run{' that changes it' if stand.outcome else ''} on record yet"
    by = f", asked by {run.asked.by.login}"
    if run.approvals:
        by += f", approved by {', '.join(a.by.login for a in run.approvals)}"
    checked = " (checked only)" if run.checked_only else ""
    told = f"run {run.number} {run.state}{checked} {ago(run, call.now)} at "
    return (told, commit(call, run.revision), by)


async def _behind(call: Call, stand: Stand) -> str:
    """Say how far behind the newest revision the site is, where anything ran there."""
    if stand.last is None:
        return ""
    behind = await call.sites.behind(stand.site.name, stand.last.revision.sha)
    if behind.commits is None:
        return "(how far behind that is I can't tell)"
    if behind.commits == 0:
        return "(nothing newer)"
    touching = "how many touch" if behind.touching is None else f"{behind.touching} touch"
    verb = touching + ("es" if behind.touching == 1 else "")
    unknown = " I can't tell" if behind.touching is None else ""
    return f"({count(behind.commits, 'commit')} behind, {verb} {stand.site.name}{unknown})"


def _described(site: Site) -> Iterable[tuple[str, Text]]:
    """Say what the repository describes; nothing where it could not be read."""
    if not site.broken:
        services: dict[str, set[str]] = {}
        for group, members in site.services.items():
            services.setdefault(service_word(group), set()).update(members)
        told = [f"{word} ({hosts(sorted(those))})" for word, those in sorted(services.items())]
        yield "services", ", ".join(told) or "none"
        few = len(site.hosts) <= 3
        yield "hosts", (", ".join(site.hosts) or "none") if few else str(len(site.hosts))
    if names := also_typed(site):
        yield "also typed", ", ".join(names)
    if site.shared:
        shared = [f"{host} (also of {other})" for host, other in sorted(site.shared.items())]
        yield "shared", f"{listed(shared, 3)}; a run that touches one holds both sites"
    if site.foreign:
        foreign = [
            f"{host} ({f'of {of}' if of else 'no name'})"
            for host, of in sorted(site.foreign.items())
        ]
        yield "not its own", f"{listed(foreign, 3)}: they bear another site's name or none"
    if site.claimed_by:
        yield "described in", f"{site.inventory} and {site.claimed_by}"


def _accepted(stand: Stand) -> Iterable[tuple[str, Text]]:
    """Name the lines that execute and were accepted, as the history says that they were."""
    waiting = {line.digest for line in stand.unaccepted}
    lines = [line for line in stand.site.executing if line.digest not in waiting]
    if lines:
        named = [f"{line.variable} ({quoted(where(line)).text})" for line in lines]
        yield "executes, accepted", listed(named, 3)


async def _unaccepted(call: Call, stand: Stand) -> tuple[Text, ...]:
    """Name the lines that execute, and who can accept them."""
    lines = stand.unaccepted
    if not lines:
        return ()
    shown: list[Text] = [(quoted(where(line)), f" {line.variable}") for line in lines[:3]]
    more = len(lines) - len(shown)
    step: Text = ("To read them all: ", to_type(f"accept {stand.site.name}"))
    if not decides(call):
        step = f"An expert can accept them. {await experts(call)}"
    return (*shown, joined(f"{more} more." if more else "", step))
