"""Commands a second through the whole way, as a ratio to a bare loop in the same run.

The bare loop only writes one row a command, 64 to a commit, without hashing and without
asyncio: the most that SQLite gives on this disk, not what any bot could reach.
The bot hears a command, takes it in durably, knows who says it, reads it, asks the policy,
puts it on record (committed) and gives its answer to a chat that drops it. Both on SQLite
with `synchronous=FULL`, 64 in flight, one process. `python -m benchmarks.commands`.
"""

import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
import uuid
from datetime import datetime
from pathlib import Path

from aaroc_bot.app import Bot, opened
from aaroc_bot.clock import now
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Account, Incoming, Message, Place, Posted
from aaroc_bot.core.rights import Person
from aaroc_bot.sandbox.box import prepare
from aaroc_bot.settings import read
from aaroc_bot.store.database import Database
from aaroc_bot.store.links import Links

COMMANDS = 2_000
IN_FLIGHT = 64
ACCOUNTS = 64
ROUNDS = 5
PLACE = Place("web", "roc")


class Nowhere:
    """A chat that drops what it is given, and says when."""

    name = "web"
    whispers = True

    def __init__(self) -> None:
        self.answered: dict[str, asyncio.Event] = {}

    async def post(
        self, place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        """Note that the command in whose thread this stands has its answer."""
        self.answered[place.thread or ""].set()
        return Posted(place, "")

    async def find(self, place: Place, mark: str, since: datetime) -> Posted | None:
        """Find nothing."""
        return None

    async def direct(self, account: Account) -> Place:
        """Give the one place."""
        return PLACE

    def address(self, place: Place) -> str:
        """Give nothing: whatever is typed is heard."""
        return ""

    def shared(self, one: Place, other: Place) -> Place | None:
        """Give the one place."""
        return PLACE

    async def edit(self, posted: Posted, message: Message) -> None:
        """Drop it."""

    async def react(self, posted: Posted, sign: str) -> None:
        """Drop it."""


def bare(folder: Path) -> float:
    """Give rows a second that plain SQLite commits, 64 at once."""
    connection = sqlite3.connect(folder / f"{uuid.uuid4()}.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE audit (id INTEGER PRIMARY KEY, text TEXT, hash TEXT)")
    row = ("status ZA-UJ" * 10, "0" * 64)
    began = time.perf_counter()
    for _ in range(COMMANDS // IN_FLIGHT):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO audit (text, hash) VALUES (?, ?)", [row] * IN_FLIGHT)
        connection.execute("COMMIT")
    return COMMANDS / (time.perf_counter() - began)


async def through(bot: Bot, chat: Nowhere) -> tuple[float, float]:
    """Give commands a second through the bot, and the 99th percentile of one, in ms."""
    turns, took = asyncio.Semaphore(IN_FLIGHT), []

    async def one(number: int) -> None:
        async with turns:
            ref = str(uuid.uuid4())
            chat.answered[ref] = asyncio.Event()
            account = Account("web", "", f"admin-{number % ACCOUNTS}")
            began = time.perf_counter()
            await bot.dispatcher.hear(Incoming(ref, account, PLACE, "sites", now(), ref))
            await chat.answered[ref].wait()
            took.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(COMMANDS)))
    rate = COMMANDS / (time.perf_counter() - began)
    return rate, statistics.quantiles(took, n=100)[98] * 1000


async def main() -> None:
    """Measure in turns, and print the median ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        box = await prepare(folder / "box", fresh=True)
        os.environ.update(box.settings, AAROC_LIMITS__COMMANDS_A_MINUTE="1000000")
        chat = Nowhere()
        async with box.github(), opened(read(), lambda _, __: (chat,), (PLACE,)) as bot:
            await bot.refresh()
            await _link(bot.database, next(iter(box.accounts.values())))
            await through(bot, chat)  # warm
            ratios, tails = [], []
            for _ in range(ROUNDS):
                limit = bare(folder)
                rate, tail = await through(bot, chat)
                ratios.append(rate / limit)
                tails.append(tail)
                print(f"bare {limit:8.0f}/s  bot {rate:7.0f}/s  ratio {rate / limit:.3f}")
            print(
                f"median ratio {statistics.median(ratios):.3f}; "
                f"median p99 {statistics.median(tails):.0f} ms (to reach: 20)"
            )


async def _link(database: Database, person: Person) -> None:
    links = Links(database)
    for number in range(ACCOUNTS):
        account = Account("web", "", f"admin-{number}")
        await links.link(account, person, Event(What.LINK, now()))


if __name__ == "__main__":
    asyncio.run(main())
