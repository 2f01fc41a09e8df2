"""An emulated Telegram as a screen."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.ports import Hear
from tests.conversations.screens import Button, Seen, card, everything, loosely
from tests.emulators.telegram import Shown, State, Telegram, lines
from tests.emulators.telegram.world import Button as Key

LONG = 600.0
"""Seconds; whoever waits here has a shorter patience of their own."""

_NAMED = re.compile(r"@([\w-]+): ")


class Group:
    """The ROC's group, everybody's chat with the bot, and who has which account.

    Telegram does not whisper: what is to somebody answers what they said, or names them.
    """

    def __init__(self, telegram: Telegram, people: Sequence[str], *, forum: bool) -> None:
        self.telegram = telegram
        self._users = {who: telegram.person(who) for who in people}
        for user in self._users.values():
            telegram.private(user, started=True)
        self._names = {user: who for who, user in self._users.items()}
        self.chat = telegram.group("ROC", tuple(self._users.values()), forum=forum)
        self._states: list[State] = []
        self._seen: list[Seen] = []

    @classmethod
    @asynccontextmanager
    async def opened(cls, people: Sequence[str]) -> AsyncIterator["Group"]:
        """Open a group in which nobody counts how often the bot speaks."""
        async with Telegram() as telegram:
            telegram.strict = False
            yield cls(telegram, people, forum=False)

    @classmethod
    @asynccontextmanager
    async def forum(cls, people: Sequence[str]) -> AsyncIterator["Group"]:
        """Open a group that has topics."""
        async with Telegram() as telegram:
            telegram.strict = False
            yield cls(telegram, people, forum=True)

    @property
    def roc(self) -> Place:
        return Place("telegram", str(self.chat))

    @property
    def accounts(self) -> Mapping[str, Account]:
        return {who: Account("telegram", "", str(user)) for who, user in self._users.items()}

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "AAROC_TELEGRAM__API_URL": self.telegram.api_url,
            "AAROC_TELEGRAM__TOKEN": self.telegram.token,
            "AAROC_TELEGRAM__CHATS": json.dumps([self.chat]),
        }

    @property
    def secrets(self) -> Sequence[str]:
        return (self.telegram.token,)

    async def begin(self, hear: Hear) -> None:
        """What is said before the bot asks for it waits."""

    async def say(self, who: str, text: str, *, direct: bool) -> None:
        user = self._users[who]
        await self.telegram.say(user, user if direct else self.chat, text)
        await self.settled()

    async def settled(self) -> None:
        """Return once every update so far is confirmed."""
        await self.telegram.until(lambda: not self.telegram.waiting)

    async def migrate(self) -> None:
        """Make the group a supergroup; its messages stay behind."""
        self._look()
        self.chat = await self.telegram.migrate(self.chat)

    async def press(self, who: str, button: Button) -> None:
        """Press a button; one that is gone from there still stands on somebody's screen."""
        state = self._states[button.seq - 1]
        shown = self._shown(state.chat, state.message_id)
        stands, shown.rows = shown.rows, [[Key(button.label, button.id)]]
        pressing = asyncio.create_task(
            self.telegram.press(self._users[who], state.chat, state.message_id, button.id)
        )
        await asyncio.sleep(0)  # the press is on its way now
        shown.rows = stands
        answer = await pressing
        assert answer == "", f"a press was answered with {answer}"

    async def since(self, seq: int) -> Sequence[Seen]:
        self._look()
        return self._seen[seq:]

    async def wait(self, seq: int) -> None:
        await self.telegram.until(lambda: len(self.telegram.states()) > seq, LONG)

    def read(self, line: str) -> str:
        return loosely(line)

    async def kept(self) -> str:
        self._look()
        return everything(self._seen)

    def faults(self) -> Sequence[str]:
        return self.telegram.faults

    def _look(self) -> None:
        for state in self.telegram.states(len(self._states)):
            self._states.append(state)
            self._seen.append(self._with_file(state) if state.document else self._message(state))

    def _message(self, state: State) -> Seen:
        written = [line for line in lines(state) if line]
        said = tuple(written[: len(written) - len(state.buttons)])
        answered = self._answered(state)
        in_channel = state.chat == self.chat and answered is None
        return Seen(
            state.seq,
            f"{state.chat}/{state.message_id}",
            said,
            card=card(said[0]) if in_channel else None,
            to=self._to(state, answered, said[0]),
            alone=state.chat != self.chat,
            buttons=tuple(
                Button(str(state.message_id), state.seq, key.data, key.label)
                for key in state.buttons
            ),
        )

    def _to(self, state: State, answered: Shown | None, first: str) -> str | None:
        if state.chat != self.chat:
            return self._names[state.chat]
        if answered is not None and answered.author in self._names:
            return self._names[answered.author]
        named = _NAMED.match(first)
        return named[1] if named else None

    def _answered(self, state: State) -> Shown | None:
        reply_to = self._shown(state.chat, state.message_id).reply_to
        return None if reply_to is None else self._shown(state.chat, reply_to)

    def _shown(self, chat: int, message_id: int) -> Shown:
        return next(m for m in self.telegram.messages(chat) if m.message_id == message_id)

    def _with_file(self, state: State) -> Seen:
        """Give the message to which a file belongs, as it stands with it."""
        assert state.document is not None
        answered = self._answered(state)
        of = f"{state.chat}/{answered.message_id}" if answered else ""
        before = next((seen for seen in reversed(self._seen) if seen.ref == of), None)
        if before is None:
            return replace(self._message(state), files=(state.document,))
        return replace(before, seq=state.seq, files=(*before.files, state.document))
