"""A play under way: its wish to stop, its signs of life, its progress on the card."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from aaroc_bot.core.plan import Progress
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.run import Run, State
from aaroc_bot.execution import Ending, Job
from aaroc_bot.process import new_mark
from aaroc_bot.repo.export import Export
from aaroc_bot.runs.attempts import note_process, note_seen
from aaroc_bot.runs.needs import Needs
from aaroc_bot.runs.rows import PROGRESS, text
from aaroc_bot.store.tables import runs

logger = logging.getLogger(__name__)

LOOK = 0.25
"""Seconds between looks at the row for a wish to end (another process may have put it)."""

TELL = timedelta(seconds=1)
"""Between two changes of the card, at least."""

SIGN = timedelta(seconds=5)
"""Between two signs of life."""


def at_task(progress: Progress | None) -> str:
    """Say where a play that was cut off had come to."""
    if progress is None:
        return "before its first task"
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
    latest: Progress | None = None
    planned: int | None = None
    """Tasks that the plan met: what the run is likely to meet."""

    async def play(
        self, needs: Needs, run: Run, exported: Export, folder: Path, limit: timedelta
    ) -> Ending:
        """Play it, in check mode while it is planned, and keep row and card up to date."""
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
        )

        async def started(pid: int, ticks: int) -> None:
            async with needs.database.write() as connection:
                await note_process(connection, self.number, self.attempt, pid, ticks)

        async with self._watched(needs):
            return await needs.play(
                job,
                started=started,
                progress=self._take,
                stop=self.stop,
                redact=needs.moves.redact,
            )

    def _take(self, progress: Progress) -> None:
        known = self.planned is not None and progress.task <= self.planned
        self.latest = replace(progress, tasks=self.planned if known else progress.tasks)

    @contextlib.asynccontextmanager
    async def _watched(self, needs: Needs) -> AsyncIterator[None]:
        watching = asyncio.create_task(self._watch(needs))
        try:
            yield
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching

    async def _watch(self, needs: Needs) -> None:
        shown: Progress | None = None
        told = seen = needs.moves.now()
        while True:
            await asyncio.sleep(LOOK)
            try:
                if not await self._is_ours(needs):
                    self.stop.set()
                now = needs.moves.now()
                if self.latest != shown and now - told >= TELL:
                    shown, told = self.latest, now
                    await self._tell(needs, now)
                if now - seen >= SIGN:
                    seen = now
                    async with needs.database.write() as connection:
                        await note_seen(connection, self.number, self.attempt, now)
            except Unavailable as problem:
                logger.warning("run %s goes on unseen: %s is away", self.number, problem.what)
            except Exception:
                logger.exception("the watch over run %s stumbled", self.number)

    async def _is_ours(self, needs: Needs) -> bool:
        """Whether the row still says this attempt, and nobody wishes it to end."""
        query = select(runs.c.state, runs.c.attempt, runs.c.cancelling_by)
        async with needs.database.read() as connection:
            row = (await connection.execute(query.where(runs.c.number == self.number))).one()
        mine = row.state == self.state.value and row.attempt == self.attempt
        return mine and row.cancelling_by is None

    async def _tell(self, needs: Needs, now: datetime) -> None:
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
                await note_seen(connection, self.number, self.attempt, now)
                await needs.moves.cards.bump(connection, "run", str(self.number))
        needs.moves.cards.wake()
