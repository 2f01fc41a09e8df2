"""Which of a database's errors mean that it is away, read-only, full or taken.

Those become `Unavailable` ("cannot tell"); everything else is a fault in the code and
stays what it is.
"""

import sqlite3

from psycopg import Error as PostgresError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoTurn

from aaroc_bot.core.ports import Unavailable

SQLITE_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    }
)
"""SQLite's primary result codes for a file that cannot be used now."""

POSTGRES_AWAY = ("08", "28", "3D", "53", "57", "58", "F0", "XX")
"""Classes: connection, login, no such database, resources, operator, system, damage."""

POSTGRES_AWAY_CODES = frozenset({"25006", "25P03", "40001", "40P01", "55P03"})
"""Read-only, idle too long, serialisation, deadlock, lock not to be had."""


def unavailable(problem: SQLAlchemyError) -> Unavailable | None:
    """Give what `problem` means to people if the database cannot be used, else None."""
    away = isinstance(problem, NoTurn) or (
        isinstance(problem, DBAPIError)
        and (problem.connection_invalidated or _is_away(problem.orig))
    )
    return Unavailable("the database") if away else None


def _is_away(problem: BaseException | None) -> bool:
    match problem:
        case sqlite3.Error():
            # Only errors that came from SQLite itself have a code; its low byte is the kind.
            return getattr(problem, "sqlite_errorcode", 0) & 0xFF in SQLITE_AWAY
        case PostgresError(sqlstate=None):
            return True  # Never reached the server, or lost it.
        case PostgresError(sqlstate=code):
            return code in POSTGRES_AWAY_CODES or str(code).startswith(POSTGRES_AWAY)
        case _:
            return isinstance(problem, OSError)
