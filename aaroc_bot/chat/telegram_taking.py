"""Taking in what Telegram brings: durable before it is confirmed.

A message that could not be kept is not confirmed, so that Telegram brings it again, and its
speaker is told that it waits; a press is answered instead, since the person who pressed
waits for it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from telegram import Bot, CallbackQuery, ChatMember, ChatMemberUpdated, Update
from telegram.error import TelegramError

from aaroc_bot.chat.taking_in import IN_TIME, MARGIN, NOT_TAKEN_IN, Told, not_yet
from aaroc_bot.chat.telegram_calls import TelegramCalls
from aaroc_bot.chat.telegram_hearing import Ear, heard, is_known, moved, pressed, speaker
from aaroc_bot.chat.telegram_line import Line
from aaroc_bot.core.message import Incoming
from aaroc_bot.core.ports import Hear, Later, Lost, Overheard, Unavailable

log = logging.getLogger(__name__)

TOO_OLD = "This card is out of date. Type the command instead."

AGAIN = "Telegram brings this to me again, and I see to it then."

Say = Callable[[Incoming, str], Awaitable[None]]
"""Says something below what was said."""

FAULTS = 5
"""How often an update that makes the bot stumble is tried before it is let go."""


class Taking:
    """Hands what was said to `hear`, once for each time that Telegram brings it."""

    def __init__(
        self,
        bot: Bot,
        calls: TelegramCalls,
        line: Line,
        clock: Callable[[], datetime],
        say: Say,
    ) -> None:
        """Answer presses through `bot`; note through `calls` where a group moved."""
        self._bot = bot
        self._calls = calls
        self._line = line
        self._clock = clock
        self._say = say
        self._waiting = Told()
        self._faults: dict[int, int] = {}
        self._told: set[int] = set()
        """Presses of which the person knows that they were not taken in."""
        self._answers: set[asyncio.Task[None]] = set()

    async def all(self, updates: Sequence[Update], ear: Ear, hear: Hear) -> int | None:
        """Take in what came; give the first update that must be brought again, None if none.

        Those of one person are taken in one after another. A move goes first: what is said
        afterwards is said in the new chat.
        """
        lanes: dict[int, list[Update]] = {}
        first = [update for update in updates if moved(update)]
        for update in updates:
            if update not in first:
                lanes.setdefault(speaker(update), []).append(update)
        again = [await self._lane(first, ear, hear)]
        again += await asyncio.gather(*(self._lane(lane, ear, hear) for lane in lanes.values()))
        first_again = min((id for id in again if id is not None), default=None)
        if first_again is None:
            self._told.clear()
        return first_again

    async def _lane(self, updates: Sequence[Update], ear: Ear, hear: Hear) -> int | None:
        for update in updates:
            if not await self.one(update, ear, hear):
                return update.update_id
        return None

    async def one(self, update: Update, ear: Ear, hear: Hear) -> bool:
        """Take one update in; False if Telegram must bring it again."""
        try:
            await self._one(update, ear, hear)
        except Unavailable as away:
            log.warning("%s is away; Telegram's update %d waits", away.what, update.update_id)
            return False
        except Exception:
            log.exception("Telegram's update %d was not taken in", update.update_id)
            times = self._faults[update.update_id] = self._faults.get(update.update_id, 0) + 1
            if times < FAULTS:
                return False
        self._faults.pop(update.update_id, None)
        return True

    async def _one(self, update: Update, ear: Ear, hear: Hear) -> None:
        if move := moved(update):
            channel = ear.rooms.named(move[0])
            if channel is not None:
                await self._calls.moved(channel, move[1])
                self._line.removed.discard(channel)
        elif update.my_chat_member is not None:
            self._note_membership(update.my_chat_member, ear)
        elif update.callback_query is not None:
            await self._press(update, update.callback_query, ear, hear)
        elif (said := heard(update, ear)) is not None:
            await self._heard(said, hear)

    async def _heard(self, said: Incoming, hear: Hear) -> None:
        try:
            await hear(said)
        except Overheard:
            raise
        except Unavailable as away:
            if self._waiting.first(said.event):
                self._behind(self._say_so(said, not_yet(away.what, AGAIN)))
            raise

    async def _say_so(self, said: Incoming, text: str) -> None:
        try:
            await self._say(said, text)
        except (Later, Lost, TelegramError) as problem:
            log.warning("%s waits, and nobody was told: %s", said.event, problem)

    def _note_membership(self, change: ChatMemberUpdated, ear: Ear) -> None:
        channel = ear.rooms.named(change.chat.id)
        if channel is None or ear.rooms.now(channel) != change.chat.id:
            return  # nobody's, or what a group left behind when it became a supergroup
        if change.new_chat_member.status in {ChatMember.LEFT, ChatMember.BANNED}:
            self._line.removed.add(channel)
        else:
            self._line.removed.discard(channel)

    async def _press(self, update: Update, query: CallbackQuery, ear: Ear, hear: Hear) -> None:
        said = pressed(update, ear, self._clock())
        if said is None:
            if is_known(query, ear.rooms):
                self._answer(query, TOO_OLD)
            return
        if update.update_id in self._told:
            return  # brought again with what somebody else said
        until = self._clock() + timedelta(seconds=IN_TIME - MARGIN)
        taking = asyncio.ensure_future(_kept(hear, replace(said, until=until)))
        try:
            done, _ = await asyncio.wait({taking}, timeout=IN_TIME)
            kept = bool(done) and taking.result()
            if not kept:
                self._told.add(update.update_id)
            self._answer(query, "" if kept else NOT_TAKEN_IN)
            await taking  # what is kept after `until` counts for nothing
        finally:
            taking.cancel()

    def _answer(self, query: CallbackQuery, alert: str) -> None:
        """Answer a press, behind the back of what comes next."""

        async def answer() -> None:
            try:
                await self._bot.answer_callback_query(
                    query.id, alert or None, show_alert=bool(alert)
                )
            except TelegramError as problem:  # too old by now, or Telegram is away
                log.info("a press was not answered: %s", problem)

        self._behind(answer())

    def _behind(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def close(self) -> None:
        """Let the answers under way end."""
        await asyncio.gather(*self._answers, return_exceptions=True)


async def _kept(hear: Hear, said: Incoming) -> bool:
    try:
        await hear(said)
    except Unavailable as away:
        log.warning("%s is away; a press was not taken in", away.what)
        return False
    except Exception:
        log.exception("the press %s was not taken in", said.event)
        return False
    return True
