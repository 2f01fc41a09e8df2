"""Who is told that a command was not taken in can type it again: it took no effect."""

import asyncio
import sqlite3
from pathlib import Path

from sqlalchemy import make_url

from aaroc_bot.core.audit import What
from aaroc_bot.sandbox.box import Box
from aaroc_bot.sandbox.persons import PERSONS
from tests.alive.roc import PATIENCE, Roc, opened

IDS = {person.login: person.id for person in PERSONS}
LOCK = "lock ZA-UJ 2h switch"


def database(roc: Roc) -> str:
    path = make_url(roc.bot.environment["AAROC_DATABASE"]).database
    assert path is not None
    return path


async def test_a_slash_command_that_came_too_late_counts_for_nothing(
    box: Box, tmp_path: Path
) -> None:
    async with opened(box, tmp_path) as roc:
        await roc.join("uj-admin", IDS["uj-admin"])
        user = roc.in_slack["uj-admin"]
        await roc.bot.start()
        await roc.slack.until(lambda: roc.slack.sockets, PATIENCE)
        other = sqlite3.connect(database(roc), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        ack = await roc.slack.command(user, roc.channel, "/aaroc", LOCK)
        assert ack is not None and ack["text"] == "Not taken in, try again."
        other.execute("ROLLBACK")
        other.close()
        async with asyncio.timeout(PATIENCE):
            while (ack := await roc.slack.command(user, roc.channel, "/aaroc", LOCK)) != {
                "response_type": "in_channel"
            }:
                assert ack is not None and ack["text"] == "Not taken in, try again."
        await roc.until_worked_on()
        assert len(await roc.record(What.LOCK)) == 1
        assert roc.slack.faults == []
