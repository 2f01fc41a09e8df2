"""Presence: which processes live on this database, and which of them is the keeper.

On PostgreSQL a process has one session that does nothing else. By its advisory locks it
bears its name, which no other process bears at the same time, and the keeper's place,
which one process has. Both databases let go of it by themselves when the process ends:
SQLite has a lock on a file beside the database, which stands for both.
"""

import asyncio
import fcntl
import hashlib
import logging
import os
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
from psycopg import AsyncConnection

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.database import POSTGRES, Database

log = logging.getLogger(__name__)

KEEPER = 0x6C697665
"""PostgreSQL's advisory lock of the keeper."""

LOOK = 1.0
"""Seconds between looks whether the session still holds."""

ANSWER = 5.0
"""Seconds in which the server must answer such a look."""

LOST = timedelta(seconds=30)
"""After so much silence a keeper counts as frozen, if the operator set nothing else."""

TRUSTED = 0.8
"""The part of that time for which the place is believed after it was seen last."""

END_FROZEN = """
SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1
AND (classid::bigint << 32 | objid::bigint) = %s
AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND pid <> pg_backend_pid() AND greatest(query_start, state_change) < clock_timestamp() - %s
"""
"""The keeper asks something each `LOOK` while it lives, and the server notes when."""

END_OWN = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1
AND (classid::bigint << 32 | objid::bigint) = %s AND pid = %s
"""
"""A session whose connection was cut goes on at the server, with the name."""


class NameTaken(Exception):
    """Another process took this one's name while the database did not know of it."""


class Presence:
    """Being alive on a database under a name, and being its keeper."""

    def __init__(self, database: Database, name: str = "", lost: timedelta = LOST) -> None:
        """Ask for nothing yet. `say` has no `name`; `lost` is when a keeper counts as frozen."""
        self._database = database
        self._name = name
        self._lost = lost
        self._file: int | None = None
        self._session: AsyncConnection | None = None
        self._backend = 0
        """The server's process of the last session that bore the name."""
        self._turn = asyncio.Lock()
        self._named = False
        self._seen = 0.0
        self._keeps = False
        self._gone = asyncio.Event()

    async def acquire_name(self) -> bool:
        """Bear the name; False if a process that lives bears it. Raises `Unavailable`."""
        async with self._turn:
            if self._database.path is not None:
                self._named = await self._locked_file(self._database.path)
            else:
                self._named = await self._locked(_key(self._name))
                if not self._named:
                    await self._hang_up()
            return self._named

    async def acquire(self) -> bool:
        """Become the keeper; False if another process is. Raises `Unavailable`."""
        async with self._turn:
            if self._keeps:
                return True
            if self._database.path is not None:
                taken = await self._locked_file(self._database.path)
            else:
                taken = await self._locked(KEEPER)
                if not taken and not self._named:
                    await self._hang_up()
            if taken:
                self._keeps = True
                self._gone.clear()
            return taken

    def still(self) -> bool:
        """Whether this process surely is the keeper now: a thawed one finds out here."""
        if self._database.path is not None:
            return self._keeps
        trusted = min(LOOK + ANSWER, self._lost.total_seconds() * TRUSTED)
        return self._keeps and monotonic() - self._seen < trusted

    async def lost(self) -> None:
        """Return once this process is not the keeper (any more).

        On SQLite that never happens while the process lives. On PostgreSQL `keep` notices.
        """
        if self._keeps:
            await self._gone.wait()

    async def keep(self) -> None:
        """See until cancelled that the session holds; open a new one where it broke.

        The keeper's place is lost with the session, the name is taken again. Raises
        `NameTaken` where that is no longer possible: then this process must end.
        """
        away = False
        while True:
            await asyncio.sleep(LOOK)
            if self._database.path is not None:
                continue
            try:
                async with self._turn:
                    await self._asked("SELECT 1", [])
            except Unavailable:
                if not away:
                    log.warning("the database does not answer; it is asked again")
                away = True
            else:
                away = False

    async def end_frozen(self) -> None:
        """End the session of a keeper that fell silent, so that its place is free.

        Raises `Unavailable`.
        """
        if self._database.path is not None:
            return
        async with self._turn:
            for _ in await self._asked(END_FROZEN, [KEEPER, self._lost]):
                log.warning("the keeper fell silent; its session is ended")

    async def release(self) -> None:
        """Let another process become the keeper; the name stays."""
        async with self._turn:
            if not self._named:
                await self._let_go()
            elif self._keeps and self._session is not None:
                self._not_keeper()
                try:
                    await self._asked("SELECT pg_advisory_unlock(%s)", [KEEPER])
                except Unavailable:
                    log.info("the place was lost with the database")

    async def close(self) -> None:
        """Let go of everything: this process ends."""
        async with self._turn:
            self._named = False
            await self._let_go()

    # --- SQLite -----------------------------------------------------------------------

    async def _locked_file(self, database: Path) -> bool:
        return self._file is not None or await asyncio.to_thread(self._lock_file, database)

    def _lock_file(self, database: Path) -> bool:
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

    # --- PostgreSQL -------------------------------------------------------------------

    async def _locked(self, key: int) -> bool:
        [(taken,)] = await self._asked("SELECT pg_try_advisory_lock(%s)", [key])
        return bool(taken)

    async def _asked(self, question: str, values: list[Any]) -> list[tuple[Any, ...]]:
        """Ask by the session; one that does not answer is given up. Raises `Unavailable`."""
        asked_at = monotonic()
        try:
            async with asyncio.timeout(ANSWER):
                session = await self._open()
                rows = await (await session.execute(question, values)).fetchall()
        except (psycopg.Error, TimeoutError) as problem:
            await self._hang_up()
            raise Unavailable("the database") from problem
        except asyncio.CancelledError:
            await self._hang_up()  # it may have been left in the middle of an answer
            raise
        self._seen = asked_at
        return rows

    async def _open(self) -> AsyncConnection:
        """Give the session. One that is new bears the name again, if this process had it."""
        if self._session is not None:
            return self._session
        url = self._database.url.set(drivername="postgresql")
        self._session = await AsyncConnection.connect(
            url.render_as_string(hide_password=False), autocommit=True, **POSTGRES
        )
        if self._named:
            await self._bear_again(self._session)
        self._backend = self._session.info.backend_pid
        return self._session

    async def _bear_again(self, session: AsyncConnection) -> None:
        key = _key(self._name)
        answer = await session.execute("SELECT pg_try_advisory_lock(%s)", [key])
        if await answer.fetchone() == (True,):
            return
        ended = await session.execute(END_OWN, [key, self._backend])
        own = await ended.fetchall()
        await self._hang_up()
        if own:
            raise Unavailable("the database")  # its session ends in a moment
        raise NameTaken(f"another process bears the name {self._name}")

    async def _hang_up(self) -> None:
        session, self._session = self._session, None
        self._not_keeper()
        if session is not None:
            await session.close()

    async def _let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        await self._hang_up()

    def _not_keeper(self) -> None:
        self._keeps = False
        self._gone.set()


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


def _key(name: str) -> int:
    """Give the number of a name's advisory lock: 64 bits of its hash, as PostgreSQL counts."""
    hashed = hashlib.blake2b(name.encode(), digest_size=8, person=b"aaroc-bot name").digest()
    return int.from_bytes(hashed, signed=True)
