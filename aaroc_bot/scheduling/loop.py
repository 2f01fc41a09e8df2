"""The loop: rows follow what settings and accepted rules say, and what is due is done."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.schedules import Schedule
from aaroc_bot.cron import next_after
from aaroc_bot.scheduling.firing import Firing
from aaroc_bot.scheduling.wanted import Wanted
from aaroc_bot.store import schedules
from aaroc_bot.store.database import Database
from aaroc_bot.store.schedules import Planned

log = logging.getLogger(__name__)


class Scheduling:
    """Looks every second. Several may: each time that something is due, one of them does it."""

    def __init__(
        self,
        *,
        database: Database,
        wanted: Wanted,
        firing: Firing,
        now: Callable[[], datetime],
        every: float = 1.0,
    ) -> None:
        """`every`: seconds between looks."""
        self._database = database
        self._wanted = wanted
        self._firing = firing
        self._now = now
        self._every = every

    async def run(self) -> None:
        """Look until cancelled, whatever is away."""
        while True:
            try:
                await self.step()
            except Unavailable as away:
                log.warning("%s is away; what is due waits", away.what)
            except Exception:
                log.exception("the look at what is due stumbled")
            await asyncio.sleep(self._every)

    async def step(self) -> None:
        """Look once. What fails leaves the others as they are; raises `Unavailable`."""
        wanted, whole = await self._all()
        known = await self._followed(wanted, whole=whole)
        now = self._now()
        for name, seen in known.items():
            schedule = wanted.get(name)
            if schedule is None or schedule.terms != seen.terms or seen.due > now:
                continue
            try:
                await self._firing.fire(schedule, seen)
            except Unavailable:
                raise
            except Exception:
                log.exception("the schedule %s stumbled", name)

    async def _all(self) -> tuple[Mapping[str, Schedule], bool]:
        """Give what is wanted, and whether that is all: rules that cannot be read may say more."""
        try:
            return await self._wanted.all(), True
        except Unavailable as away:
            log.debug("%s is away; its schedules wait", away.what)
            return self._wanted.own, False

    async def _followed(
        self, wanted: Mapping[str, Schedule], *, whole: bool
    ) -> Mapping[str, Planned]:
        """Have the rows say what is wanted, and give them. Without a change nothing is written."""
        async with self._database.read() as connection:
            known = await schedules.all_of(connection)
        now = self._now()
        stale = [n for n, one in wanted.items() if _is_stale(one, known.get(n), now)]
        gone = [n for n in known if n not in wanted] if whole else []
        if not stale and not gone:
            return known
        async with self._database.write() as connection:
            for name in stale:
                one, due = wanted[name], next_after(wanted[name], now)
                if name in known:
                    await schedules.change(connection, known[name], one, due)
                else:
                    await schedules.add(connection, one, due)
            for name in gone:
                await schedules.remove(connection, known[name])
            return await schedules.all_of(connection)


def _is_stale(one: Schedule, known: Planned | None, now: datetime) -> bool:
    """Whether a row does not say what is wanted, or is later than it can be.

    It is too late where a clock was put forward for a while.
    """
    return known is None or known.terms != one.terms or known.due > next_after(one, now)
