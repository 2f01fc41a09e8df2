"""Cards to be posted and edited: rows that transitions write, and the loop that delivers.

A transition calls `Outbox.bump`, `notice` or `tell` inside its own transaction, so a card
can neither be forgotten nor tell of something that was rolled back. `Delivery` asks the
renderer for the words, posts or edits, and notes what is seen. Only the newest version is
sent, however many there were meanwhile.

A message is noted after it was posted. Before, its row is given a mark that goes with the
message unseen: whoever finds a mark on a row asks the chat whether it was posted. Where a
chat cannot tell, it is posted once more; the other order could lose a request for approval.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, case, false, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.message import Account, Audience, Message, Place, Posted
from aaroc_bot.core.pauses import growing
from aaroc_bot.core.ports import Chat, Later, Lost, Shut, Unavailable
from aaroc_bot.leaving import Leaving
from aaroc_bot.store.database import Database
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.tables import outbox

logger = logging.getLogger(__name__)

Render = Callable[[str, str, Mapping[str, Any]], Awaitable[Message]]
"""Card's name, subject and data in, the message as it should read now out."""

POLL = 0.5
"""Seconds between looks for rows that another process wrote."""

ENDING = 5.0
"""Seconds that a message under way has when the bot is told to end."""

REMEMBERED = 1_000
"""Cards of which it is remembered how they read."""

TRIES = 300
"""How often a channel that does not take a card is tried: about a day."""

LONGEST_PAUSE = 300
"""Seconds between tries after a fault, at most."""


class Outbox:
    """Writes the rows, one for each ROC channel (`channels`)."""

    def __init__(self, channels: Sequence[Place], now: Callable[[], datetime]) -> None:
        self._channels = tuple(channels)
        self._now = now
        self._listeners: list[asyncio.Event] = []

    async def bump(self, connection: AsyncConnection, card: str, subject: str) -> None:
        """Have a card posted in each channel, or edited where it stands already."""
        for place in self._channels:
            values = self._row(place, card, subject, {}, None)
            await connection.execute(
                inserting(connection, outbox)
                .values(values)
                .on_conflict_do_update(
                    index_elements=["card", "subject", "chat", "channel"],
                    set_={"wanted": outbox.c.wanted + 1},
                    where=outbox.c.lost == false(),
                )
            )

    async def notice(
        self,
        connection: AsyncConnection,
        card: str,
        subject: str,
        data: Mapping[str, Any],
        *,
        under: tuple[str, str] | None = None,
        but: str = "",
    ) -> None:
        """Have a short message posted once, in the thread of the card `under` (its name and
        subject) if given.

        `but` names a chat in which it is not said.
        """
        for place in self._channels:
            if place.chat == but:
                continue
            parent = None
            if under is not None:
                parent = await connection.scalar(
                    select(outbox.c.id).where(_is(*under, place)).limit(1)
                )
            if await connection.scalar(select(outbox.c.id).where(_is(card, subject, place))):
                continue
            await connection.execute(
                insert(outbox).values(self._row(place, card, subject, data, parent))
            )

    async def tell(
        self,
        connection: AsyncConnection,
        card: str,
        subject: str,
        data: Mapping[str, Any],
        account: Account,
    ) -> None:
        """Have a short message said once to one account alone."""
        place = Place(account.chat, str(account))
        row = self._row(place, card, subject, data, None) | {"reader": str(account)}
        await connection.execute(inserting(connection, outbox).values(row).on_conflict_do_nothing())

    async def again(self, connection: AsyncConnection, card: str, about: str) -> None:
        """Have what was told to one account read as it is now; `about` begins its subject."""
        await connection.execute(
            update(outbox)
            .where(outbox.c.card == card, outbox.c.subject.startswith(about, autoescape=True))
            .values(wanted=outbox.c.wanted + 1)
        )

    def wake(self) -> None:
        """Say that rows were committed."""
        for event in self._listeners:
            event.set()

    def listen(self) -> asyncio.Event:
        """Give an event that `wake` sets."""
        event = asyncio.Event()
        self._listeners.append(event)
        return event

    def _row(
        self, place: Place, card: str, subject: str, data: Mapping[str, Any], under: int | None
    ) -> dict[str, Any]:
        return {
            "card": card,
            "subject": subject,
            "data": json.dumps(data),
            "chat": place.chat,
            "channel": place.channel,
            "under": under,
            "wanted": 1,
            "shown": 0,
            "tries": 0,
            "due": self._now(),
        }


class Delivery:
    """Sends what the rows want to the chats that there are; rows of others wait."""

    def __init__(
        self,
        *,
        database: Database,
        box: Outbox,
        chats: Mapping[str, Chat],
        render: Render,
        leaving: Leaving,
        now: Callable[[], datetime],
        still: Callable[[], bool] = lambda: True,
    ) -> None:
        """`still` is whether this process may send: another may have its place by now."""
        self._database = database
        self._box = box
        self._still = still
        self._chats = chats
        self._render = render
        self._leaving = leaving
        self._now = now
        self._paused: dict[tuple[str, str, bool], datetime] = {}
        self._unsent: set[int] = set()
        """Rows with a mark of this process that the chat surely did not take."""
        self._reads: dict[int, int] = {}
        """How rows read when they were last sent, as hashes."""

    async def run(self) -> None:
        """Deliver until cancelled, each chat at its own pace."""
        async with asyncio.TaskGroup() as group:
            for chat in self._chats.values():
                group.create_task(self._serve(chat))

    async def _serve(self, chat: Chat) -> None:
        woken = self._box.listen()
        while True:
            try:
                await self.deliver(chat)
            except Unavailable as problem:
                logger.warning("%s is away; messages wait", problem.what)
            except Exception:
                logger.exception("the outbox stumbled over %s", chat.name)
            try:
                async with asyncio.timeout(POLL):  # `wait_for` of 3.11 can lose a cancel
                    await woken.wait()
            except TimeoutError:
                continue
            woken.clear()

    async def deliver(self, chat: Chat) -> int:
        """Send everything that is due for one chat now; give how many messages went.

        Where the chat asks for patience, that channel's posts (or its edits) wait alone.
        """
        sent = 0
        for row in await self._due(chat.name):
            kind = (chat.name, row.channel, row.ref is None)
            if self._paused.get(kind, self._now()) > self._now():
                continue
            try:
                sent += await _to_its_end(self._send(chat, row))
            except _Displaced:
                return sent
            except Later as wait:
                self._paused[kind] = self._now() + timedelta(seconds=wait.seconds)
                if not wait.maybe and row.mark is None:
                    self._unsent.add(row.id)
                elif wait.maybe:
                    self._unsent.discard(row.id)
                    await self._later(row)
            except Shut:
                logger.warning("%s takes nothing from the bot in %s", row.chat, row.channel)
                await self._later(row)
            except _Orphan:
                await self._note(row, lost=True, shown=row.wanted)
            except Lost:
                await self._lose(row)
            except Exception:
                logger.exception("%s %s was not delivered", row.card, row.subject)
                await self._later(row)
        return sent

    async def _later(self, row: Row[Any], **values: object) -> None:
        """Try a row again, after a pause that grows: who is silent may have taken it."""
        pause = timedelta(seconds=growing(row.tries, LONGEST_PAUSE))
        await self._note(row, due=self._now() + pause, tries=row.tries + 1, **values)

    async def _lose(self, row: Row[Any]) -> None:
        """Give up what one account alone would read; a card is posted anew.

        It may have been deleted by hand, and without it a request for approval would go
        unseen.
        """
        logger.warning("%s %s cannot be shown in %s", row.card, row.subject, row.channel)
        if row.reader is not None or row.tries >= TRIES:
            await self._note(row, lost=True, shown=row.wanted)
            return
        self._reads.pop(row.id, None)
        # not the ref if it was to be posted anew meanwhile: then only the old message is gone
        ref = case((outbox.c.ref == row.ref, None), else_=outbox.c.ref)
        await self._later(row, ref=ref, mark=None)

    async def _due(self, chat: str) -> Sequence[Row[Any]]:
        query = (
            select(outbox)
            .where(outbox.c.chat == chat, _UNSEEN, outbox.c.due <= self._now())
            .order_by(outbox.c.id)
            .limit(1000)
        )
        async with self._database.read() as connection:
            return (await connection.execute(query)).all()

    async def _send(self, chat: Chat, row: Row[Any]) -> bool:
        place, reader = await self._where(chat, row)
        if place is None:
            return False
        if row.ref is None:
            await self._post(chat, row, place, reader)
        else:
            message = await self._message(chat, row, place)
            if self._reads.get(row.id) != hash(message):
                self._must_be_ours()
                await chat.edit(Posted(place, row.ref), message)
            self._keep(row, message)
            await self._note(row, shown=row.wanted, tries=0)
        return True

    def _keep(self, row: Row[Any], message: Message) -> None:
        """Remember how a card reads: an edit that changes nothing would use up a chat's limit."""
        if len(self._reads) >= REMEMBERED:
            self._reads.clear()
        self._reads[row.id] = hash(message)

    async def _where(self, chat: Chat, row: Row[Any]) -> tuple[Place | None, Account | None]:
        """Give where it stands and who alone reads it; no place while its card waits itself."""
        if row.reader is not None:
            reader = Account.read(row.reader)
            return await chat.direct(reader), reader
        if row.under is None:
            return Place(row.chat, row.channel, row.thread), None
        parent = await self._parent(row)
        return None if parent is None else Place(row.chat, row.channel, parent.ref), None

    async def _post(self, chat: Chat, row: Row[Any], place: Place, reader: Account | None) -> None:
        """Post it, unless a mark is found under which it was posted already.

        What was found says what it said then: it is edited like any card that changed.
        """
        mark, posted = row.mark, None
        if mark is None:
            mark = secrets.token_urlsafe(12)
            if not await self._mark(row, mark):
                return  # another process posts it
        elif row.id not in self._unsent:
            posted = await chat.find(place, mark, row.marked_at)
        shown = row.shown
        if posted is None:
            message = await self._message(chat, row, place)
            if reader is not None:
                message = replace(message, to=Audience.ASKER)
            self._must_be_ours()
            posted = await chat.post(place, message, reader, mark)
            shown = row.wanted
            self._keep(row, message)
        self._unsent.discard(row.id)
        await self._note(row, ref=posted.ref, shown=shown, tries=0, mark=None)

    async def _mark(self, row: Row[Any], mark: str) -> bool:
        """Put a mark on a row that has none; False if another process was faster."""
        async with self._database.write() as connection:
            marked = await connection.execute(
                update(outbox)
                .where(outbox.c.id == row.id, outbox.c.mark.is_(None), outbox.c.ref.is_(None))
                .values(mark=mark, marked_at=self._now())
            )
        return marked.rowcount == 1

    def _must_be_ours(self) -> None:
        if not self._still():
            raise _Displaced

    async def _parent(self, row: Row[Any]) -> Row[Any] | None:
        """Give the card in whose thread it stands; None while that, or one before it, waits."""
        before = select(func.count()).where(
            outbox.c.chat == row.chat, _UNSEEN, outbox.c.under == row.under, outbox.c.id < row.id
        )
        async with self._database.read() as connection:
            parent = (
                await connection.execute(select(outbox).where(outbox.c.id == row.under))
            ).one()
            waiting = await connection.scalar(before)
        if parent.lost and parent.ref is None:
            raise _Orphan
        return None if parent.ref is None or waiting else parent

    async def _message(self, chat: Chat, row: Row[Any], place: Place) -> Message:
        message = await self._render(row.card, row.subject, json.loads(row.data))
        name = f"{row.card}:{row.subject}"
        return await self._leaving.ready(message, place, name, chat.address(place))

    async def _note(self, row: Row[Any], **values: object) -> None:
        """Keep what became of a row, however long the database is away: it was sent.

        Not if another process has shown it meanwhile.
        """
        while True:
            try:
                async with self._database.write() as connection:
                    await connection.execute(
                        update(outbox)
                        .where(outbox.c.id == row.id, outbox.c.shown == row.shown)
                        .values(**values)
                    )
                return
            except Unavailable:
                await asyncio.sleep(1)


async def _to_its_end(sending: Coroutine[Any, Any, bool]) -> bool:
    """Send a message; who is told to end notes what was posted first, or it is posted twice."""
    task = asyncio.ensure_future(sending)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=ENDING)
        task.cancel()
        raise


class _Displaced(Exception):
    """Another process has the place of this one, which may not send any more."""


class _Orphan(Exception):
    """The card in whose thread something was to be said was given up."""


_UNSEEN = outbox.c.wanted > outbox.c.shown


def _is(card: str, subject: str, place: Place) -> Any:
    return and_(
        outbox.c.card == card,
        outbox.c.subject == subject,
        outbox.c.chat == place.chat,
        outbox.c.channel == place.channel,
    )
