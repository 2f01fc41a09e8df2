"""Reads what happened out of the database, the hosts and the chats."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.store.audit import verify
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import attempts, audit, holds, incoming, outbox, runs
from tests.chaos.history import History, Noted, Ran, Tried
from tests.chaos.looking import count, wish_of
from tests.chaos.people import People
from tests.chaos.stage import Stage
from tests.emulators.slack import lines as slack_lines

WISH = re.compile(r"\bwish=(\d+)\b")
JOBS = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"


async def left_over(database: Database) -> list[str]:
    """Give what waits, is held or is to be said still; nothing once all is over."""
    async with database.read() as connection:
        left = [f"{await count(connection, query)} {what}" for what, query in LEFT.items()]
        if database.path is None:
            left.append(f"{await connection.scalar(text(JOBS))} jobs")
    return [one for one in left if not one.startswith("0 ")]


LEFT: dict[str, Select[Any]] = {
    "holds": select(holds.c.site),
    "open attempts": select(attempts.c.run).where(attempts.c.ended_at.is_(None)),
    "events not worked on": select(incoming.c.event).where(incoming.c.done.is_(False)),
    "messages not shown": select(outbox.c.id).where(outbox.c.wanted > outbox.c.shown),
    "runs under way": select(runs.c.number).where(runs.c.ended_at.is_(None)),
}


async def history(stage: Stage, people: People) -> History:
    """Give all of it."""
    database = stage.database
    async with database.read() as connection:
        rows = list(await connection.execute(select(runs).order_by(runs.c.number)))
        noted = list(
            await connection.execute(
                select(audit).where(audit.c.run.is_not(None)).order_by(audit.c.id)
            )
        )
        tried = list(await connection.execute(select(attempts)))
        broken_at = await verify(connection)
        cards = await _cards(connection, stage)
    return History(
        runs=[
            Ran(
                number=row.number,
                wish=wish_of(row.parameters),
                site=row.site,
                state=row.state,
                reason=row.reason,
                checked_only=row.checked_only,
                ended_at=row.ended_at,
            )
            for row in rows
        ],
        record=[_noted(row) for row in noted if row.what in {"run", "approval", "command"}],
        attempts=[Tried(**{name: getattr(row, name) for name in TRIED}) for row in tried],
        lines=stage.ground.told(),
        taken=_taken(stage),
        failing=frozenset(wish.number for wish in people.asked if wish.status),
        calm=frozenset(wish.number for wish in people.calm),
        words=people.words,
        blows=[blow for member in stage.members for blow in member.blows],
        cards=cards,
        left=await left_over(database),
        broken_at=broken_at,
    )


TRIED = [field for field in Tried.__slots__ if field != "__weakref__"]


def _noted(row: Any) -> Noted:
    at = datetime.fromisoformat(row.at).timestamp()
    login = row.login if row.person is not None else ""
    return Noted(row.id, row.what, row.run, row.outcome, at, login)


def _taken(stage: Stage) -> frozenset[int]:
    """Give the wishes that the chats will not send again: they know that they were taken."""
    slack = [
        event["event"]
        for event in stage.slack.events
        if event["event_id"] in stage.slack.acknowledged
    ]
    telegram = [update.payload for update in stage.telegram.server.updates.confirmed]
    said = [str(what.get("text", "")) for what in (*slack, *telegram)]
    return frozenset(int(found[1]) for one in said if (found := WISH.search(one)))


async def _cards(connection: AsyncConnection, stage: Stage) -> dict[str, dict[int, str]]:
    """Give the first line of each run's card, by chat, as it stands there now."""
    query = select(outbox).where(outbox.c.card == "run", outbox.c.ref.is_not(None))
    firsts = {"slack": _in_slack(stage), "telegram": _in_telegram(stage)}
    cards: dict[str, dict[int, str]] = {chat: {} for chat in firsts}
    for row in await connection.execute(query):
        if row.ref in firsts[row.chat]:
            cards[row.chat][int(row.subject)] = firsts[row.chat][row.ref]
    return cards


def _in_slack(stage: Stage) -> dict[str, str]:
    """Give the first line of each message, by the chat's name for it."""
    messages = stage.slack.messages(stage.channel)
    return {m.ts: "".join(slack_lines(m)[:1]) for m in messages if not m.deleted}


def _in_telegram(stage: Stage) -> dict[str, str]:
    messages = stage.telegram.messages(stage.group)
    return {str(m.message_id): m.text.partition("\n")[0] for m in messages}
