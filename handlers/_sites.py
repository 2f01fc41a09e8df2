"""How a site stands: what there is to say of it, most urgent first, each with its word."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from aaroc_bot.commands import (
    Call,
    Desk,
    Executing,
    Finding,
    Lock,
    Refusal,
    Run,
    Site,
    State,
    Text,
    Unavailable,
    duration,
    quoted,
    when,
)

from ._lists import Row
from ._wording import count, joined, to_type

QUIET = "quiet"
IN_PART = "in part"
ENDED_BADLY = {State.FAILED, State.UNREACHABLE, State.INTERRUPTED}
GOING_ON = frozenset({"locked", "described twice"})
"""Words whose meaning goes on in the same breath: locked by whom; after others is a colon."""
UNDER_WAY = (State.RUNNING, State.WAITING, State.QUEUED, State.PLANNING)
"""States of runs that have not ended, the most telling first."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What is known of one site: how it is described, what waits or runs, what ran last.

    `last` is of an entry that changes; `outcome` what the newest run of any entry came to.
    """

    site: Site
    active: Sequence[Run] = ()
    last: Run | None = None
    outcome: Run | None = None
    lock: Lock | None = None
    unaccepted: Sequence[Executing] = ()

    def facts(self, now: datetime) -> list[tuple[str, Text]]:
        """Give what is out of the ordinary, most urgent first: a word, and what it means here."""
        return list(_facts(self, now))

    def word(self, now: datetime) -> str:
        """Say in a word how it stands: that of the first fact, else quiet."""
        return next((word for word, _ in _facts(self, now)), QUIET)


async def site_named(call: Call, name: str) -> Site:
    """Give a site. It may have gone from the repository since its name was understood."""
    for site in await call.sites.all():
        if site.name == name:
            return site
    raise Refusal(f"No site {name} is described any more.", ("All: ", to_type("sites")))


def decides(call: Call) -> bool:
    """Whether the speaker may decide as an expert, so that such a command may be suggested."""
    standing = call.standing
    new = standing.decides_from is not None
    return bool(standing.expert) and standing.fresh and not standing.bounded and not new


def no_expert(call: Call) -> bool:
    """Whether it is known that the speaker does not decide as an expert."""
    return call.standing.expert is False or call.standing.bounded


async def to_look(call: Call, site: str) -> Text:
    """Say how to look at a site, or at the runs where it is described no more."""
    try:
        known = any(one.name == site for one in await call.sites.all())
    except Unavailable:
        known = False
    return ("To look: ", to_type(f"status {site}" if known else "runs"), ".")


async def stands(desk: Desk, only: str | None = None) -> list[Stand]:
    """Say how the sites stand, by name; only one of them if named."""
    active: dict[str, list[Run]] = {}
    for run in await desk.runs.active():
        active.setdefault(run.site, []).append(run)
    lasts, outcomes = await desk.runs.lasts(), await desk.runs.outcomes()
    locks = await desk.locks.current()
    return [
        Stand(
            site,
            active.get(site.name, ()),
            lasts.get(site.name),
            outcomes.get(site.name),
            locks.get(site.name),
            await desk.rules.unaccepted(site.name) if site.executing else (),
        )
        for site in sorted(await desk.sites.all(), key=lambda site: site.name.casefold())
        if only in (None, site.name)
    ]


def row(stand: Stand, now: datetime, without: Container[str] = ()) -> Row | None:
    """Say how a site stands in one row, each further fact after a dot; None for a quiet one.

    Facts whose words are in `without` are told elsewhere.
    """
    facts = [(word, what) for word, what in stand.facts(now) if word not in without]
    if not facts:
        return None
    (word, first), *more = facts
    others = [
        joined("·", other if other in GOING_ON else f"{other}:", what) for other, what in more
    ]
    return (stand.site.name, word, joined(first, *others))


def counted(found: Iterable[Stand], now: datetime) -> str:
    """Count sites by their word, quiet ones first: ``8 quiet · 1 running``."""
    words = Counter(stand.word(now) for stand in found)
    quiet = words.pop(QUIET, 0)
    told = [f"{quiet} {QUIET}"] if quiet else []
    shown = {IN_PART: "read in part"}
    return " · ".join(told + [f"{n} {shown.get(word, word)}" for word, n in words.most_common()])


def _facts(stand: Stand, now: datetime) -> Iterator[tuple[str, Text]]:
    site, lock = stand.site, stand.lock
    for state in UNDER_WAY:
        for run in stand.active:
            if run.state is state:
                yield state.value, _waits_for_lock(run, lock) or under_way(run, now)
    if site.broken:
        yield "broken", _first(site.findings, "its description can't be read")
    yield from _ended_badly(stand, now)
    if site.claimed_by is not None:
        yield "described twice", f"by {site.inventory} and {site.claimed_by}; nothing can be run"
    if stand.unaccepted:
        lines = count(len(stand.unaccepted), "line")
        verb = "executes" if len(stand.unaccepted) == 1 else "execute"
        yield "not accepted", f"{lines} of its variables {verb}; nothing can be run"
    if site.partial and not site.broken:
        yield IN_PART, _first(site.findings, "a file of its description was left out")
    if lock is not None:
        yield "locked", locked(lock, now)


def _ended_badly(stand: Stand, now: datetime) -> Iterator[tuple[str, Text]]:
    """Tell what ended badly: a run that only reads too, until any run goes well after it.

    What a failed deploy left at a site a later ping does not mend, so that stays told.
    """
    ended = {run.number: run for run in (stand.outcome, stand.last) if run is not None}
    for run in ended.values():
        if run.state in ENDED_BADLY:
            yield run.state.value, f"run {run.number}, {asked_for(run)}, {ago(run, now)}"


def _waits_for_lock(run: Run, lock: Lock | None) -> Text:
    """Say of a run that waits for the site's lock no more than that: the lock stands beside it."""
    if lock is None or not run.reason.startswith(f"{lock.site} is locked by "):
        return ""
    return f"run {run.number}, {asked_for(run)}, waits for the lock"


def under_way(run: Run, now: datetime) -> Text:
    """Say what a run does that has not ended: ``run 15, deploy site-bdii, task 3 of 11``."""
    text = f"run {run.number}, {asked_for(run)}"
    match run.state:
        case State.RUNNING if run.progress is not None:
            of = f" of {run.progress.tasks}" if run.progress.tasks else ""
            return f"{text}, task {run.progress.task}{of}"
        case State.WAITING:
            return f"{text}, for {whom(run)} for {duration(now - run.changed_at)}"
    return f"{text}, {run.reason}" if run.reason else text


def whom(run: Run) -> str:
    """Say how many experts have to agree yet to a run that waits."""
    left = run.needed - len(run.approvals)
    return "an expert" if left <= 1 else f"{left} experts"


def asked_for(run: Run) -> str:
    """Say what a run is, without its site: ``deploy site-bdii``, ``plan site-bdii``."""
    return f"{'plan' if run.plan_only else run.verb} {run.word}"


def ago(run: Run, now: datetime) -> str:
    """Say how long ago a run ended: ``2 days ago``."""
    return f"{duration(now - (run.ended_at or run.changed_at))} ago"


def locked(lock: Lock, now: datetime) -> Text:
    """Say by whom a site is locked, until when, and why."""
    left = duration(lock.until - now)
    until: Text = (f"by {lock.by.login} until ", when(lock.until, now), f", {left} left")
    return (*until, ": ", quoted(lock.reason)) if lock.reason else (*until, ", no reason given")


def also_typed(site: Site) -> list[str]:
    """Give the other names worth typing: not that of the inventory's file, which also does."""
    file = site.inventory.rpartition("/")[2]
    return [alias for alias in site.aliases if not alias.startswith(file)]


def where(finding: Finding | Executing) -> str:
    """Say where something stands: ``Ansible/group_vars/za-uj.yml:2``."""
    return f"{finding.path}:{finding.line}" if finding.line else finding.path


def _first(findings: Sequence[Finding], otherwise: str) -> str:
    if not findings:
        return otherwise
    more = f"; {len(findings) - 1} more" if len(findings) > 1 else ""
    return f"{where(findings[0])} {findings[0].what}{more}"
