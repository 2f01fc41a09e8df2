"""Everything that is checked again just before a run starts (RULES.md).

Only the bot can ask GitHub, so it notes on the run that it is cleared, and a claim takes
only a run that was cleared within the last minute.
"""

from dataclasses import dataclass
from enum import Enum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.approval import is_expert, may_still_run
from aaroc_bot.core.entries import Entry
from aaroc_bot.core.parts import CHANGED
from aaroc_bot.core.ports import Verdict
from aaroc_bot.core.run import Run, State
from aaroc_bot.core.seal import seal
from aaroc_bot.repo.export import Export
from aaroc_bot.runs.needs import Judge, Needs
from aaroc_bot.runs.rows import ENTRY, PARTS, load
from aaroc_bot.runs.voiding import Read, why_void
from aaroc_bot.store.tables import approvals, runs


class Answer(Enum):
    """Whether a run may start."""

    CLEARED = "cleared"
    VOID = "void"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Clearance:
    """The answer, and its reason for people."""

    answer: Answer
    reason: str = ""


CLEARED = Clearance(Answer.CLEARED)


@dataclass(frozen=True, slots=True)
class Bound:
    """What a run is bound to, as its row keeps it."""

    read: Read
    seal: str

    @property
    def entry(self) -> Entry:
        """The entry as it was when the run was asked for."""
        return self.read.entry


async def queued(connection: AsyncConnection, number: int) -> tuple[Run, Bound] | None:
    """Read a queued run and what it is bound to; None if there is none, or it is not queued."""
    query = select(runs.c.entry, runs.c.inputs, runs.c.parts, runs.c.seal)
    waits = (runs.c.number == number, runs.c.state == State.QUEUED.value)
    row = (await connection.execute(query.where(*waits))).first()
    run = await load(connection, number)
    if row is None or run is None or run.state is not State.QUEUED:
        return None
    parts = PARTS.validate_json(row.parts) if row.parts else {}
    read = Read(ENTRY.validate_json(row.entry), row.inputs, parts)
    return run, Bound(read, row.seal)


async def clear(judge: Judge, run: Run, bound: Bound) -> Clearance:
    """Check rights, revision and inputs, all of them now. Raises `Unavailable`."""
    for check in (_revision, _people):  # a fetch may take long; who may is to be fresh
        found = await check(judge, run, bound)
        if found.answer is not Answer.CLEARED:
            return found
    return CLEARED


def still_sealed(needs: Needs, run: Run, bound: Bound, exported: Export) -> bool:
    """Compute the seal again from the run's own export and compare."""
    if run.plan is None:
        return False
    again = seal(
        site=run.site,
        inputs=exported.inputs,
        entry=bound.entry,
        ansible=needs.ansible,
        parameters=run.parameters,
        plan=run.plan,
    )
    return again == bound.seal


async def _people(judge: Judge, run: Run, bound: Bound) -> Clearance:
    asker = await judge.people.of_person(run.asked.by, now=True)
    verdict = may_still_run(bound.entry, run.site, asker)
    if verdict is Verdict.CANNOT_TELL:
        return Clearance(Answer.CANNOT_TELL, f"GitHub does not tell who {run.asked.by.login} is")
    if verdict is not Verdict.YES:
        return Clearance(Answer.VOID, f"{run.asked.by.login} may not run this any more")
    query = select(approvals.c.seal).where(approvals.c.run == run.number)
    async with judge.database.read() as connection:
        seals = list(await connection.scalars(query))
    if len(seals) < run.needed or any(sealed != bound.seal for sealed in seals):
        return Clearance(Answer.VOID, CHANGED)
    for approval in run.approvals:
        approver = await judge.people.of_person(approval.by, now=True)
        verdict = is_expert(approver)
        if verdict is Verdict.CANNOT_TELL or (verdict is Verdict.YES and not approver.fresh):
            reason = f"GitHub does not tell who {approval.by.login} is"
            return Clearance(Answer.CANNOT_TELL, reason)
        if verdict is not Verdict.YES or approval.by.id == run.asked.by.id:
            return Clearance(Answer.VOID, f"{approval.by.login} may not approve any more")
    return CLEARED


async def _revision(judge: Judge, run: Run, bound: Bound) -> Clearance:
    repository = judge.repository
    await repository.refresh()
    if repository.mirror.silent_since is not None:
        return Clearance(Answer.CANNOT_TELL, "the DevOps repository does not answer")
    if reason := await why_void(judge, run, bound.read):
        return Clearance(Answer.VOID, reason)
    return CLEARED
