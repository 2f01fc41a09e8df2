"""Answers: where they stand, with which buttons, and what is tried again.

Cards are not answers: they stand in the ROC channel and change by the outbox.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace

from aaroc_bot.core.message import Incoming, Kind, Message, Place, Posted
from aaroc_bot.core.ports import Chat, Intake, Later, Lost, Redaction
from aaroc_bot.core.run import State

log = logging.getLogger(__name__)

TRIES = 5
"""How often a chat that asks for patience is asked to take an answer."""


class Speaking:
    """Gives answers, redacted, to whoever asked, in the chat where they asked."""

    def __init__(
        self,
        chats: Mapping[str, Chat],
        intake: Intake,
        redaction: Redaction,
        roc: Collection[Place],
    ) -> None:
        """Speak through `chats`, by name; `roc` are the channels where the cards stand."""
        self._chats = chats
        self._intake = intake
        self._redaction = redaction
        self._roc = frozenset((place.chat, place.channel) for place in roc)

    def serves(self, place: Place) -> bool:
        """Whether an answer can be given there."""
        return place.chat in self._chats

    async def answer(self, said: Incoming, message: Message) -> None:
        """Give the answer to what was said, in its thread; a sign tells that it was seen."""
        chat = self._chats[said.place.chat]
        if said.ref is not None and said.button is None:
            sign = "refused" if message.kind is Kind.REFUSAL else "seen"
            heard = Posted(said.place, said.ref)
            await _patiently(lambda: chat.react(heard, sign))
        ready = self._fitting(said, await self._redacted(message))
        if ready is None:
            return
        thread = said.place.thread or (None if said.direct else said.ref)
        place = replace(said.place, thread=thread)
        buttons = await self._intake.offer(place, ready.buttons, ready.run, said.event)
        ready = replace(ready, buttons=buttons)
        await _patiently(lambda: chat.post(place, ready, said.account))

    async def _redacted(self, message: Message) -> Message:
        """Redact it; a log of megabytes takes seconds, so a file not on the event loop."""
        if message.file is None:
            return message.map(self._redaction.text)
        return await asyncio.to_thread(message.map, self._redaction.text)

    def _fitting(self, said: Incoming, message: Message) -> Message | None:
        """Say only the first line of a card that the outbox keeps in the ROC channel.

        Not even that where one looks at the card: it is new, right below, or its button was
        pressed.
        """
        place = said.place
        if message.kind is not Kind.CARD or place.chat not in {chat for chat, _ in self._roc}:
            return message
        here = (place.chat, place.channel) in self._roc
        if here and (said.button is not None or message.state == State.PLANNING):
            return None
        return Message(message.text, run=message.run, state=message.state)


async def _patiently(speak: Callable[[], Awaitable[object]]) -> None:
    """Try again when the chat asks for patience; give up when it never will."""
    for _ in range(TRIES):
        try:
            await speak()
            return
        except Later as later:
            await asyncio.sleep(later.seconds)
        except Lost as lost:
            log.warning("an answer was lost: %s", lost)
            return
    log.warning("an answer was given up after %d tries", TRIES)
