"""What the digest has to say, line by line; a line for which there is nothing is empty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aaroc_bot.commands import (
    LONG,
    ChangeState,
    Desk,
    Facts,
    Lock,
    Run,
    State,
    Text,
    Unavailable,
    duration,
    neglected,
    quoted,
    since_when,
    when,
)

from ._change_wording import named, state_line
from ._lists import Row
from ._repository import told
from ._run_wording import deciders
from ._sites import Stand, asked_for, row, whom
from ._wording import count, joined, listed, to_type

NAMED = 3
"""Things of one kind that are named; the rest is counted."""

QUEUED_LONG = timedelta(hours=1)
"""A run that waits for its turn for longer is told."""

SOON = timedelta(hours=24)
"""Locks that end within this are told."""

LOOKED_AT = 20
"""Sites of which the repository is asked how far behind they are."""

NOBODY_NEEDED = frozenset({"quiet", "running", "queued", "planning", "locked"})
"""Words for how a site stands that do not call for anybody."""


@dataclass(frozen=True, slots=True)
class Undeployed:
    """Sites with Changes that were merged and not deployed; those of which that is not known."""

    sites: tuple[str, ...]
    unknown: tuple[str, ...]


def needs_somebody(stand: Stand, now: datetime) -> bool:
    """Whether a site waits for somebody to do something."""
    return any(word not in NOBODY_NEEDED for word, _ in stand.facts(now))


def some(parts: Sequence[Text], between: str = " · ") -> Text:
    """Put the first few after each other, and count the rest."""
    shown: list[Text] = []
    for part in parts[:NAMED]:
        shown += [between.strip(), part] if shown else [part]
    more = len(parts) - NAMED
    return joined(*shown, f"and {more:,} more" if more > 0 else "")


async def waiting(desk: Desk, active: Sequence[Run], facts: Facts) -> list[Text]:
    """Say what waits for whom, and how long: runs for experts or their turn, then Changes."""
    now = desk.clock()
    found: list[Text] = []
    waits = [run for run in active if run.state is State.WAITING]
    experts = await desk.people.experts() if waits else ()
    for run in waits:
        logins = sorted(person.login for person in deciders(experts, run))
        names = f" ({listed(logins, NAMED)})" if logins else ""
        since = duration(now - run.changed_at)
        found.append(f"run {run.number} at {run.site} for {whom(run)}{names} for {since}")
    for run in active:
        long = now - run.changed_at > QUEUED_LONG
        if run.state is State.QUEUED and long:
            why = f" ({run.reason})" if run.reason else ""
            since = duration(now - run.changed_at)
            found.append(f"run {run.number} at {run.site} queued for {since}{why}")
    for change in facts.open:
        if change.state is ChangeState.OPEN:
            age = duration(now - change.asked.at)
            found.append((named(desk, change), f" {state_line(change)} for {age}"))
    return found


def needing_row(stand: Stand, now: datetime) -> Row | None:
    """Say in a row what a site needs; None where other lines say it: runs that wait, locks."""
    without = {State.WAITING.value, State.QUEUED.value}
    if stand.lock is not None and ends_soon(stand.lock, now):
        without.add("locked")
    return row(stand, now, without)


def happened(facts: Facts, now: datetime) -> Text:
    """Say what happened since: runs by how they ended, Changes merged."""
    parts: list[Text] = []
    if facts.ended:
        ways = [f"{n:,} {state}" for state, n in sorted(facts.ended.items(), key=_order)]
        parts.append(f"{count(sum(facts.ended.values()), 'run')} ({', '.join(ways)})")
    if facts.merged:
        parts.append(f"{count(facts.merged, 'Change')} merged")
    if not parts:
        return ""
    return joined(f"Since {since_when(facts.since, now)}:", _listed(parts))


def _order(one: tuple[State, int]) -> int:
    return list(State).index(one[0])


def _listed(parts: Sequence[Text]) -> Text:
    shown: list[Text] = []
    for part in parts[:-1]:
        shown.append((*([part] if isinstance(part, str) else part), ","))
    return joined(*shown, parts[-1])


def failed(facts: Facts) -> Text:
    """Name the runs that ended badly."""
    named = [f"run {run.number} {asked_for(run)} at {run.site} {run.state}" for run in facts.failed]
    return joined("Ended badly:", some(named)) if named else ""


def not_deployed(undeployed: Undeployed) -> Text:
    """Name the sites whose Changes were merged and wait to be deployed."""
    known = listed(undeployed.sites, NAMED)
    unknown = listed(undeployed.unknown, NAMED)
    return joined(
        f"Merged and not deployed yet: {known}." if known else "",
        f"Whether what was merged is deployed I can't tell: {unknown}." if unknown else "",
    )


async def undeployed(desk: Desk, facts: Facts, found: Sequence[Stand]) -> Undeployed:
    """Find the sites of merged Changes at which nothing that has them succeeded since."""
    sites, unknown = [], []
    asked = 0
    for stand in found:
        merged = facts.merges.get(stand.site.name)
        if merged is None:
            continue
        last = stand.last
        if last is None or last.state is not State.SUCCEEDED:
            sites.append(stand.site.name)
        elif last.asked.at < merged:  # else it was asked for with all of it merged
            asked += 1
            touching = await _touching(desk, stand.site.name, last) if asked <= LOOKED_AT else None
            if touching is None:
                unknown.append(stand.site.name)
            elif touching:
                sites.append(stand.site.name)
    return Undeployed(tuple(sites), tuple(unknown))


async def _touching(desk: Desk, site: str, last: Run) -> int | None:
    try:
        return (await desk.sites.behind(site, last.revision.sha)).touching
    except (Unavailable, KeyError):  # it may have gone from the repository meanwhile
        return None


def ends_soon(lock: Lock, now: datetime) -> bool:
    """Whether a lock is told among those that end soon."""
    return lock.until - now <= SOON


def locks_ending(found: Sequence[Stand], now: datetime) -> Text:
    """Name the locks that end soon, whose they are and when."""
    locks = sorted((s.lock for s in found if s.lock), key=lambda lock: lock.until)
    soon: list[Text] = [
        (f"{lock.site} ({lock.by.login}, ", when(lock.until, now), ")")
        for lock in locks
        if ends_soon(lock, now)
    ]
    return joined("Locks about to end:", some(soon)) if soon else ""


def old(found: Sequence[Stand], now: datetime) -> Text:
    """Count the sites not deployed for long or ever, and name the oldest."""
    sites = [stand.site.name for stand in found if stand.site.hosts]
    lasts = {stand.site.name: stand.last for stand in found if stand.last is not None}
    seen = neglected(sites, lasts, now)
    if not seen.long:
        return f"Never deployed: {count(len(seen.never), 'site')}." if seen.never else ""
    site, at = seen.long[0]
    oldest = f"{site}, {duration(now - at)} ago"
    long = f"{count(len(seen.long), 'site')} for {LONG.days} days (the oldest: {oldest})"
    never = f", {len(seen.never):,} never" if seen.never else ""
    return f"Not deployed: {long}{never}."


async def beside(desk: Desk, facts: Facts) -> list[Text]:
    """Say what belongs to no site: findings, refused entries, rules that wait, schedules."""
    lines: list[Text] = []
    try:
        findings = await desk.sites.findings()
        if findings:
            lines.append(joined("Of no site:", some([told(one) for one in findings[:1]]),
                                f"and {len(findings) - 1} more" if len(findings) > 1 else ""))  # fmt: skip
        if refused := await desk.catalogue.findings():
            lines.append((f"Catalogue: {count(len(refused), 'fault')}: ", to_type("playbooks")))
        pending = await desk.rules.pending()
        if pending is not None:
            lines.append(f"Newer rules wait for an expert ({pending.revision.short}).")
    except Unavailable as away:
        lines.append(f"What stands beside the sites is unknown: {away.what} can't be read.")
    lines += [joined("Schedules:", quoted(what, 160).text) for what in facts.broken[:NAMED]]
    return lines
