"""Group commit: what comes in while one transaction is committed goes into the next one.

A commit costs the disk's time whatever is in it, so concurrent writers share it: nobody
waits longer than for the commit under way and their own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.database import Database

Item = TypeVar("Item")
Answer = TypeVar("Answer")

MOST = 256
"""Items of one transaction: it stays short for the other writers."""


class GroupCommit(Generic[Item, Answer]):
    """Writes items with `write`, many in one transaction, and gives each its answer."""

    def __init__(
        self,
        database: Database,
        write: Callable[[AsyncConnection, Sequence[Item]], Awaitable[Sequence[Answer]]],
    ) -> None:
        """Take what writes items inside a transaction; one answer for each, in their order."""
        self._database = database
        self._write = write
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._writer: asyncio.Task[None] | None = None

    def submit(self, item: Item) -> asyncio.Future[Answer]:
        """Hand in an item; its future is done once it is committed, or has failed."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._work(), name="group commit")
        return answer

    async def settle(self) -> None:
        """Wait until everything that was handed in is committed or has failed."""
        while self._writer is not None and not self._writer.done():
            await asyncio.wait({self._writer})

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                await self._commit(batch)
            except BaseException:
                # The loop is ending: leave nobody waiting for this writer.
                for _, answer in [*batch, *self._waiting]:
                    answer.cancel()
                self._waiting = []
                raise

    async def _commit(self, batch: Sequence[tuple[Item, asyncio.Future[Answer]]]) -> None:
        try:
            async with self._database.write() as connection:
                answers = await self._write(connection, [item for item, _ in batch])
        except Exception as problem:
            if len(batch) > 1 and not isinstance(problem, Unavailable):
                # One bad item must not fail the others: each on its own.
                for single in batch:
                    await self._commit([single])
                return
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(problem)
        else:
            for (_, answer), value in zip(batch, answers, strict=True):
                if not answer.done():
                    answer.set_result(value)
