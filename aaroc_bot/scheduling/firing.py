"""Doing what is due: who moves the schedule on does it, in one transaction with its event."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.clock import duration
from aaroc_bot.core.message import Message
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.schedules import LATE, Schedule, Task
from aaroc_bot.cron import next_after
from aaroc_bot.store import schedules
from aaroc_bot.store.audit import append_in, head_in
from aaroc_bot.store.database import Database
from aaroc_bot.store.schedules import Planned

log = logging.getLogger(__name__)

QUIET = "quiet"
"""The state of a rendered card that has nothing to say (`Message.state`)."""

Render = Callable[[str, str, Mapping[str, Any]], Awaitable[Message]]
"""Card's name, subject and data in, the message as it should read now out."""


class Notices(Protocol):
    """What is needed of the outbox."""

    async def notice(
        self, connection: AsyncConnection, card: str, subject: str, data: Mapping[str, Any]
    ) -> None:
        """Have a short message posted once in the ROC channels."""
        ...

    def wake(self) -> None:
        """Say that rows were committed."""
        ...


class Firing:
    """Does what a schedule says, once for each time that it is due."""

    def __init__(
        self,
        *,
        database: Database,
        box: Notices,
        render: Render,
        refresh: Callable[[], Awaitable[None]],
        quiet: bool,
        now: Callable[[], datetime],
    ) -> None:
        """`refresh` looks at the repository; `quiet`: a digest with nothing to say is not said."""
        self._database = database
        self._box = box
        self._render = render
        self._refresh = refresh
        self._quiet = quiet
        self._now = now

    async def fire(self, schedule: Schedule, seen: Planned) -> bool:
        """Do what was due, however often it was missed, once; False: another did. Raises
        `Unavailable` with nothing done, so that it is done once the database is back.
        """
        now = self._now()
        data = {
            "name": schedule.name,
            "for": seen.due.isoformat(),
            "zone": schedule.zone,
            "made": now.isoformat() if now - seen.due > LATE else None,
        }
        match schedule.what:
            case Task.REFRESH:
                return await self._look(schedule, seen, now)
            case Task.DIGEST:
                said = not self._quiet or await self._says(schedule, await self._with(data))
            case Task.REMINDERS:
                said = await self._says(schedule, data)
        return await self._say(schedule, seen, data, now=now, said=said)

    async def _look(self, schedule: Schedule, seen: Planned, now: datetime) -> bool:
        async with self._database.write() as connection:
            if not await schedules.move(connection, seen, next_after(schedule, now)):
                return False
        log.info("%s", _outcome(schedule, seen, now))
        await self._refresh()
        return True

    async def _with(self, data: dict[str, Any]) -> dict[str, Any]:
        """Add what a digest is made from as it is now."""
        async with self._database.read() as connection:
            return await _since_and_head(connection, data)

    async def _says(self, schedule: Schedule, data: Mapping[str, Any]) -> bool:
        """Find out whether there is anything to say; where that cannot be told, it is said."""
        try:
            message = await self._render(schedule.what.value, schedule.name, data)
        except Unavailable:
            raise
        except Exception:
            log.exception("whether %s has something to say could not be told", schedule.name)
            return True
        return message.state != QUIET

    async def _say(
        self, schedule: Schedule, seen: Planned, data: dict[str, Any], *, now: datetime, said: bool
    ) -> bool:
        subject = f"{schedule.name} {seen.due.isoformat()}"
        async with self._database.write() as connection:
            if not await schedules.move(connection, seen, next_after(schedule, now)):
                return False
            if schedule.what is Task.DIGEST:
                data = await _since_and_head(connection, data)
                await schedules.note_digest(connection, schedule.name, now)
            if said:
                await self._box.notice(connection, schedule.what.value, subject, data)
            silent = "" if said else "; nothing to say"
            outcome = _outcome(schedule, seen, now) + silent
            await append_in(connection, Event(What.SYSTEM, now, outcome=outcome))
        self._box.wake()
        return True


async def _since_and_head(connection: AsyncConnection, data: dict[str, Any]) -> dict[str, Any]:
    """Add from when on a digest tells, and the record's end before its own event."""
    since = await schedules.digest_made(connection, data["name"])
    events, head = await head_in(connection)
    return {**data, "since": since and since.isoformat(), "events": events, "head": head}


def _outcome(schedule: Schedule, seen: Planned, now: datetime) -> str:
    late = f", {duration(now - seen.due)} late" if now - seen.due > LATE else ""
    due = f"{seen.due:%Y-%m-%d %H:%M} UTC"
    return f"{schedule.what} of the schedule {schedule.name} for {due}{late}"
