"""GitHub's last answers: what a process knows that starts while GitHub is away.

Written behind: nobody waits for it, and a failure stands in the log alone. An older answer
never replaces a newer one, whichever process writes it.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.database import Database
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.tables import github_answers

log = logging.getLogger(__name__)

KEPT = timedelta(days=2)
"""How long an answer is kept: longer than it counts (a day, RULES.md)."""

MOST = 256
"""Answers of one transaction: it stays short for the other writers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, and when: `at` is the moment just before GitHub was asked."""

    text: str
    at: datetime


class GitHubAnswers:
    """The last answer to each question."""

    def __init__(self, database: Database) -> None:
        """Keep them in `database`."""
        self._database = database
        self._waiting: dict[str, Answer] = {}
        self._writer: asyncio.Task[None] | None = None

    async def last(self, question: str) -> Answer | None:
        """Give the last answer, None if there is none. Raises `Unavailable`."""
        found = select(github_answers).where(github_answers.c.question == question)
        async with self._database.read() as connection:
            row = (await connection.execute(found)).first()
        return Answer(row.answer, row.at) if row else None

    def keep(self, question: str, answer: Answer) -> None:
        """Keep an answer, soon; one still waiting to be written is replaced."""
        self._waiting[question] = answer
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_behind(), name="GitHub's answers")

    async def settle(self) -> None:
        """Wait until what was handed in is written, or could not be."""
        while self._writer is not None and not self._writer.done():
            await asyncio.wait({self._writer})

    async def _write_behind(self) -> None:
        while self._waiting:
            batch = dict(list(self._waiting.items())[:MOST])
            for question in batch:
                del self._waiting[question]
            try:
                async with self._database.write() as connection:
                    await _write(connection, batch)
            except Unavailable as away:
                # What stands there may grant more than the newer answer: try with the next.
                self._waiting = batch | self._waiting
                log.warning("what GitHub answered is not kept: %s does not answer", away.what)
                return
            except Exception:
                log.exception("what GitHub answered is not kept")


async def _write(connection: AsyncConnection, answers: Mapping[str, Answer]) -> None:
    """Put answers in, in an order that is every writer's, and forget the old ones."""
    insertion = inserting(connection, github_answers)
    new = insertion.excluded
    rows = [
        {"question": question, "answer": answer.text, "at": answer.at}
        for question, answer in sorted(answers.items())
    ]
    await connection.execute(
        insertion.on_conflict_do_update(
            index_elements=["question"],
            set_={"answer": new.answer, "at": new.at},
            where=new.at >= github_answers.c.at,
        ),
        rows,
    )
    newest = max(answer.at for answer in answers.values())
    await connection.execute(delete(github_answers).where(github_answers.c.at < newest - KEPT))
