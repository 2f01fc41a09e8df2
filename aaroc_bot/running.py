"""Runs of a process, put together: what they are performed with, and the engine of a bot."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.clock import now
from aaroc_bot.core.fitness import unfit
from aaroc_bot.core.turns import BOTS, Process
from aaroc_bot.engine.engine import Engine, Silence
from aaroc_bot.engine.here import Here
from aaroc_bot.engine.jobs import Jobs
from aaroc_bot.engine.seam import Deliverer, Perform
from aaroc_bot.engine.signs import Signs
from aaroc_bot.outside import Outside
from aaroc_bot.runs.expiry import expire
from aaroc_bot.runs.keys import Keys
from aaroc_bot.runs.locks import SiteLocks
from aaroc_bot.runs.moves import Moves
from aaroc_bot.runs.needs import Fit, Judge, Needs
from aaroc_bot.runs.reminding import remind, warn_of_locks
from aaroc_bot.runs.voiding import Voiding
from aaroc_bot.settings import Settings, SettingsFault
from aaroc_bot.store import processes
from aaroc_bot.store.database import Database
from aaroc_bot.store.schema import is_current


def process_name(settings: Settings) -> str:
    """Give the name of this process, as set or the host's."""
    return settings.engine.name or socket.gethostname()


def database_of(settings: Settings) -> Database:
    """Give the database that is set, not opened yet. Raises `SettingsFault`."""
    try:
        return Database(settings.database_url)
    except ValueError as problem:
        raise SettingsFault([f"AAROC_DATABASE: {problem}."]) from None


async def must_be_current(database: Database) -> None:
    """Raise `SettingsFault` where the tables are another version's; then it is closed."""
    try:
        if not await is_current(database):
            raise SettingsFault(["The database's tables are not up to date: aaroc-bot migrate."])
    except BaseException:
        await database.close()
        raise


def performing(
    settings: Settings, database: Database, world: Outside, moves: Moves, name: str
) -> Needs | None:
    """Give what runs are performed with; None where no DevOps repository is configured."""
    if world.repository is None or world.exports is None:
        return None
    return Needs(
        database=database,
        moves=moves,
        repository=world.repository,
        exports=world.exports,
        fit=_fit(world),
        keys=_keys(settings),
        folder=_workplaces(settings, name),
        name=name,
        heartbeat=settings.engine.heartbeat,
        limit=settings.engine.limit,
        parallel=settings.limits.parallel_runs,
    )


def engine(
    settings: Settings,
    needs: Needs,
    world: Outside,
    locks: SiteLocks,
    *,
    bell: asyncio.Event,
    signs: Signs,
) -> Engine:
    """Put a bot's engine together; `bell` rings when there may be something to do.

    `signs` are the bot's signs of life.
    """
    assert world.repository is not None and world.exports is not None  # there are `needs`
    database, moves = needs.database, needs.moves
    judge = Judge(
        database=database,
        moves=moves,
        people=world.people,
        catalogue=world.catalogue,
        repository=world.repository,
        exports=world.exports,
        fit=needs.fit,
    )
    slots = settings.limits.parallel_runs

    def delivery(perform: Perform, ended: Callable[[], None]) -> Deliverer:
        if database.path is not None:
            return Here(perform, ended)
        return Jobs(
            settings.database_url,
            perform,
            [BOTS],
            slots,
            heartbeat=settings.engine.heartbeat,
            lost=settings.engine.lost,
        )

    async def living(connection: AsyncConnection) -> Sequence[Process]:
        return await processes.all_of(connection, settings.engine.lost, now)

    return Engine(
        needs,
        judge,
        locks=locks,
        delivery=delivery,
        processes=living,
        bell=bell,
        silence=Silence(settings.engine.lost, settings.engine.free),
        first=_first(settings, judge, locks),
        well_since=signs.well_since,
    )


def signs(settings: Settings, database: Database, name: str) -> Signs:
    """Give a bot's signs of life."""
    return Signs(
        database,
        name,
        worker=False,
        sites=None,
        slots=settings.limits.parallel_runs,
        every=settings.engine.heartbeat,
        now=now,
    )


def _first(
    settings: Settings, judge: Judge, locks: SiteLocks
) -> Sequence[Callable[[], Awaitable[object]]]:
    """Give what each round does first: end what is over or void, and remind before."""
    database, moves, voiding = judge.database, judge.moves, Voiding(judge)

    async def end_waits() -> None:
        await expire(database, moves, moves.now())

    return (
        end_waits,
        locks.end_over,
        partial(remind, database, moves, settings.policy.reminder),
        partial(warn_of_locks, database, moves),
        voiding.step,
    )


def _fit(world: Outside) -> Fit:
    async def fit(name: str) -> str | None:
        site = next((site for site in await world.sites.all() if site.name == name), None)
        if site is None:
            return f"{name} is no longer described in the repository"
        return unfit(site, await world.rules.unaccepted(name))

    return fit


def _keys(settings: Settings) -> Keys:
    ansible = settings.ansible
    return Keys(
        ansible.ssh_key_file,
        ansible.ssh_key_dir,
        ansible.vault_password_file,
        ansible.vault_password_dir,
        ansible.known_hosts_file,
        ansible.local_hosts,
    )


def _workplaces(settings: Settings, name: str) -> Path:
    """Give the private folder of a process: another's may be in use in the same state folder."""
    return settings.state_dir / "runs" / f"of {quote(name, safe='')}"
