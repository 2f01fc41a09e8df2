"""The schema's state: bring a database up to date, and tell whether it is."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from aaroc_bot.content import folder
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.database import Database
from aaroc_bot.store.file import create_file
from aaroc_bot.store.presence import is_held

LOCK = 0x6D696772
"""PostgreSQL's advisory lock that keeps two processes from migrating at once."""


async def migrate(url: str) -> None:
    """Bring the database up to date in one transaction; a SQLite file is created if missing.

    Raises `Unavailable` if it is away, its place cannot be written, or its file was removed
    under a bot that is alive: a second one beside that would be a second truth.
    """
    database = Database(url)
    try:
        if database.path is not None:
            await asyncio.to_thread(_prepare, database.path)
        async with database.write() as connection:
            if connection.dialect.name == "postgresql":
                # A large table takes longer than any transaction of the bot's may.
                await connection.execute(text("SET LOCAL statement_timeout = 0"))
                await connection.execute(text("SET LOCAL lock_timeout = '60s'"))
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            await connection.run_sync(_upgrade)
    finally:
        await database.close()


async def is_current(database: Database) -> bool:
    """Say whether the schema is exactly the one that this version of the bot knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    async with database.read() as connection:
        return await connection.run_sync(_revision) == head


def _prepare(path: Path) -> None:
    try:
        if not path.exists() and is_held(path):
            raise Unavailable("the database")
        create_file(path)
    except OSError as problem:
        raise Unavailable("the database") from problem


def _config() -> Config:
    config = Config()
    # Alembic interpolates its options, so a percent sign in a path is doubled.
    config.set_main_option("script_location", str(folder("migrations")).replace("%", "%%"))
    return config


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
