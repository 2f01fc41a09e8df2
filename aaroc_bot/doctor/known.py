"""What the database knows of processes and schedules, and when each was seen or is due."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from aaroc_bot.clock import now
from aaroc_bot.core.clock import duration
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.turns import Process
from aaroc_bot.doctor.finding import Finding, ok, warning
from aaroc_bot.doctor.limiting import SECONDS
from aaroc_bot.settings import Settings
from aaroc_bot.store import processes, schedules
from aaroc_bot.store.database import Database
from aaroc_bot.store.moment import database_now
from aaroc_bot.store.schedules import Planned
from aaroc_bot.store.schema import is_current

PROCESSES, SCHEDULES = "Processes", "Schedules"

AWAY = timedelta(hours=1)
"""A worker that was not seen for longer is warned of: runs at its sites wait for it."""


async def examine_known(settings: Settings) -> Sequence[Finding]:
    """Tell what is known; nothing where the database cannot tell: its own check says why."""
    try:
        database = Database(settings.database_url)
    except ValueError:
        return []
    try:
        async with asyncio.timeout(SECONDS):
            if database.path is not None and not database.path.exists():
                return []
            if not await is_current(database):
                return []
            async with database.read() as connection:
                at = await database_now(connection, now)
                known = await processes.all_of(connection, settings.engine.lost, now)
                planned = await schedules.all_of(connection)
    except (Unavailable, TimeoutError):
        return []
    finally:
        await database.close()
    return [_processes(known, at), _schedules(list(planned.values()), at)]


def _processes(known: Sequence[Process], at: datetime) -> Finding:
    told = "; ".join(_process(one, at) for one in known) or "none was ever started"
    away = [one.name for one in known if one.worker and at - one.seen_at > AWAY]
    if away:
        do = f"start {', '.join(away)}, or `aaroc-bot worker --forget NAME` what is gone for good"
        return warning(PROCESSES, told, do)
    return ok(PROCESSES, told)


def _process(one: Process, at: datetime) -> str:
    kind = "worker" if one.worker else "bot"
    sites = f" of {', '.join(sorted(one.sites))}" if one.sites else ""
    return f"{one.name} ({kind}{sites}), seen {duration(at - one.seen_at)} ago"


def _schedules(planned: Sequence[Planned], at: datetime) -> Finding:
    return ok(SCHEDULES, "; ".join(_schedule(one, at) for one in planned) or "none is known")


def _schedule(one: Planned, at: datetime) -> str:
    if one.due > at:
        return f"{one.name}, due in {duration(one.due - at)}"
    return f"{one.name}, due since {duration(at - one.due)}"
