"""Runs that wait end when what they were bound to changes, with a word on what it was.

Looked at whenever the default branch or the catalogue moved, so that nobody approves what
will not be run. It is checked once more just before a run starts (`runs.clearance`).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from aaroc_bot.core.entries import Entry
from aaroc_bot.core.parts import changed
from aaroc_bot.core.run import Run, State
from aaroc_bot.core.seal import same_terms
from aaroc_bot.repo.export import CannotExport
from aaroc_bot.runs.moves import Moves
from aaroc_bot.runs.needs import Exports, Judge
from aaroc_bot.runs.requests import NOBODY
from aaroc_bot.runs.rows import ENTRY, PARTS, columns, load, runs_of
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import runs

logger = logging.getLogger(__name__)

_WAITS = runs.c.state.in_([State.WAITING.value, State.QUEUED.value])


@dataclass(frozen=True, slots=True)
class Read:
    """What a run's plan was made from: its entry, the digest of its files, those of parts."""

    entry: Entry
    inputs: str
    parts: Mapping[str, str]


async def why_void(judge: Judge, run: Run, read: Read) -> str:
    """Say why a run's plan does not hold any more, by the mirror as it is; empty if it does.

    Raises `CannotExport` where the site cannot be read, and `Unavailable`.
    """
    if not await judge.repository.mirror.contains(run.revision.sha):
        return f"{run.revision.short} is not on the default branch any more"
    if reason := await judge.fit(run.site):
        return reason
    entries = await judge.catalogue.entries()
    now = next((e for e in entries if (e.verb, e.subject) == (run.verb, run.subject)), None)
    if now is None:
        return "its entry is not in the catalogue any more"
    if not same_terms(now, read.entry):
        return "its entry of the catalogue has changed"
    newest = (await judge.repository.newest()).sha
    if await judge.exports.inputs(newest, run.site, read.entry) == read.inputs:
        return ""
    return await why_changed(judge.exports, newest, run.site, read)


async def why_changed(exports: Exports, sha: str, site: str, read: Read) -> str:
    """Say what differs between what a plan was made from and a revision's files."""
    return changed(read.parts, await exports.parts(sha, site, read.entry))


class Voiding:
    """Ends runs that wait and whose plan does not hold any more."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._state: object = None
        self._held: set[int] = set()
        """Runs whose plan holds in the state of the repository that was last looked at."""

    async def step(self) -> None:
        """Look at every run that was not looked at since the repository or catalogue moved.

        Raises `Unavailable`; what was not looked at then is looked at the next time.
        """
        judge = self._judge
        newest = await judge.repository.newest()
        state = (newest.sha, tuple(await judge.catalogue.entries()))
        if state != self._state:
            self._state, self._held = state, set()
        waiting = await self._waiting()
        self._held.intersection_update(waiting)
        for number in waiting:
            if number not in self._held:
                try:
                    await self._look(number)
                except ValueError:  # a row that this version cannot read keeps no other
                    logger.exception("run %s cannot be read", number)
                self._held.add(number)

    async def _waiting(self) -> list[int]:
        query = select(runs.c.number).where(_WAITS).order_by(runs.c.number)
        async with self._judge.database.read() as connection:
            return list(await connection.scalars(query))

    async def _look(self, number: int) -> None:
        query = select(*columns).where(runs.c.number == number, _WAITS)
        async with self._judge.database.read() as connection:
            row = (await connection.execute(query)).first()
            found = None if row is None else (await runs_of(connection, [row]))[0]
        if row is None or found is None or row.inputs is None:
            return
        parts = PARTS.validate_json(row.parts) if row.parts else {}
        read = Read(ENTRY.validate_json(row.entry), row.inputs, parts)
        try:
            reason = await why_void(self._judge, found, read)
        except CannotExport as problem:  # nothing is known then; it is checked before a start
            logger.warning("run %s cannot be compared: %s", number, problem)
            return
        if reason:
            await void(self._judge.database, self._judge.moves, number, reason)


async def void(database: Database, moves: Moves, number: int, reason: str) -> None:
    """End a run where it still waits; an earlier yes decided nothing."""
    async with database.write() as connection:
        run = await load(connection, number, lock=True)
        if run is not None and run.state in {State.WAITING, State.QUEUED}:
            await moves.move(connection, run, State.EXPIRED, reason=reason, values=NOBODY)
    moves.cards.wake()
