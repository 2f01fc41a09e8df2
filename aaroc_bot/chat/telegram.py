"""The Telegram adapter: a group of Telegram's as the ROC's channel.

`telegram_connection` hears, `telegram_sending` speaks, `telegram_render` finds the HTML;
here they are one `Platform`.
"""

import asyncio
import hmac
import logging
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from aiohttp import web
from telegram.error import BadRequest
from telegram.request import HTTPXRequest

from aaroc_bot.chat.following import LOOPBACK
from aaroc_bot.chat.telegram_calls import TelegramCalls
from aaroc_bot.chat.telegram_connection import Connection, Hook
from aaroc_bot.chat.telegram_line import Line
from aaroc_bot.chat.telegram_names import NAME, Name, Rooms
from aaroc_bot.chat.telegram_reading import RawBot, read
from aaroc_bot.chat.telegram_render import rendered
from aaroc_bot.chat.telegram_sending import Sending
from aaroc_bot.chat.telegram_taking import Taking
from aaroc_bot.core.message import Account, Incoming, Message, Place, Posted
from aaroc_bot.core.ports import Addresses, Hear, Later, Lost, Unavailable

log = logging.getLogger(__name__)

SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
SIGNS = {"seen": "👀", "refused": "🙊"}
"""Emoji that Telegram allows as reactions."""

ANSWER = 15.0
"""Seconds that Telegram has to answer a call; what timed out may stand, and is sent again."""

HALVES = 100
"""Messages whose files are still to come that are remembered."""

ADDRESSES_PAUSE = 1.0
"""Seconds until the database is asked again where groups moved."""


@dataclass(frozen=True, slots=True)
class TelegramOptions:
    """What the operator set. `chats` has the ROC's first; `menu` is command and help."""

    token: str = field(repr=False)
    chats: tuple[int, ...]
    api_url: str = "https://api.telegram.org/bot"
    plain: bool = True
    menu: tuple[tuple[str, str], ...] = ()
    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class _Half:
    """A message that stands, as it reads, and how many of its files stand with it."""

    name: Name
    message: Message
    files: int = 0


class TelegramChat:
    """One bot of Telegram's. Fills `Platform`."""

    name = NAME
    whispers = False

    def __init__(
        self, options: TelegramOptions, addresses: Addresses, clock: Callable[[], datetime]
    ) -> None:
        """Serve the chats of `options`; where they move is kept in `addresses`."""
        _keep_tokens_out_of_logs()
        os.environ["PTB_TIMEDELTA"] = "true"  # the library's switch; it warns of a 429 without
        self._rooms = Rooms(options.chats)
        self.roc = self._rooms.roc
        self._addresses = addresses
        self._hook = _hook(options)
        self._requests = (_request(options.api_url, 1), _request(options.api_url, 256))
        self._bot = RawBot(
            options.token,
            base_url=options.api_url,
            get_updates_request=self._requests[0],
            request=self._requests[1],
        )
        self._line = Line(clock)
        calls = TelegramCalls(self._rooms, addresses)
        self._sending = Sending(self._bot, calls)
        self._taking = Taking(self._bot, calls, self._line, clock, self._say)
        self._connection = Connection(
            self._bot,
            self._rooms,
            self._taking,
            self._line,
            plain=options.plain,
            menu=options.menu,
            hook=self._hook,
            clock=clock,
        )
        self._plain = options.plain
        self._knows_addresses = False
        self._hear: Hear | None = None
        self._halves: OrderedDict[tuple[Place, str | Message], _Half] = OrderedDict()

    @property
    def alone(self) -> bool:
        """Whether only one process may hear: Telegram lets one poll, and calls any by webhook."""
        return self._hook is None

    @property
    def trouble(self) -> str | None:
        """What is wrong with the connection now, None if nothing is."""
        return self._line.trouble

    # --- hearing ----------------------------------------------------------------------

    async def serve(self, hear: Hear) -> None:
        """Hear what is said until cancelled."""
        while not self._knows_addresses:
            try:
                await self._know_addresses()
            except Later as later:
                await asyncio.sleep(later.seconds)
        self._hear = hear
        try:
            await self._connection.serve(hear)
        finally:
            self._hear = None

    async def hook(self, request: web.Request) -> web.Response:
        """Take in what Telegram's webhook brings: 200 only once it is kept, else it comes again."""
        given = request.headers.get(SECRET, "")
        if self._hook is None or not hmac.compare_digest(
            given.encode(errors="surrogateescape"), self._hook.secret.encode()
        ):
            return web.Response(status=403)
        try:
            update = read(await request.json(), self._bot)
        except Exception as problem:
            log.warning("Telegram's webhook brought no update (%s)", type(problem).__name__)
            return web.Response(status=400)
        if update is None:
            return web.Response(status=200)  # else it would come again
        ear, hear = self._connection.ear, self._hear
        kept = ear is not None and hear is not None and await self._taking.one(update, ear, hear)
        return web.Response(status=200 if kept else 500)

    async def close(self) -> None:
        """Let go of the connections, after what is under way."""
        await self._taking.close()
        for request in self._requests:
            await request.shutdown()

    # --- speaking ---------------------------------------------------------------------

    async def post(
        self, place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        """Post a message, then its files as answers to it.

        Where a file is held up, the same call made again goes on with the file.
        """
        await self._know_addresses()
        ready = rendered(message)
        key = (place, mark or message)
        half = self._halves.get(key)
        if half is None:
            thread = place.thread and self._rooms.read(place.channel, place.thread)
            name = await self._sending.message(place.channel, thread or None, ready)
            half = _Half(name, message)
        self._halves[key] = half
        if len(self._halves) > HALVES:
            self._halves.popitem(last=False)
        posted = Posted(place, self._rooms.written(half.name))
        if half.message != message:
            await self.edit(posted, message)
            half.message = message
        try:
            for file in ready.files[half.files :]:
                await self._sending.file(place.channel, half.name, file)
                half.files += 1
        except Later:
            raise
        except Exception as problem:  # the message stands; the rest is not worth a second one
            log.warning("a file could not be sent to Telegram: %s", problem)
        self._halves.pop(key, None)
        return posted

    async def find(self, place: Place, mark: str, since: datetime) -> Posted | None:
        """Find nothing: a bot cannot read what stands in a chat."""
        return None

    async def direct(self, account: Account) -> Place:
        """Give the person's own chat with the bot, whose id is theirs."""
        if account.chat != self.name or not account.user.isdecimal():
            raise Lost(f"{account} is nobody in Telegram")
        return Place(self.name, account.user)

    def address(self, place: Place) -> str:
        """Give the sign of a command in groups where plain words are not heard."""
        plain = self._plain and place.channel == self.roc.channel
        return "" if plain or not place.channel.startswith("-") else "/"

    def shared(self, one: Place, other: Place) -> Place | None:
        """Give the first, to which the answer replies; None if they are in two topics."""
        return one if self._topic(one) == self._topic(other) else None

    def _topic(self, place: Place) -> int | None:
        name = self._rooms.read(place.channel, place.thread or "")
        return None if name is None else name.topic

    async def edit(self, posted: Posted, message: Message) -> None:
        """Replace a message; the files that went with it stay as they are."""
        name = await self._named(posted)
        await self._sending.edit(posted.place.channel, name, rendered(message))

    async def react(self, posted: Posted, sign: str) -> None:
        """Put a sign on a message; a chat that allows none stays without."""
        name = await self._named(posted)
        try:
            await self._sending.sign(posted.place.channel, name, SIGNS[sign])
        except BadRequest as problem:
            log.info("no sign in %s: %s", posted.place.channel, problem.message)

    # --- within -----------------------------------------------------------------------

    async def _know_addresses(self) -> None:
        """Read where groups moved, before the first name of a message is."""
        if self._knows_addresses:
            return
        try:
            moved = await self._addresses.all(self.name)
        except Unavailable:
            raise Later(ADDRESSES_PAUSE) from None
        for channel, to in moved.items():
            self._rooms.moved(channel, int(to))
        self._knows_addresses = True

    async def _say(self, said: Incoming, text: str) -> None:
        """Say something below what was said."""
        name = self._rooms.read(said.place.channel, said.ref or "")
        await self._sending.message(said.place.channel, name, rendered(Message(text)))

    async def _named(self, posted: Posted) -> Name:
        await self._know_addresses()
        name = self._rooms.read(posted.place.channel, posted.ref)
        if name is None:
            raise Lost("message to edit not found")
        return name


def _hook(options: TelegramOptions) -> Hook | None:
    if options.webhook_url is None:
        return None
    if not options.webhook_secret:
        raise ValueError("a webhook needs a secret: anybody can call it")
    return Hook(options.webhook_url, options.webhook_secret)


def _request(api_url: str, connections: int) -> HTTPXRequest:
    """Give the library's HTTP client; no proxy stands between the bot and its own machine."""
    return HTTPXRequest(
        connection_pool_size=connections,
        read_timeout=ANSWER,
        httpx_kwargs={"trust_env": urlsplit(api_url).hostname not in LOOPBACK},
    )


def _keep_tokens_out_of_logs() -> None:
    """Telegram's addresses hold the token, and the HTTP client logs addresses."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)
