"""Looking at runs: one, a page of them, those under way, a site's last."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from aaroc_bot.core.ports import Listing
from aaroc_bot.core.run import Run, State
from aaroc_bot.runs.rows import UNDER_WAY, columns, load, runs_of
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import logs, runs

PAGE = 10
USUAL_OF = 20
"""Past runs that the usual duration is taken from."""

_ACTED = and_(
    runs.c.changes,
    ~runs.c.plan_only,
    runs.c.state.not_in(UNDER_WAY),
    or_(runs.c.started_at.is_not(None), runs.c.checked_only),
)

_OUTCOME = and_(
    ~runs.c.plan_only,
    runs.c.state.in_(
        [s.value for s in (State.SUCCEEDED, State.FAILED, State.UNREACHABLE, State.INTERRUPTED)]
    ),
)


class RunReader:
    """The reading half of the `Runs` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, number: int) -> Run | None:
        """Give one run."""
        async with self._database.read() as connection:
            return await load(connection, number)

    async def newest(self, *, site: str | None = None, page: int = 1) -> Listing:
        """List runs (ten a page), of one site if named."""
        page = max(page, 1)
        of_site = () if site is None else (runs.c.site == site,)
        query = select(*columns).where(*of_site).order_by(runs.c.number.desc())
        async with self._database.read() as connection:
            rows = await connection.execute(query.limit(PAGE).offset(PAGE * (page - 1)))
            found = await runs_of(connection, rows.all())
            count = select(func.count()).select_from(runs).where(*of_site)
            total = await connection.scalar(count) or 0
        return Listing(tuple(found), page, max(0, total - PAGE * page))

    async def active(self) -> Sequence[Run]:
        """Give every run that has not ended, oldest first."""
        return await self._runs(
            select(*columns).where(runs.c.state.in_(UNDER_WAY)).order_by(runs.c.number)
        )

    async def last(self, site: str) -> Run | None:
        """Give the site's last run that ran or was checked (of an entry that changes)."""
        query = select(*columns).where(runs.c.site == site, _ACTED)
        found = await self._runs(query.order_by(runs.c.number.desc()).limit(1))
        return found[0] if found else None

    async def lasts(self) -> Mapping[str, Run]:
        """The same for all sites at once."""
        return await self._newest_of_each_site(_ACTED)

    async def outcomes(self) -> Mapping[str, Run]:
        """Give each site's newest run that came to an outcome, of whatever entry; no plans."""
        return await self._newest_of_each_site(_OUTCOME)

    async def log(self, number: int) -> str | None:
        """Give the whole log, redacted; None if none is kept."""
        async with self._database.read() as connection:
            return await connection.scalar(select(logs.c.text).where(logs.c.run == number))

    async def usual(self, verb: str, word: str, site: str) -> timedelta | None:
        """Give the median duration of past successful runs of this at the site."""
        query = (
            select(runs.c.started_at, runs.c.ended_at)
            .where(
                runs.c.site == site,
                runs.c.verb == verb,
                runs.c.word == word,
                runs.c.state == State.SUCCEEDED.value,
                runs.c.started_at.is_not(None),
            )
            .order_by(runs.c.number.desc())
            .limit(USUAL_OF)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return median(row.ended_at - row.started_at for row in rows) if rows else None

    async def _newest_of_each_site(self, which: ColumnElement[bool]) -> Mapping[str, Run]:
        newest = select(func.max(runs.c.number)).where(which).group_by(runs.c.site)
        found = await self._runs(select(*columns).where(runs.c.number.in_(newest)))
        return {run.site: run for run in found}

    async def _runs(self, query: Select[Any]) -> list[Run]:
        async with self._database.read() as connection:
            return await runs_of(connection, (await connection.execute(query)).all())
