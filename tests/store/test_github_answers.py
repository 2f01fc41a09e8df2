"""GitHub's last answers: written behind, never an older one over a newer one, two days long."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, event, text

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.database import Database
from aaroc_bot.store.github_answers import MOST, Answer, GitHubAnswers

NOW = datetime(2026, 6, 8, 14, tzinfo=UTC)


@contextmanager
def refusing(database: Database) -> Iterator[None]:
    """Have SQLite refuse to write meanwhile."""

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only=ON")

    def end(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only=OFF")

    engine = database._writer.sync_engine
    event.listen(engine, "begin", begin)
    event.listen(engine, "rollback", end)
    yield
    event.remove(engine, "begin", begin)
    event.remove(engine, "rollback", end)


async def test_the_last_answer_is_there_for_the_next_process(database: Database) -> None:
    answers = GitHubAnswers(database)
    assert await answers.last("a") is None
    for number in range(3):
        answers.keep("a", Answer(f"{number}", NOW + timedelta(seconds=number)))
    answers.keep("b", Answer("b", NOW))
    await answers.settle()
    restarted = GitHubAnswers(database)
    assert await restarted.last("a") == Answer("2", NOW + timedelta(seconds=2))
    assert await restarted.last("b") == Answer("b", NOW)


async def test_an_older_answer_of_another_process_replaces_nothing(database: Database) -> None:
    one, other = GitHubAnswers(database), GitHubAnswers(database)
    one.keep("a", Answer("new", NOW))
    await one.settle()
    other.keep("a", Answer("old", NOW - timedelta(seconds=1)))
    await other.settle()
    assert await one.last("a") == Answer("new", NOW)


async def test_what_is_old_is_forgotten(database: Database) -> None:
    answers = GitHubAnswers(database)
    answers.keep("old", Answer("old", NOW))
    answers.keep("younger", Answer("younger", NOW + timedelta(hours=2)))
    await answers.settle()
    answers.keep("new", Answer("new", NOW + timedelta(days=2, hours=1)))
    await answers.settle()
    assert await answers.last("old") is None
    assert await answers.last("younger") and await answers.last("new")


async def test_many_are_written_in_short_transactions(database: Database) -> None:
    answers = GitHubAnswers(database)
    for number in range(2 * MOST + 1):
        answers.keep(str(number), Answer("x", NOW))
    await answers.settle()
    async with database.read() as connection:
        found = await connection.execute(text("SELECT count(*) FROM github_answers"))
        assert found.scalar_one() == 2 * MOST + 1


async def test_what_cannot_be_written_is_logged_and_written_with_the_next(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    answers = GitHubAnswers(sqlite_database)
    with refusing(sqlite_database):
        answers.keep("a", Answer("a", NOW))
        answers.keep("b", Answer("old", NOW))
        await answers.settle()
    assert "not kept: the database does not answer" in caplog.text
    assert await answers.last("a") is None
    answers.keep("b", Answer("new", NOW + timedelta(seconds=1)))
    await answers.settle()
    assert await answers.last("a") == Answer("a", NOW)
    assert await answers.last("b") == Answer("new", NOW + timedelta(seconds=1))


async def test_a_database_that_is_away_is_told_to_who_reads() -> None:
    database = Database("postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(Unavailable):
        await GitHubAnswers(database).last("a")
    await database.close()
