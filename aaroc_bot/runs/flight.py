"""A play under way: its wish to stop, its signs of life, its progress on the card.

A sign of life is first committed and then passed on to what plays. So once the database has
not seen this process for the dead-man's limit, nothing that it started is alive.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update

from aaroc_bot.core.plan import Progress
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.run import Run, State
from aaroc_bot.execution import Ending, Job, moment
from aaroc_bot.process import new_mark
from aaroc_bot.repo.export import Export
from aaroc_bot.runs.attempts import note_process, note_seen
from aaroc_bot.runs.needs import Needs
from aaroc_bot.runs.rows import PROGRESS, text
from aaroc_bot.store.tables import runs

logger = logging.getLogger(__name__)

LOOK = 0.25
"""Seconds between looks at the row for a wish to end (another process may have put it)."""

TELL = 1.0
"""Seconds between two changes of the card, at least."""


class GivenUp(Exception):
    """The attempt was given up before anything started: its process was taken for dead."""


def at_task(progress: Progress | None) -> str:
    """Say where a play that was cut off had come to."""
    if progress is None:
        return "before its first task was seen"
    of = f" of {progress.tasks}" if progress.tasks else ""
    return f"at task {progress.task}{of} ({progress.name})"


@dataclass(slots=True)
class Flight:
    """One attempt of one run in this process. `state` is the row's while it is played."""

    number: int
    state: State
    stop: asyncio.Event
    attempt: int = 0
    mark: str = field(default_factory=new_mark)
    signs: asyncio.Queue[float] = field(default_factory=asyncio.Queue)
    latest: Progress | None = None
    planned: int | None = None
    """Tasks that the plan met: what the run is likely to meet."""

    async def play(
        self, needs: Needs, run: Run, exported: Export, folder: Path, limit: timedelta
    ) -> Ending:
        """Play it, in check mode while it is planned, within `watched`. Raises `GivenUp`."""
        self.planned = run.plan.tasks if run.plan and run.plan.played else None
        job = Job(
            run=run.number,
            attempt=self.attempt,
            mark=self.mark,
            folder=folder,
            project=exported.project,
            inventory=exported.inventory,
            playbook=exported.playbook,
            check=self.state is State.PLANNING,
            parameters=run.parameters,
            time_limit=limit,
            ssh_key=needs.keys.ssh_key(run.site),
            vault_password=needs.keys.vault_password(run.site),
            known_hosts=needs.keys.known_hosts,
            local_hosts=needs.keys.local_hosts,
            silence=needs.limit,
        )

        async def started(pid: int, ticks: int) -> None:
            at, now = moment(), needs.moves.now
            async with needs.database.write() as connection:
                if not await note_process(
                    connection, self.number, self.attempt, pid=pid, started=ticks, now=now
                ):
                    raise GivenUp
            self.signs.put_nowait(at)

        return await needs.play(
            job,
            started=started,
            progress=self._take,
            stop=self.stop,
            signs=self.signs,
            redact=needs.moves.redact,
        )

    def _take(self, progress: Progress) -> None:
        known = self.planned is not None and progress.task <= self.planned
        self.latest = replace(progress, tasks=self.planned if known else progress.tasks)

    @contextlib.asynccontextmanager
    async def watched(self, needs: Needs) -> AsyncIterator[None]:
        """Give signs of life meanwhile, tell the progress, and look whether it is to end."""
        watching = asyncio.create_task(self._watch(needs))
        try:
            yield
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching

    async def _watch(self, needs: Needs) -> None:
        shown: Progress | None = None
        unseen = False
        told = signed = moment()
        while True:
            await asyncio.sleep(LOOK)
            try:
                if moment() - signed >= needs.heartbeat.total_seconds():
                    signed = await self._sign(needs)
                if not await self._is_ours(needs):
                    self.stop.set()
                if not self.stop.is_set() and self.latest != shown and moment() - told >= TELL:
                    shown, told = self.latest, moment()
                    await self._tell(needs)
            except Unavailable as problem:
                if not unseen:
                    logger.warning("run %s goes on unseen: %s is away", self.number, problem.what)
                unseen = True
            except Exception:
                logger.exception("the watch over run %s stumbled", self.number)
            else:
                if unseen:
                    logger.info("run %s is seen again", self.number)
                unseen = False

    async def _sign(self, needs: Needs) -> float:
        """Write a sign of life, then pass it on; give when it was begun."""
        at = moment()
        async with needs.database.write() as connection:
            living = await note_seen(connection, self.number, self.attempt, needs.moves.now)
        if living:
            self.signs.put_nowait(at)
        else:
            self.stop.set()
        return at

    async def _is_ours(self, needs: Needs) -> bool:
        """Whether the row still says this attempt, and nobody wishes it to end."""
        query = select(runs.c.state, runs.c.attempt, runs.c.cancelling_by)
        async with needs.database.read() as connection:
            row = (await connection.execute(query.where(runs.c.number == self.number))).one()
        mine = row.state == self.state.value and row.attempt == self.attempt
        return mine and row.cancelling_by is None

    async def _tell(self, needs: Needs) -> None:
        async with needs.database.write() as connection:
            changed = await connection.execute(
                update(runs)
                .where(
                    runs.c.number == self.number,
                    runs.c.attempt == self.attempt,
                    runs.c.state == self.state.value,
                )
                .values(progress=text(PROGRESS, self.latest))
            )
            if changed.rowcount:
                await needs.moves.cards.bump(connection, "run", str(self.number))
        needs.moves.cards.wake()
