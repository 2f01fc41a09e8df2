"""The database: one transaction at a time for whoever asks, on SQLite or PostgreSQL.

`Database` is the only place that knows drivers, pools and pragmas. A transaction is
either one that writes or one that reads:

    async with database.write() as connection: ...
    async with database.read() as connection: ...

On SQLite the driver's own transactions lose updates (a read, then a write, from five
tasks left one of five), so the driver is in autocommit and we begin ourselves: with
``BEGIN IMMEDIATE`` to write. Writers of one process wait in the pool's queue for the only
connection that may write, rather than poll for SQLite's lock.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from aaroc_bot.store.faults import unavailable
from aaroc_bot.store.file import OneFile

WAIT = 10.0
"""Seconds that a transaction waits for its turn before the database counts as away."""

READERS = 4
"""Connections to SQLite that read; each is a thread."""

POOL = 8
"""Connections to PostgreSQL that are kept; as many again are opened when all are busy."""

POSTGRES: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "application_name": "aaroc-bot",
    "options": "-c statement_timeout=30s -c lock_timeout=10s"
    " -c idle_in_transaction_session_timeout=15s",
}
"""libpq's settings: seconds, `tcp_user_timeout` in milliseconds. A peer that fell silent
is noticed within half a minute, and a frozen one holds no lock for longer than that."""


class Database:
    """A database named by an operator's URL: ``sqlite:///path`` or ``postgresql://...``.

    Opening it connects to nothing; the schema is `schema.migrate`'s. Its contexts raise
    `Unavailable` when the database is away, read-only, full, or its turn does not come, and
    when the SQLite file is no longer the one that was opened.
    """

    def __init__(self, url: str) -> None:
        """Take the URL; `ValueError` (without the URL, which may hold a password) if unfit."""
        parsed = _parse(url)
        self.path = _path(parsed)
        """The SQLite file, None on PostgreSQL."""
        self._file = None if self.path is None else OneFile(self.path)
        self.url = parsed
        if self.path is None:
            engine = create_async_engine(
                parsed,
                hide_parameters=True,  # a fault in the log must not show what was written
                isolation_level="READ COMMITTED",
                connect_args=POSTGRES,
                pool_size=POOL,
                max_overflow=POOL,
                pool_timeout=WAIT,
                pool_pre_ping=True,
            )
            self._writer = engine
            self._reader = engine.execution_options(postgresql_readonly=True)
        else:
            self._writer = _sqlite(parsed, size=1, begin="BEGIN IMMEDIATE", read_only=False)
            self._reader = _sqlite(parsed, size=READERS, begin="BEGIN", read_only=True)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that may write; committed at the end, undone by an exception.

        Do not open one inside another: on SQLite the inner one would wait for the outer.
        """
        with self._told():
            async with self._writer.begin() as connection:
                yield connection
                self._ask_for_file()  # it may have waited for its turn for long

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that cannot write."""
        with self._told():
            async with self._reader.begin() as connection:
                yield connection

    async def close(self) -> None:
        """Close all connections."""
        await self._writer.dispose()
        await self._reader.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what means "away" into `Unavailable`, wherever in the transaction it came up."""
        self._ask_for_file()
        try:
            yield
        except SQLAlchemyError as problem:
            if away := unavailable(problem):
                raise away from problem
            raise

    def _ask_for_file(self) -> None:
        if self._file is not None:
            self._file.still_there()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except SQLAlchemyError:
        raise ValueError("the database's URL cannot be read") from None
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:" and not parsed.query:
            return parsed.set(drivername="sqlite+aiosqlite")
        case "sqlite":
            raise ValueError("SQLite needs a file, without options: sqlite:///path")
        case "postgresql":
            return parsed.set(drivername="postgresql+psycopg")
        case _:
            raise ValueError("the database's URL begins with sqlite:/// or postgresql://")


def _path(url: URL) -> Path | None:
    if url.get_backend_name() != "sqlite":
        return None
    assert url.database is not None
    return Path(url.database).absolute()


def _sqlite(url: URL, *, size: int, begin: str, read_only: bool) -> AsyncEngine:
    path = _path(url)
    assert path is not None
    # mode=rw: a file that is missing is a fault to be told, not an empty database.
    engine = create_async_engine(
        URL.create(
            "sqlite+aiosqlite",
            database=path.as_uri(),
            query={"mode": "rw", "uri": "true"},
        ),
        hide_parameters=True,
        connect_args={"isolation_level": None, "timeout": WAIT},
        pool_size=size,
        max_overflow=0,
        pool_timeout=WAIT,
        pool_use_lifo=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def settle(driver: sqlite3.Connection, _: object) -> None:
        try:
            _settle(driver, read_only)
        except BaseException:
            driver.close()  # The pool forgets it, and its thread would stay.
            raise

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _settle(driver: sqlite3.Connection, read_only: bool) -> None:
    cursor = driver.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    if read_only:
        cursor.execute("PRAGMA query_only=ON")
    cursor.close()
