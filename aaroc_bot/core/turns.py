"""Whose turn it is: which waiting runs may go on now, and why the others may not.

Plain facts in, a verdict for each run out. Nobody overtakes an older run at the same site,
no two runs have a site at the same time, and what is away is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

BOTS, WORKERS = "bots", "workers"
"""The queue of sites that no worker is for, and that of workers which name no sites."""


def site_queue(site: str) -> str:
    """Give the queue of a site that workers name.

    >>> site_queue("ZA-UJ")
    'site ZA-UJ'
    """
    return f"site {site}"


@dataclass(frozen=True, slots=True)
class Process:
    """A bot or worker on this database. `sites` are those that it alone is for.

    None: it named none. `slots` is how many runs (and as many plans) it plays at the same
    time. `alive` is whether it gave a sign of life lately, `seen_at` when the last.
    """

    name: str
    worker: bool
    sites: frozenset[str] | None
    slots: int
    alive: bool
    seen_at: datetime


def queue_of(site: str, processes: Sequence[Process]) -> str:
    """Say which processes a site's runs are for: those that name it, else workers, else bots.

    Whether they are alive makes no difference: a site that only its worker can reach would
    be tried in vain by another.
    """
    workers = [p for p in processes if p.worker]
    if any(p.sites is not None and site in p.sites for p in workers):
        return site_queue(site)
    return WORKERS if any(p.sites is None for p in workers) else BOTS


def serves(process: Process, queue: str) -> bool:
    """Whether a process performs what is delivered to a queue."""
    if not process.worker:
        return queue == BOTS
    if process.sites is None:
        return queue == WORKERS
    return queue in {site_queue(site) for site in process.sites}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that is to be planned (`plan`), or that was approved and waits for its turn.

    `sites` are those it takes. `played` is whether its plan plays anything, which it must
    not while a run is under way there. `lasts` is the usual duration of such a run. `tried`:
    it was tried before, in vain: who was not goes first where there is not room for all plans.
    """

    number: int
    plan: bool
    played: bool
    site: str
    sites: frozenset[str]
    asked_by: int
    under_way: bool
    paused: bool
    lasts: timedelta | None
    tried: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a site: a run, since when, how long such a run usually takes.

    `free_at`: it was cut off on a machine that fell silent; by then nothing of it is alive.
    """

    run: int
    since: datetime
    lasts: timedelta | None
    free_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A lock by hand: whose (GitHub id and login) and until when."""

    person: int
    login: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What a look at the rows found. `running` are the sites at which runs are played now."""

    now: datetime
    waiting: Sequence[Waiting]
    running: Sequence[str]
    holders: Mapping[str, Holder]
    locks: Mapping[str, Kept]
    processes: Sequence[Process]


@dataclass(frozen=True, slots=True)
class Go:
    """A run may go on now, in a process of this queue."""

    number: int
    queue: str


@dataclass(frozen=True, slots=True)
class Stay:
    """A run waits; the reason is for people. `turn_at`: when its turn is likely to come."""

    number: int
    reason: str
    turn_at: datetime | None = None


def turns(facts: Facts) -> list[Go | Stay]:
    """Say of each waiting run that is not under way (oldest first) whether it may go on.

    One that is `paused` (it was tried a moment ago) gets no verdict; it keeps its place.
    """
    look = _Look(facts)
    found = []
    for one in sorted(facts.waiting, key=lambda w: (w.plan and w.tried, w.number)):
        verdict = look.plan(one) if one.plan else look.turn(one)
        if verdict is not None:
            found.append(verdict)
    return sorted(found, key=lambda verdict: verdict.number)


class _Look:
    """One pass over the waiting runs, and what it has given away so far."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._ahead: dict[str, int] = {}
        """By site, the last run before that waits for it: nobody overtakes it."""
        self._free = {site: _ends(holder, facts.now) for site, holder in facts.holders.items()}
        """When a site is likely to be free (None: not known); one that is not here is free."""
        self._given: dict[tuple[str, bool], int] = {}
        """How many runs, or plans, the processes of a queue have already."""
        for site in facts.running:
            self._give(site, plan=False)
        for one in facts.waiting:
            if one.under_way:
                self._give(one.site, plan=one.plan)

    def plan(self, one: Waiting) -> Go | Stay | None:
        """Give the verdict on one that is to be planned; it takes no site."""
        if one.under_way:
            return None
        held = min(one.sites & self._facts.holders.keys(), default=None)
        if held is not None and one.played:
            return self._behind(one, held)
        return self._room(one)

    def turn(self, one: Waiting) -> Go | Stay | None:
        """Give the verdict on one that was approved; those after it wait for its sites.

        One that a lock keeps from starting keeps nobody else: the lock's owner may go on.
        """
        if one.under_way:
            self._take(one, self._facts.now)
            return None
        if locked := self._locked(one):
            site, lock = locked
            until = f"{lock.until:%H:%M} UTC"
            return Stay(one.number, f"{site} is locked by {lock.login} until {until}")
        verdict = self._turn(one)
        match verdict:
            case Go():
                self._take(one, self._facts.now)
            case Stay(turn_at=turn_at):
                self._take(one, turn_at)
            case None:
                self._take(one, None)
        return verdict

    def _turn(self, one: Waiting) -> Go | Stay | None:
        if ahead := min(one.sites & self._ahead.keys(), default=None):
            reason = f"waits for run {self._ahead[ahead]} at {ahead}"
            return Stay(one.number, reason, self._likely(one))
        if held := min(one.sites & self._facts.holders.keys(), default=None):
            return self._behind(one, held)
        return self._room(one)

    def _locked(self, one: Waiting) -> tuple[str, Kept] | None:
        for site in sorted(one.sites & self._facts.locks.keys()):
            lock = self._facts.locks[site]
            if lock.person != one.asked_by:
                return site, lock
        return None

    def _behind(self, one: Waiting, site: str) -> Stay:
        holder = self._facts.holders[site]
        reason = f"waits for run {holder.run} at {site}"
        if holder.free_at is not None:
            reason = f"run {holder.run} was cut off at {site}, which is kept until it is over there"
        return Stay(one.number, reason, self._likely(one))

    def _likely(self, one: Waiting) -> datetime | None:
        """Say when all its sites are likely to be free; None where past runs do not tell."""
        moments = [self._free[site] for site in one.sites & self._free.keys()]
        known = [moment for moment in moments if moment is not None]
        return max(known) if known and len(known) == len(moments) else None

    def _take(self, one: Waiting, start: datetime | None) -> None:
        """Let whoever comes later wait for this one at each of its sites.

        `start` is when it is likely to begin; None: not known.
        """
        end = start + one.lasts if start is not None and one.lasts is not None else None
        for site in one.sites:
            self._ahead[site] = one.number
            self._free[site] = end

    def _room(self, one: Waiting) -> Go | Stay | None:
        """Find out whether a process that is for its site is there, and has room."""
        queue = queue_of(one.site, self._facts.processes)
        serving = [p for p in self._facts.processes if serves(p, queue)]
        there = [p for p in serving if p.alive]
        if not there:
            return Stay(one.number, _nobody(one.site, queue, serving))
        given = self._load(there, plan=one.plan)
        if given >= sum(p.slots for p in there):
            what = "plans are being made" if one.plan else "runs are under way"
            return Stay(one.number, f"waits: {given} {what}")
        if one.paused:
            return None
        self._give(one.site, plan=one.plan)
        return Go(one.number, queue)

    def _load(self, processes: Sequence[Process], *, plan: bool) -> int:
        """Count what these processes have already, whichever of their queues it came by."""
        return sum(
            count
            for (queue, plans), count in self._given.items()
            if plans is plan and any(serves(process, queue) for process in processes)
        )

    def _give(self, site: str, *, plan: bool) -> None:
        key = (queue_of(site, self._facts.processes), plan)
        self._given[key] = self._given.get(key, 0) + 1


def _ends(holder: Holder, now: datetime) -> datetime | None:
    """Say when it is likely to end; of one that takes longer than usual nothing is known."""
    if holder.free_at is not None:
        return holder.free_at
    end = None if holder.lasts is None else holder.since + holder.lasts
    return end if end is not None and end > now else None


def _nobody(site: str, queue: str, serving: Sequence[Process]) -> str:
    """Say that no process is there, and which one was last."""
    if not serving:  # bots alone ask, so one is alive; this one is about to be
        return "no bot has begun to play runs yet"
    last = max(serving, key=lambda p: p.seen_at)
    whose = "no bot" if queue == BOTS else f"no worker for {site}"
    return f"{whose} is there: {last.name} was last seen {last.seen_at:%d %b %H:%M} UTC"
