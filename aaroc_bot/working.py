"""A worker, put together: it performs runs near the sites that it is for, and nothing else.

It has no chat and asks GitHub nothing: who may do what the bots have found out before a run
is delivered. What it plays it reads from its own mirror.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aaroc_bot.clock import now
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.lexicon import key
from aaroc_bot.core.ports import Sites, Unavailable
from aaroc_bot.core.turns import WORKERS, site_queue
from aaroc_bot.engine.jobs import Jobs
from aaroc_bot.engine.performing import Performer
from aaroc_bot.engine.signs import Signs
from aaroc_bot.outside import Outside, outside
from aaroc_bot.own_secrets import own_secrets
from aaroc_bot.redacting import Redacting
from aaroc_bot.running import database_of, must_be_current, performing, process_name
from aaroc_bot.runs.moves import Moves
from aaroc_bot.runs.needs import Needs
from aaroc_bot.runs.recovery import recover
from aaroc_bot.settings import Settings, SettingsFault
from aaroc_bot.standing import StandingCards
from aaroc_bot.store import processes
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.database import Database
from aaroc_bot.store.github_answers import GitHubAnswers
from aaroc_bot.store.presence import Presence

log = logging.getLogger(__name__)

REFRESH = 15.0
"""Seconds between looks at the DevOps repository."""

AGAIN = 1.0
"""Seconds until the database is tried again at the start."""


@dataclass(frozen=True)
class WorkerProcess:
    """A worker under its `name`; `sites` are those that it alone is for (None: it names none)."""

    name: str
    sites: tuple[str, ...] | None
    presence: Presence
    _needs: Needs
    _jobs: Jobs
    _signs: Signs

    async def live(self) -> None:
        """Settle what an earlier process of this name left, then perform until cancelled."""
        await self._recover()
        await self._signs.begin()
        async with asyncio.TaskGroup() as group:
            for work in (self.presence.keep, self._signs.run, self._jobs.run, self._keep_fresh):
                group.create_task(work())

    async def _recover(self) -> None:
        while True:
            try:
                await recover(self._needs)
                return
            except Unavailable as away:
                log.warning("the worker cannot begin: %s does not answer", away.what)
                await asyncio.sleep(AGAIN)

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH)
            try:
                await self._needs.repository.refresh()
            except Unavailable as away:
                log.warning("%s does not answer", away.what)
            except Exception:
                log.exception("the look at the DevOps repository failed")


@asynccontextmanager
async def opened_worker(settings: Settings, named: str | None) -> AsyncIterator[WorkerProcess]:
    """Put a worker together for the sites `named` (``ZA-UJ,ZA-UFS``; None: no site's own).

    Raises `SettingsFault` and `Unavailable`.
    """
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = await _database(settings)
    answers = GitHubAnswers(database)
    presence = None
    try:
        name = process_name(settings)
        presence = Presence(database, name)
        redacting = Redacting(own_secrets(settings))
        world = outside(settings, database, answers, redacting.know)
        moves = Moves(
            StandingCards(now),
            redacting.text,
            now,
            settings.policy.approval_time,
            settings.policy.start_time,
        )
        yield await _put_together(settings, database, world, moves, presence=presence, named=named)
    finally:
        if presence is not None:
            await presence.close()
        await answers.settle()
        await database.close()


async def forget_worker(settings: Settings, name: str, operator: str) -> str:
    """Forget a worker that is gone, so that its sites' runs are for others; say what was done.

    Raises `SettingsFault`, also where there is no such worker or it lives, and `Unavailable`.
    """
    database = await _database(settings)
    try:
        async with database.write() as connection:
            gone = await processes.forget(connection, name, settings.engine.lost, now)
            if gone:
                event = Event(
                    What.SYSTEM, now(), operator=operator, outcome=f"forgot worker {name}"
                )
                await append_in(connection, event)
    finally:
        await database.close()
    if gone is None:
        raise SettingsFault([f"No worker called {name} is known."])
    if not gone:
        raise SettingsFault([f"{name} is alive: end it first."])
    return f"Forgot {name}: runs at its sites are for the other workers, or the bots, from now on."


async def _put_together(
    settings: Settings,
    database: Database,
    world: Outside,
    moves: Moves,
    *,
    presence: Presence,
    named: str | None,
) -> WorkerProcess:
    name = process_name(settings)
    needs = performing(settings, database, world, moves, name)
    if needs is None:
        raise SettingsFault(["A worker needs the DevOps repository: set AAROC_REPOSITORY."])
    await needs.repository.refresh()
    sites = None if named is None else await _named(world.sites, named)
    slots, beat = settings.limits.parallel_runs, settings.engine.heartbeat
    queues = [WORKERS] if sites is None else [site_queue(site) for site in sites]
    return WorkerProcess(
        name=name,
        sites=sites,
        presence=presence,
        _needs=needs,
        _jobs=Jobs(
            settings.database_url,
            Performer(needs).perform,
            queues,
            slots,
            heartbeat=beat,
            lost=settings.engine.lost,
        ),
        _signs=Signs(database, name, worker=True, sites=sites, slots=slots, every=beat, now=now),
    )


async def _named(sites: Sites, named: str) -> tuple[str, ...]:
    """Give the names of the sites that were typed by name or alias; an unknown one is a fault."""
    known = await sites.all()
    found: dict[str, None] = {}
    for typed in filter(None, (part.strip() for part in named.split(","))):
        same = [s.name for s in known if key(s.name) == key(typed)]
        same = same or [s.name for s in known if key(typed) in map(key, s.aliases)]
        if len(same) != 1:
            names: Sequence[str] = sorted(site.name for site in known)
            problem = "is no site" if not same else f"may be {' or '.join(sorted(same))}"
            raise SettingsFault([f"{typed} {problem}. There are: {', '.join(names) or 'none'}."])
        found[same[0]] = None
    if not found:
        raise SettingsFault(["--sites names no site: write --sites ZA-UJ,ZA-UFS, or leave it out."])
    return tuple(found)


async def _database(settings: Settings) -> Database:
    database = database_of(settings)
    if database.path is not None:
        await database.close()
        raise SettingsFault(
            ["A worker and its bots need one PostgreSQL: set AAROC_DATABASE (postgresql://…)."]
        )
    await must_be_current(database)
    return database
