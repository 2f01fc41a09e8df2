"""After a fall: what an earlier process of this name left is ended, marked and told.

A process's name is its own on a database (a lock of the database keeps twins away), and on a
SQLite file there is one process alone. So every open attempt of its is a dead one's. But what
that one started can be ended only on the machine where it was: if the name moved, the site
stays held until nothing can be alive there (`engine.sweep`).
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.run import Run, State
from aaroc_bot.process import end_leftovers
from aaroc_bot.repo.export import CannotExport
from aaroc_bot.runs.attempts import close_attempt, cut_off, plans_cut
from aaroc_bot.runs.flight import at_task
from aaroc_bot.runs.machine import this_machine
from aaroc_bot.runs.needs import Needs
from aaroc_bot.runs.rows import ENTRY, UNDER_WAY, load
from aaroc_bot.runs.workplace import clear
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.tables import attempts, runs

logger = logging.getLogger(__name__)

PLANS = 2
"""A plan that was cut off is made again once; cut off as often as this it is given up."""
TWICE = "its plan was cut off twice"
REALLY_RUN = "its plan was cut off, and a plan of this really runs some of its tasks"


async def recover(needs: Needs) -> tuple[int, ...]:
    """End what earlier processes left; give the numbers of the runs that were cut off."""
    left = await _left(needs)
    cut = [row.run for row in left if await _settle(needs, row)]
    await asyncio.to_thread(clear, needs.folder)
    if cut:
        await _tell(needs, left, cut)
    needs.moves.cards.wake()
    return tuple(cut)


async def interrupt(
    needs: Needs, connection: AsyncConnection, run: Run, attempt: int, plans: int
) -> bool:
    """Take on a run whose attempt was cut off in this transaction; whether it ends by that.

    A plan is made again, unless its plans were cut off as often as `plans` says.
    """
    mine = (runs.c.attempt == attempt,)
    if run.state is State.RUNNING:
        reason = f"cut off {at_task(run.progress)}"
    elif run.state is State.PLANNING and await plans_cut(connection, run.number) >= plans:
        reason = TWICE if plans == PLANS else REALLY_RUN
    else:
        return False
    return await needs.moves.move(connection, run, State.INTERRUPTED, reason=reason, where=mine)


async def plans_allowed(needs: Needs, number: int) -> int:
    """Say how many plans of a run may be cut off: one, if tasks of it really run in a plan.

    Such a plan is not blindly repeated, nor is one of which that cannot be told.
    """
    async with needs.database.read() as connection:
        query = select(runs.c.revision, runs.c.site, runs.c.entry).where(runs.c.number == number)
        of = (await connection.execute(query)).one()
    try:
        entry = ENTRY.validate_json(of.entry)
        executes = await needs.exports.executing_tasks(of.revision, of.site, entry)
    except (CannotExport, Unavailable, ValueError):  # ValueError: an entry of another version
        return 1
    return 1 if executes else PLANS


async def _left(needs: Needs) -> Sequence[Row[Any]]:
    query = select(attempts).where(attempts.c.ended_at.is_(None)).order_by(attempts.c.run)
    if needs.database.path is None:
        query = query.where(attempts.c.engine == needs.name)
    async with needs.database.read() as connection:
        return (await connection.execute(query)).all()


async def _settle(needs: Needs, row: Row[Any]) -> bool:
    """End an attempt's processes, then the attempt; whether a run was cut off by its fall.

    One that was given up meanwhile was told already: only its sites are freed.
    """
    here = _is_here(needs, row)
    if here:
        ended = await end_leftovers(row.mark)
        logger.warning("run %s was cut off; %s processes of it ended", row.run, ended)
    most = await plans_allowed(needs, row.run) if row.plan else PLANS
    async with needs.database.write() as connection:
        run = await load(connection, row.run, lock=True)
        now = needs.moves.now()
        if here:
            fresh = await close_attempt(connection, row.run, row.attempt, now, cut=True)
        else:
            fresh = await cut_off(connection, row.run, row.attempt, None)
        if run is None or not fresh:
            return False
        return await interrupt(needs, connection, run, row.attempt, most)


def _is_here(needs: Needs, row: Row[Any]) -> bool:
    """Whether everything that an attempt started can be seen from here."""
    if row.machine is None:
        return needs.database.path is not None
    return bool(row.machine == this_machine())


async def _tell(needs: Needs, left: Sequence[Row[Any]], cut: Sequence[int]) -> None:
    """Say in the channel since when the bot was away, what was cut off and what waits on."""
    now = needs.moves.now()
    since: datetime = max(row.seen_at for row in left)
    async with needs.database.write() as connection:
        waiting = await connection.scalars(
            select(runs.c.number).where(runs.c.state.in_(UNDER_WAY)).order_by(runs.c.number)
        )
        data = {
            "from": since.isoformat(),
            "to": now.isoformat(),
            "interrupted": list(cut),
            "waiting": list(waiting),
        }
        await needs.moves.cards.notice(connection, "away", now.isoformat(), data)
        event = Event(What.SYSTEM, now, outcome=f"back; {len(cut)} runs were cut off")
        await append_in(connection, event)
