"""The report of all sites: on its days to the ROC channels, and whenever somebody types it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aaroc_bot.commands import (
    FIRST,
    Call,
    Desk,
    Effect,
    Facts,
    Message,
    Right,
    Table,
    Text,
    Unavailable,
    card,
    command,
    day_of,
    duration,
    short_head,
    since_when,
    when,
)

from ._digest import (
    beside,
    failed,
    happened,
    locks_ending,
    needing_row,
    needs_somebody,
    not_deployed,
    old,
    undeployed,
    waiting,
)
from ._digest import some as some_of
from ._lists import Row
from ._sites import QUIET, Stand, counted, stands
from ._wording import count, joined, to_type

ROWS = 6
"""Sites that need somebody and are shown; the others are counted."""


@dataclass(frozen=True, slots=True)
class _About:
    """What one digest is about: its title, since when it tells, and the record's end."""

    title: Text
    since: datetime
    events: int
    head: str


@command(
    "digest",
    right=Right.MEMBER,
    effect=Effect.READS,
    help="Show how all sites stand and what happened since the last digest.",
)
async def digest(call: Call) -> Message:
    """Tell now what the next digest would."""
    since = await call.digests.last() or call.now - FIRST
    events, head = await call.record.head()
    title = f"Digest, {day_of(call.now.date())}"
    return await _digest(call, _About(title, since, events, head))


@card("digest")
async def scheduled(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell how all sites stand; its state is `quiet` where there is nothing to say."""
    due = datetime.fromisoformat(data["for"])
    since = datetime.fromisoformat(data["since"]) if data["since"] else due - FIRST
    title = f"Digest, {_day(data)}"
    about = _About(joined(title, _late(desk, data)), since, data["events"], data["head"])
    return await _digest(desk, about)


@card("reminders")
async def reminders(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell what waits for whom; its state is `quiet` where nothing does."""
    found = await waiting(desk, await desk.runs.active(), await desk.digests.facts(desk.clock()))
    if not found:
        return Message("Nothing waits for anybody.", state=QUIET)
    waits = "1 thing waits" if len(found) == 1 else f"{len(found):,} things wait"
    title = joined(f"{_day(data)}:" if not data["made"] else f"{_day(data)}", _late(desk, data))
    shown = found[:ROWS]
    more: Text = f"{len(found) - ROWS:,} more." if len(found) > ROWS else ""
    look: Text = ("To look: ", to_type("runs"), " · ", to_type("status"))
    return Message(
        joined(title, f"{waits} for somebody"), lines=tuple(shown), notes=(joined(more, look),)
    )


def _day(data: Mapping[str, Any]) -> str:
    due = datetime.fromisoformat(data["for"])
    return day_of(due.astimezone(ZoneInfo(data["zone"])).date())


def _late(desk: Desk, data: Mapping[str, Any]) -> Text:
    """Say for when it was, where it comes late: nobody could send it then."""
    if not data["made"]:
        return ""
    due, made = (datetime.fromisoformat(data[key]) for key in ("for", "made"))
    return ("(for ", when(due, made), f", {duration(made - due)} late)")


async def _digest(desk: Desk, about: _About) -> Message:
    facts = await desk.digests.facts(about.since)
    try:
        found = await stands(desk)
    except Unavailable as away:
        return await _without_sites(desk, about, facts, away)
    now = desk.clock()
    lacking = await undeployed(desk, facts, found)
    waits = await waiting(desk, await desk.runs.active(), facts)
    urgent = (
        joined("Waiting:", some_of(waits)) if waits else "",
        happened(facts, now),
        failed(facts),
        not_deployed(lacking),
        locks_ending(found, now),
        *await beside(desk, facts),
    )
    lines = tuple(line for line in urgent if line)
    if not lines and all(stand.word(now) == QUIET for stand in found):
        return _quiet(about, found, now)
    needing = [stand for stand in found if needs_somebody(stand, now)]
    rows = [told for stand in needing if (told := needing_row(stand, now)) is not None]
    return Message(
        _headline(about, found, needing),
        lines=(f"{counted(found, now)}.", *lines) if found else lines,
        table=Table((), tuple(rows[:ROWS])) if rows else None,
        notes=tuple(filter(None, (_more(rows), old(found, now), _record(about)))),
    )


def _headline(about: _About, found: Sequence[Stand], needing: Sequence[Stand]) -> Text:
    need = f"{len(needing):,} {'needs' if len(needing) == 1 else 'need'} somebody"
    told = need if needing else "nobody is needed at any"
    return _titled(about, f"{count(len(found), 'site')}, {told}")


def _titled(about: _About, rest: str) -> Text:
    title = (about.title,) if isinstance(about.title, str) else about.title
    return (*title, f": {rest}")


def _quiet(about: _About, found: Sequence[Stand], now: datetime) -> Message:
    since = f"quiet since {since_when(about.since, now)}"
    sites = f"All {count(len(found), 'site')} {since}." if len(found) != 1 else f"1 site {since}."
    return Message(joined(sites, _record(about)), state=QUIET)


def _more(rows: Sequence[Row]) -> Text:
    more = len(rows) - ROWS
    return (f"{count(more, 'site')} more: ", to_type("status")) if more > 0 else ""


def _record(about: _About) -> str:
    return f"Record: {count(about.events, 'event')}, head {short_head(about.head)}."


async def _without_sites(desk: Desk, about: _About, facts: Facts, away: Unavailable) -> Message:
    """Tell what is known while the repository cannot be read."""
    now = desk.clock()
    waits = await waiting(desk, await desk.runs.active(), facts)
    lines = (
        joined("Waiting:", some_of(waits)) if waits else "",
        happened(facts, now),
        failed(facts),
    )
    return Message(
        _titled(about, f"how the sites stand is unknown, {away.what} can't be read"),
        lines=tuple(filter(None, lines)),
        notes=(_record(about),),
    )
