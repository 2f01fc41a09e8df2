"""What people wish of runs: ask, approve, deny, cancel. Each is one transaction."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.approval import may_approve, may_cancel, may_deny
from aaroc_bot.core.audit import What
from aaroc_bot.core.deciding import needed_approvals
from aaroc_bot.core.ports import People, Request, Sites, Verdict
from aaroc_bot.core.rights import Standing
from aaroc_bot.core.run import Run, State
from aaroc_bot.core.sites import Revision
from aaroc_bot.runs.expiry import expire_if_over
from aaroc_bot.runs.moves import Moves, decided
from aaroc_bot.runs.reading import RunReader
from aaroc_bot.runs.rows import ACCOUNT, ENTRY, PLACE, SITES, UNDER_WAY, VALUES, load, text
from aaroc_bot.runs.turns import take_turns
from aaroc_bot.store import ties
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.database import Database
from aaroc_bot.store.frozen import is_frozen
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import approvals, runs


class RunBook(RunReader):
    """Fills the `Runs` port. `wake` tells the engine of this process, if there is one."""

    def __init__(
        self,
        database: Database,
        moves: Moves,
        people: People,
        sites: Sites,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(database)
        self._moves = moves
        self._people = people
        self._sites = sites
        self._wake = wake

    async def ask(self, request: Request) -> tuple[Run, bool]:
        """Ask for a run; the same by the same person under way comes back with False.

        One that began before something of its site was changed is not the same: after a
        rollback it would bring what was just taken back.

        What was asked for by the very same event was asked for before a fall: it is that
        run, however far it came since.
        """
        revision = await self._sites.newest()
        outdated = await self._outdated(request, revision)
        async with self._writing() as connection:
            await take_turns(connection)
            number = await self._by_event(connection, request.asked.event)
            if number is not None:
                run = await load(connection, number)
                assert run is not None  # runs are never deleted
                return run, True
            number = await self._same(connection, request, outdated)
            fresh = number is None
            if number is None:
                number = await self._open(connection, request, revision)
            run = await load(connection, number)
            assert run is not None  # it was read or written in this very transaction
            if fresh:
                await self._moves.cards.bump(connection, "run", str(number))
                event = self._moves.event(run, State.PLANNING.value, None, What.RUN)
                await append_in(connection, event)
        return run, fresh

    async def approve(self, number: int, by: Standing) -> Verdict:
        """Count an expert's yes, bound to the plan on record; GitHub is asked again."""
        by = await self._asked_again(by)
        async with self._writing() as connection:
            run = await self._waiting(connection, number)
            verdict = await self._may_approve(connection, run, by)
            if run is None or by.person is None or verdict is not Verdict.YES:
                return verdict
            seal = await connection.scalar(select(runs.c.seal).where(runs.c.number == number))
            now = self._moves.now()
            await connection.execute(
                insert(approvals).values(
                    run=number, person=by.person.id, login=by.person.login, at=now, seal=seal
                )
            )
            if len(run.approvals) + 1 < run.needed:
                await self._moves.note(connection, run, "approved", by, What.APPROVAL)
                return Verdict.MORE_NEEDED
            await self._moves.move(
                connection,
                run,
                State.QUEUED,
                by=by,
                what=What.APPROVAL,
                values=decided(by, now),
            )
        return Verdict.YES

    async def _may_approve(
        self, connection: AsyncConnection, run: Run | None, by: Standing
    ) -> Verdict:
        """Say whether `by` may approve, by what the database says in this very transaction."""
        if run is None:
            return Verdict.NO_SUCH_RUN
        now = self._moves.now()
        if by.person and not await ties.still_speaks(connection, by.person.id, by.link, now):
            return Verdict.NOT_AN_EXPERT
        verdict = may_approve(run, by)
        if verdict is Verdict.YES and await is_frozen(connection, run.asked.by.id):
            return Verdict.CHANGED
        return verdict

    async def deny(self, number: int, by: Standing, reason: str) -> Verdict:
        """Say no; it ends as denied."""
        async with self._writing() as connection:
            run = await self._waiting(connection, number)
            verdict = Verdict.NO_SUCH_RUN if run is None else may_deny(run, by)
            if run is not None and verdict is Verdict.YES:
                await self._end(
                    connection, run, State.DENIED, by=by, reason=reason, what=What.APPROVAL
                )
        return verdict

    async def cancel(self, number: int, by: Standing, *, now: bool) -> Verdict:
        """End it: at once before it runs, and only with `now` while it runs.

        A running one ends once its process has: the engine finds the wish in the row.
        """
        async with self._writing() as connection:
            run = await self._waiting(connection, number)
            verdict = Verdict.NO_SUCH_RUN if run is None else may_cancel(run, by, now=now)
            if run is None or by.person is None or verdict is not Verdict.YES:
                return verdict
            if run.state is not State.RUNNING:
                await self._end(connection, run, State.CANCELLED, by=by)
                return verdict
            await connection.execute(
                update(runs)
                .where(runs.c.number == number)
                .values(cancelling_by=by.person.id, cancelling_login=by.person.login)
            )
            await self._moves.note(connection, run, "to be cancelled", by, What.RUN)
        return verdict

    async def _end(
        self,
        connection: AsyncConnection,
        run: Run,
        then: State,
        *,
        by: Standing,
        reason: str = "",
        what: What = What.RUN,
    ) -> None:
        await self._moves.move(
            connection,
            run,
            then,
            reason=reason,
            by=by,
            what=what,
            values=decided(by, self._moves.now()),
        )

    async def _waiting(self, connection: AsyncConnection, number: int) -> Run | None:
        """Read a run and keep its row; one whose time is over is expired first."""
        run = await load(connection, number, lock=True)
        if run is not None and await expire_if_over(self._moves, connection, run):
            run = await load(connection, number)
        return run

    async def _asked_again(self, by: Standing) -> Standing:
        """Read the rights once more; how the command was given stays as it was."""
        if by.person is None:
            return by
        return (await self._people.of_person(by.person, now=True)).as_said_by(by)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        """Write, and once it is committed wake whoever goes on from there."""
        async with self._database.write() as connection:
            yield connection
        self._moves.cards.wake()
        self._wake()

    async def _by_event(self, connection: AsyncConnection, event: str) -> int | None:
        if not event:
            return None
        known = select(runs.c.number).where(runs.c.event == storable(event))
        return await connection.scalar(known)

    async def _outdated(self, request: Request, newest: Revision) -> frozenset[str]:
        """Give the revisions of runs like this one since which its site was changed."""
        async with self._database.read() as connection:
            found = select(runs.c.revision).where(*_like(request)).distinct()
            revisions = [sha for sha in await connection.scalars(found) if sha != newest.sha]
        behind = [(sha, await self._sites.behind(request.site.name, sha)) for sha in revisions]
        return frozenset(sha for sha, how in behind if how.touching != 0)

    async def _same(
        self, connection: AsyncConnection, request: Request, outdated: frozenset[str]
    ) -> int | None:
        like = (*_like(request), runs.c.revision.not_in(outdated))
        return await connection.scalar(select(runs.c.number).where(*like).limit(1))

    async def _open(self, connection: AsyncConnection, request: Request, revision: Revision) -> int:
        entry, asked, site = request.entry, request.asked, request.site
        now = self._moves.now()
        opened = await connection.execute(
            insert(runs).values(
                verb=entry.verb,
                word=entry.word,
                subject=entry.subject,
                entry=text(ENTRY, entry),
                changes=entry.changes,
                plan_only=request.plan_only,
                site=site.name,
                # whichever hosts the playbook names: a shared one may be among them
                holds=text(SITES, tuple(sorted({site.name, *site.sharing}))),
                given=text(VALUES, request.given),
                parameters=text(VALUES, tuple(sorted(request.parameters))),
                revision=revision.sha,
                revision_subject=revision.subject,
                revision_author=revision.author,
                revision_at=revision.at,
                asked_by=asked.by.id,
                asked_login=asked.by.login,
                asked_account=text(ACCOUNT, asked.account),
                asked_place=text(PLACE, asked.place),
                asked_at=asked.at,
                operator=asked.operator,
                event=storable(asked.event) or None,
                needed=needed_approvals(entry, bounded=request.bounded),
                state=State.PLANNING.value,
                deadline=now + self._moves.approval_time if request.patient else None,
                changed_at=now,
                reason="",
                retry_of=request.retry_of,
                patient=request.patient,
                attempt=0,
            )
        )
        key = opened.inserted_primary_key
        assert key is not None  # a table with one
        return int(key[0])


def _like(request: Request) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions of being under way and the same wish by the same person."""
    return (
        runs.c.state.in_(UNDER_WAY),
        runs.c.asked_by == request.asked.by.id,
        runs.c.verb == request.entry.verb,
        runs.c.subject == request.entry.subject,
        runs.c.site == request.site.name,
        runs.c.parameters == text(VALUES, tuple(sorted(request.parameters))),
        runs.c.plan_only.is_(request.plan_only),
    )
