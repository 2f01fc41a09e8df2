"""Hearing from Telegram: a long poll of our own, or a webhook that is looked after.

The library's updater confirms an update before it is kept, and ends for good on one
refusal; this one confirms by the next poll and never ends.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from telegram import BotCommand, Update
from telegram.error import BadRequest, Conflict, InvalidToken, TelegramError

from aaroc_bot.chat.telegram_hearing import Ear
from aaroc_bot.chat.telegram_line import Line
from aaroc_bot.chat.telegram_names import Rooms
from aaroc_bot.chat.telegram_reading import RawBot, number, read
from aaroc_bot.chat.telegram_taking import Taking
from aaroc_bot.core.pauses import growing
from aaroc_bot.core.ports import Hear

log = logging.getLogger(__name__)

T = TypeVar("T")

HEARD = (Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER)
"""The kinds of updates that Telegram is asked for."""

LONG = 20
"""Seconds for which Telegram may keep a poll open."""

REFUSED_PAUSE = 300.0
"""Seconds until a refused token is tried again."""

LONGEST_PAUSE = 30.0
"""Seconds until a silent Telegram is asked again, at most."""

UNKEPT_PAUSE = 15.0
"""Seconds until what could not be kept is asked for again, at most."""

CHECK = 60.0
"""Seconds between looks at the webhook."""

LATELY = timedelta(minutes=2)
"""How long a call of Telegram's that failed is told of, while others wait."""

MENU = 100
"""Commands in Telegram's menu, at most; its limits of name and description stand below."""


@dataclass(frozen=True, slots=True)
class Hook:
    """The webhook: where Telegram calls, and the secret by which its calls are known."""

    url: str
    secret: str


class Connection:
    """Serves one bot until cancelled."""

    def __init__(
        self,
        bot: RawBot,
        rooms: Rooms,
        taking: Taking,
        line: Line,
        *,
        plain: bool,
        menu: tuple[tuple[str, str], ...],
        hook: Hook | None,
        clock: Callable[[], datetime],
    ) -> None:
        """Serve `bot`; what comes goes through `taking`, what is wrong stands on `line`."""
        self._bot = bot
        self._rooms = rooms
        self._taking = taking
        self._line = line
        self._plain = plain
        self._menu = menu
        self._hook = hook
        self._clock = clock
        self._offset: int | None = None
        self.ear: Ear | None = None

    async def serve(self, hear: Hear) -> None:
        """Hear until cancelled, beginning anew after every fault."""
        silent = 0
        while True:
            try:
                if self.ear is None:
                    self.ear = await self._began()
                await self._listen(self.ear, hear)
                self._line.well()
                silent = 0
                continue
            except InvalidToken:
                self._line.answered("Telegram refuses the bot's token (Unauthorized)")
                pause = REFUSED_PAUSE
            except Conflict:
                self._line.contested()
                self.ear = None  # it may be a webhook that another program set
                pause = growing(silent, LONGEST_PAUSE)
            except BadRequest as problem:
                self._line.answered(f"Telegram refuses to serve the bot ({problem.message})")
                pause = LONGEST_PAUSE
            except TelegramError as problem:
                log.warning("Telegram: %s", problem)
                pause = growing(silent, LONGEST_PAUSE)
            except Exception as problem:
                log.exception("the connection to Telegram stumbled")
                self._line.stumbled(type(problem).__name__)
                pause = growing(silent, LONGEST_PAUSE)
            silent += 1
            await asyncio.sleep(pause)

    async def _began(self) -> Ear:
        """Say who the bot is and how it wants to hear."""
        me = await self._asked(self._bot.get_me())
        if self._hook is None:
            await self._asked(self._bot.delete_webhook())
        else:
            await self._set(self._hook)
        await self._set_menu()
        log.info("Telegram knows the bot as @%s", me.username)
        commands = frozenset(_in_menu(name) for name, _ in self._menu)
        return Ear(me.id, me.username or "", self._rooms, self._plain, commands)

    async def _listen(self, ear: Ear, hear: Hear) -> None:
        if self._hook is None:
            await self._poll(ear, hear)
        else:
            await asyncio.sleep(CHECK)
            await self._look_after(self._hook)

    async def _poll(self, ear: Ear, hear: Hear) -> None:
        """Ask for what came and take it in, as often as it takes to keep it."""
        unkept = 0
        while True:
            given = await self._asked(self._bot.raw_updates(self._offset, LONG, HEARD))
            if not given:
                return
            updates = [update for raw in given if (update := read(raw, self._bot)) is not None]
            again = await self._taking.all(updates, ear, hear)
            self._offset = number(given[-1]) + 1 if again is None else again
            if again is None:
                return
            await asyncio.sleep(growing(unkept, UNKEPT_PAUSE))
            unkept += 1

    async def _look_after(self, hook: Hook) -> None:
        """See that Telegram still calls us, and what it says of its calls."""
        info = await self._asked(self._bot.get_webhook_info())
        if info.url != hook.url:
            log.warning("Telegram's webhook was changed; it is set again")
            await self._set(hook)
        failed = info.last_error_date
        lately = failed is not None and self._clock() - failed < LATELY
        if lately and info.pending_update_count:
            self._line.answered(f"Telegram cannot call the bot ({info.last_error_message})")

    async def _set(self, hook: Hook) -> None:
        await self._asked(
            self._bot.set_webhook(hook.url, secret_token=hook.secret, allowed_updates=HEARD)
        )

    async def _set_menu(self) -> None:
        """Set the commands that Telegram offers while one types; a fault there hinders nothing."""
        commands = [BotCommand(_in_menu(name), help[:256]) for name, help in self._menu[:MENU]]
        try:
            await self._asked(self._bot.set_my_commands(commands))
        except BadRequest:
            log.exception("Telegram did not take the menu of commands")

    async def _asked(self, question: Awaitable[T]) -> T:
        self._line.asked()
        answer = await question
        self._line.answered()
        return answer


def _in_menu(name: str) -> str:
    """Spell a command as Telegram's menu takes it, and people then type it."""
    return name.replace("-", "_").lower()[:32]
