"""The database: whether it answers, has this version's tables, and takes something in."""

import asyncio
from collections.abc import Mapping

from aaroc_bot.clock import now
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.doctor.finding import Finding, failed, ok, warning
from aaroc_bot.doctor.limiting import SECONDS
from aaroc_bot.settings import Settings
from aaroc_bot.store.addresses import Addresses
from aaroc_bot.store.database import Database
from aaroc_bot.store.schema import is_current
from aaroc_bot.store.trial import Trial

DATABASE = "Database"


async def examine_database(settings: Settings) -> Finding:
    """Look at it; one that is not there yet is not made."""
    try:
        database = Database(settings.database_url)
    except ValueError as problem:
        return failed(DATABASE, str(problem), "mend AAROC_DATABASE")
    try:
        return await _examined(database)
    finally:
        await database.close()


async def _examined(database: Database) -> Finding:
    path, kind = database.path, "PostgreSQL"
    if path is not None:
        kind = "SQLite"
        if not path.exists():
            return warning(DATABASE, f"{path} is not there yet", "`aaroc-bot run` makes it")
    try:
        current = await is_current(database)
    except Unavailable:
        do = (
            "see whether AAROC_DATABASE is right and the server runs"
            if path is None
            else (f"see whether {path} is a database that this user may read and write")
        )
        return failed(DATABASE, f"{kind} does not answer", do)
    if not current:
        old = f"{kind} has another version's tables"
        return failed(DATABASE, old, "stop the bot, then `aaroc-bot migrate`")
    try:
        await Trial(database).write()
    except Unavailable:
        do = "see whether its disk is full, and whether this user may write to it"
        return failed(DATABASE, f"{kind} takes nothing in", do)
    return ok(DATABASE, f"{kind}, with this version's tables, takes in what is written")


async def moved_channels(settings: Settings, chat: str) -> Mapping[str, str]:
    """Give what channels are called now that moved since they were set.

    None where the database cannot tell: its own check says why.
    """
    try:
        database = Database(settings.database_url)
    except ValueError:
        return {}
    try:
        async with asyncio.timeout(SECONDS):
            if await is_current(database):
                return await Addresses(database, now).all(chat)
    except (Unavailable, TimeoutError):
        return {}
    finally:
        await database.close()
    return {}
