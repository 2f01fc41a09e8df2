"""Procrastinate's connection to the database, made to outlast it: what it asks is asked again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, LiteralString, TypeVar

import psycopg
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy import make_url

from aaroc_bot.store.database import POSTGRES

AGAIN = 0.5
"""Seconds between tries while the database is away."""

CONNECTIONS = 4
"""Connections of the pool, at most; one more listens."""

T = TypeVar("T")


class Outlasting(PsycopgConnector):
    """Waits for the database where Procrastinate would end its worker, while `patient`."""

    def __init__(self, url: str) -> None:
        """Take the database's URL; nothing is connected to."""
        plain = make_url(url).set(drivername="postgresql")
        super().__init__(
            conninfo=plain.render_as_string(hide_password=False),
            kwargs=POSTGRES,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=5.0,
            reconnect_timeout=2.0,
        )
        self.patient = True

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        """Execute it, however long the database is away."""
        ask = super().execute_query_async
        await self._outlasted(lambda: ask(query, **arguments))

    async def execute_query_one_async(
        self, query: LiteralString, **arguments: Any
    ) -> dict[str, Any]:
        """Give its row, however long the database is away."""
        ask = super().execute_query_one_async
        return await self._outlasted(lambda: ask(query, **arguments))

    async def execute_query_all_async(
        self, query: LiteralString, **arguments: Any
    ) -> list[dict[str, Any]]:
        """Give its rows, however long the database is away."""
        ask = super().execute_query_all_async
        return await self._outlasted(lambda: ask(query, **arguments))

    async def _outlasted(self, ask: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await ask()
            except ConnectorException as problem:
                if not (self.patient and is_away(problem)):
                    raise
            await asyncio.sleep(AGAIN)


def is_away(problem: ConnectorException) -> bool:
    """Whether the server, not the question, was at fault."""
    return isinstance(problem.__cause__, psycopg.OperationalError | psycopg.InterfaceError)
