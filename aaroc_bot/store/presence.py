"""Presence: exactly one live process executes runs, whatever was killed before.

Both databases let go of it by themselves when its process ends: SQLite has a lock on a
file beside the database, PostgreSQL a session's advisory lock on a connection that does
nothing else.
"""

import asyncio
import fcntl
import os
from pathlib import Path

import psycopg
from psycopg import AsyncConnection

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.database import POSTGRES, Database

LOCK = 0x6C697665
"""PostgreSQL's advisory lock of the live process."""

LOOK = 2.0
"""Seconds between looks whether the connection still holds."""

ANSWER = 5.0
"""Seconds in which the server must answer such a look."""


class Presence:
    """Being the one process that executes this database's runs."""

    def __init__(self, database: Database) -> None:
        """Ask for nothing yet."""
        self._database = database
        self._file: int | None = None
        self._session: AsyncConnection | None = None

    async def acquire(self) -> bool:
        """Become the one; False if another process is. Raises `Unavailable`."""
        if self._database.path is None:
            return await self._acquire_session()
        return await asyncio.to_thread(self._acquire_file, self._database.path)

    async def release(self) -> None:
        """Let another process become the one; nothing if this one is not."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def lost(self) -> None:
        """Return once this process is no longer the one: it must end its runs at once.

        On SQLite that never happens while the process lives. On PostgreSQL it is noticed
        within `LOOK` and `ANSWER` together that the connection is gone.
        """
        while self._session is not None or self._file is not None:
            await asyncio.sleep(LOOK)
            if self._session is not None and not await _answers(self._session):
                await self.release()

    def _acquire_file(self, database: Path) -> bool:
        """Take the lock; Python's files are closed in whatever this process executes."""
        try:
            file = os.open(_beside(database), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as problem:
            raise Unavailable("the database") from problem
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    async def _acquire_session(self) -> bool:
        url = self._database.url.set(drivername="postgresql")
        try:
            session = await AsyncConnection.connect(
                url.render_as_string(hide_password=False), autocommit=True, **POSTGRES
            )
            taken = await _take(session)
        except psycopg.Error as problem:
            raise Unavailable("the database") from problem
        if taken:
            self._session = session
        return taken


def is_held(database: Path) -> bool:
    """Whether somebody is present on a SQLite file, which itself may be missing."""
    try:
        file = os.open(_beside(database), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _beside(database: Path) -> Path:
    """Name the file of the lock; hidden, so that ``rm DATABASE*`` does not take it along."""
    return database.with_name(f".{database.name}.live")


async def _take(session: AsyncConnection) -> bool:
    """Take the lock and keep the session, or close it."""
    taken = False
    try:
        found = await session.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        taken = await found.fetchone() == (True,)
    finally:
        if not taken:
            await session.close()
    return taken


async def _answers(session: AsyncConnection) -> bool:
    try:
        async with asyncio.timeout(ANSWER):
            await session.execute("SELECT 1")
    except (psycopg.Error, TimeoutError):
        return False
    return True
