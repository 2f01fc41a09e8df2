"""After the merge of a rollback its deployment is asked for, as who asked for the rollback.

It goes the whole way of a command, heard in the place of the wish: rights are asked anew,
it is recorded and answered. The event's id is the Change's, so that it is heard once. It is
heard as the account that the wish came from, so only while that still speaks for who wished.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select

from aaroc_bot.changes.telling import Notices, Steps
from aaroc_bot.core.changes import Change, ChangeState, RollBack
from aaroc_bot.core.message import Account, Incoming
from aaroc_bot.core.ports import Hear
from aaroc_bot.core.rights import Standing
from aaroc_bot.store import changes as store
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import changes, pulls, runs

LATELY = timedelta(days=1)
"""How long after the merge it is still asked for: the event's id is kept for longer."""


class Speakers(Protocol):
    """What is needed of people (core/ports/people.py)."""

    async def standing(self, account: Account, *, now: bool = False) -> Standing:
        """Say what is known of an account."""
        ...


class Deploying:
    """Asks for the deployments of merged rollbacks, and notes the runs on their Changes."""

    def __init__(
        self,
        *,
        database: Database,
        steps: Steps,
        box: Notices,
        hear: Hear,
        people: Speakers,
        clock: Callable[[], datetime],
    ) -> None:
        """Ask by `hear`; `people` knows for whom an account speaks."""
        self._database = database
        self._steps = steps
        self._box = box
        self._hear = hear
        self._people = people
        self._clock = clock
        self._heard: set[int] = set()

    async def look(self) -> None:
        """Ask for what was merged lately. Raises `Unavailable`."""
        for change, run in await self._merged():
            if not isinstance(change.wish, RollBack) or not change.wish.deploys:
                continue
            if run is not None:
                await self._note(change, run)
            elif change.id not in self._heard and not change.why:
                await self._ask(change, change.wish.deploys)

    async def _ask(self, change: Change, typed: str) -> None:
        """Ask for it, unless the account speaks for another or nobody by now; that is said.

        While GitHub is silent about somebody at the machine, it is asked for later.
        """
        asked = change.asked
        standing = await self._people.standing(asked.account, now=True)
        if standing.person is None and not standing.fresh:
            return
        if standing.person is not None and standing.person.id == asked.by.id:
            await self._hear(self._said(change, typed))
            self._heard.add(change.id)
            return
        why = f"its deploy is not asked for: {asked.account} speaks for {asked.by.login} no more"
        async with self._database.write() as connection:
            await self._steps.wait(connection, change, why)
        self._box.wake()

    async def _merged(self) -> list[tuple[Change, int | None]]:
        """Give the Changes whose merge was told and that have no deployment, with its run."""
        event = "change:" + changes.c.id.cast(runs.c.event.type) + ":deploy"
        joined = changes.join(pulls, pulls.c.number == changes.c.number)
        query = (
            select(changes.c.id, runs.c.number)
            .select_from(joined.outerjoin(runs, runs.c.event == event))
            .where(
                changes.c.state == ChangeState.MERGED.value,
                changes.c.changed_at > self._clock() - LATELY,
                changes.c.deploy.is_(None),
                pulls.c.told,
            )
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
            found = [(await store.load(connection, row.id), row.number) for row in rows]
        return [(change, run) for change, run in found if change is not None]

    async def _note(self, change: Change, run: int) -> None:
        async with self._database.write() as connection:
            if await store.put(connection, change, deploy=run):
                await self._steps.show(connection, change)
        self._box.wake()

    def _said(self, change: Change, typed: str) -> Incoming:
        return Incoming(
            event=f"change:{change.id}:deploy",
            account=change.asked.account,
            place=change.asked.place,
            text=typed,
            at=self._clock(),
            addressed=True,
        )
