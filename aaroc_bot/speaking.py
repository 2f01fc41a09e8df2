"""Answers: where they stand, in which order, and what is tried again.

Each channel is a lane: its answers go one after another, and where the chat's limits let
them pile up, those that wait go as one message. Cards are not answers: they stand in the
ROC channel and change by the outbox.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from aaroc_bot.core.changes import ChangeState
from aaroc_bot.core.message import Account, Audience, Incoming, Kind, Message, Place, Posted
from aaroc_bot.core.ports import Chat, Later, Lost, Platform, Unavailable
from aaroc_bot.core.rights import Person
from aaroc_bot.core.run import State
from aaroc_bot.core.text import Mention, parts
from aaroc_bot.core.together import Part, fits, may_stand_together, merged
from aaroc_bot.leaving import Leaving

log = logging.getLogger(__name__)

NEW = frozenset({State.PLANNING.value, ChangeState.OPENING.value, ChangeState.OPEN.value})
"""States in which a card was just posted, right below the command."""

AGAIN = 1.0
"""Seconds until an answer is tried again for which the database was needed."""

TRIES = 5
"""How often a chat that asks for patience is asked to take a sign."""

Who = Callable[[Account], Awaitable[Person | None]]
"""Whom an account speaks for, None for a stranger."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """An answer on its way; `given` is done once it stands, or never will.

    `shown` is what of the message is said there, None for nothing.
    """

    said: Incoming
    message: Message
    shown: Message | None
    given: asyncio.Future[None] = field(default_factory=asyncio.Future)
    signed: bool = False

    @property
    def place(self) -> Place:
        """The thread of what was said: nothing stands in a thread of a direct message."""
        thread = self.said.place.thread or (None if self.said.direct else self.said.ref)
        return replace(self.said.place, thread=thread)


@dataclass(slots=True)
class _Lane:
    """The answers that wait for one channel, and the task that gives them."""

    waiting: deque[_Waiting] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None


class Speaking:
    """Gives answers, redacted, to whoever asked, in the chat where they asked."""

    def __init__(
        self, chats: Mapping[str, Chat], leaving: Leaving, who: Who, roc: Collection[Place]
    ) -> None:
        """Speak through `chats`, by name; `roc` are the channels where the cards stand."""
        self._chats = chats
        self._leaving = leaving
        self._who = who
        self._roc = frozenset((place.chat, place.channel) for place in roc)
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._signs: set[asyncio.Task[None]] = set()

    def serves(self, place: Place) -> bool:
        """Whether an answer can be given there."""
        return place.chat in self._chats

    def is_brought_again(self, place: Place) -> bool:
        """Whether the chat itself brings again what was said there and not taken in."""
        return isinstance(self._chats.get(place.chat), Platform)

    def answer(self, said: Incoming, message: Message) -> Awaitable[None]:
        """Give the answer to what was said, in its thread; a sign tells that it was seen.

        It has its place in the order at once; what comes back is done when it stands.
        """
        waiting = _Waiting(said, message, self._fitting(said, message))
        lane = self._lanes.setdefault((said.place.chat, said.place.channel), _Lane())
        lane.waiting.append(waiting)
        if lane.task is None or lane.task.done():
            lane.task = asyncio.create_task(self._serve(lane))
            lane.task.add_done_callback(lambda _: self._forget(said.place, lane))
        return waiting.given

    def _forget(self, place: Place, lane: _Lane) -> None:
        """Let a channel's lane go when nothing waits there; strangers may have opened it."""
        if not lane.waiting and self._lanes.get((place.chat, place.channel)) is lane:
            del self._lanes[place.chat, place.channel]

    async def close(self) -> None:
        """Stop where it is: what was not given is worked on again at the next start."""
        tasks = [lane.task for lane in self._lanes.values() if lane.task] + [*self._signs]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- one lane ---------------------------------------------------------------------

    async def _serve(self, lane: _Lane) -> None:
        """Give what waits; once the chat held something up, what waits goes together."""
        held = False
        while lane.waiting:
            first = lane.waiting[0]
            chat = self._chats[first.said.place.chat]
            batch = [first]
            try:
                if held:
                    batch = await self._batch(chat, lane.waiting)
                await self._give(chat, batch)
            except Later as later:
                held = True
                await asyncio.sleep(later.seconds)
                continue
            except Unavailable:
                await asyncio.sleep(AGAIN)
                continue
            except Lost as lost:
                log.warning("an answer was lost: %s", lost)
            except Exception as problem:
                log.exception("the answer to %s could not be given", first.said.event)
                _done(lane, batch, problem)
                continue
            _done(lane, batch)

    async def _batch(self, chat: Chat, waiting: Sequence[_Waiting]) -> list[_Waiting]:
        """Give the first answer with those behind it that may go in one message with it.

        Nobody's answers change their order: who has one that must go alone waits for it.
        """
        first, *others = waiting
        if not may_stand_together(first.message):
            return [first]
        batch, said, left = [first], [await self._part(first)], set[Account]()
        for other in others:
            if other.said.account in left:
                continue
            if _together(chat, first, other):
                more = await self._part(other)
                if fits([*said, more]):
                    batch.append(other)
                    said.append(more)
                    continue
            left.add(other.said.account)
        return batch

    async def _give(self, chat: Chat, batch: Sequence[_Waiting]) -> None:
        for waiting in batch:
            await self._sign(chat, waiting)
        shown = [waiting for waiting in batch if waiting.shown is not None]
        if not shown:
            return
        first = shown[0]
        place, name = first.place, first.said.event
        if len(shown) == 1:
            message = await self._named(chat, first)
        else:
            message = merged([await self._part(waiting) for waiting in shown])
            for waiting in shown:
                place = chat.shared(place, waiting.place) or place
        ready = await self._leaving.ready(message, place, name, chat.address(place))
        await chat.post(place, ready, first.said.account)

    async def _named(self, chat: Chat, waiting: _Waiting) -> Message:
        """Name who pressed a button, where everybody reads what is said to them alone."""
        said, message = waiting.said, waiting.shown or waiting.message
        alone = message.to is Audience.ASKER and not (chat.whispers or said.direct)
        if not alone or said.button is None:
            return message
        return replace(message, text=(await self._mention(waiting), ": ", *parts(message.text)))

    async def _part(self, waiting: _Waiting) -> Part:
        message = waiting.shown or waiting.message
        return Part((await self._mention(waiting),), waiting.said.text, message)

    async def _mention(self, waiting: _Waiting) -> Mention:
        account = waiting.said.account
        person = await self._who(account)
        if person is None:
            return Mention("somebody", user=account.user)
        return Mention(person.login, person.id, account.user)

    def _fitting(self, said: Incoming, message: Message) -> Message | None:
        """Say only the first line of a card that the outbox keeps in the ROC channel.

        Not even that where one looks at the card: it is new, right below, or its button was
        pressed.
        """
        place = said.place
        if message.kind is not Kind.CARD or place.chat not in {chat for chat, _ in self._roc}:
            return message
        here = (place.chat, place.channel) in self._roc
        if here and (said.button is not None or message.state in NEW):
            return None
        return Message(message.text, run=message.run, state=message.state)

    # --- signs ------------------------------------------------------------------------

    async def _sign(self, chat: Chat, waiting: _Waiting) -> None:
        """Put a sign on what was said, once.

        A busy chat is spared the one that says no more than the answer will. The other goes
        on being tried: a refusal that only the asker reads may not arrive.
        """
        said = waiting.said
        if said.ref is None or said.button is not None or waiting.signed:
            return
        waiting.signed = True
        refused = waiting.message.kind is Kind.REFUSAL
        heard, sign = Posted(said.place, said.ref), "refused" if refused else "seen"
        try:
            await chat.react(heard, sign)
        except Later as later:
            if refused:
                task = asyncio.create_task(_patiently(chat, heard, sign, later.seconds))
                self._signs.add(task)
                task.add_done_callback(self._signs.discard)
        except Lost as lost:
            log.warning("a sign was lost: %s", lost)


async def _patiently(chat: Chat, heard: Posted, sign: str, pause: float) -> None:
    for _ in range(TRIES):
        await asyncio.sleep(pause)
        try:
            await chat.react(heard, sign)
            return
        except Later as later:
            pause = later.seconds
        except Lost as lost:
            log.warning("a sign was lost: %s", lost)
            return


def _together(chat: Chat, one: _Waiting, other: _Waiting) -> bool:
    """Whether two answers have the same readers, in one place."""
    if not may_stand_together(other.message) or chat.shared(one.place, other.place) is None:
        return False
    if not chat.whispers:
        return True
    if one.message.to is not other.message.to:
        return False
    return one.message.to is Audience.ALL or one.said.account == other.said.account


def _done(lane: _Lane, batch: Sequence[_Waiting], problem: Exception | None = None) -> None:
    for waiting in batch:
        lane.waiting.remove(waiting)
        if waiting.given.done():
            continue
        if problem is None:
            waiting.given.set_result(None)
        else:
            waiting.given.set_exception(problem)
