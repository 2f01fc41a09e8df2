"""The web chat: the ROC channel of `make demo`, on which one speaks as a sample account.

What a page sends is heard by the bot before it stands in the channel; what the bot says
is kept with who may read it. `web_channel` keeps and reads, `web_render` renders.
"""

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from aaroc_bot.chat.web_channel import Channel
from aaroc_bot.chat.web_render import SHOWN, Kept, rendered
from aaroc_bot.core.message import Account, Audience, Incoming, Message, Place, Posted
from aaroc_bot.core.ports import Hear, Lost, Page, Unavailable

log = logging.getLogger(__name__)

LIMIT = 128_000
"""Characters of one message that are taken in; more is answered here and goes no further.

Far more than any command has, so that one which is too long is answered by what reads it.
"""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BUTTON = re.compile(r"[A-Za-z0-9_-]{1,100}")
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}")
_UNSTORABLE = re.compile("[\ud800-\udfff\0]")


@dataclass(frozen=True, slots=True)
class Speaker:
    """One of the accounts that one can speak as on the page.

    `user` is how it is shown; `role` says in a few words who that is (``site admin of
    ZA-UJ``); `suggestions` are commands worth typing as this one.
    """

    user: str
    role: str
    suggestions: tuple[str, ...] = ()

    @property
    def account(self) -> Account:
        """The account, as the rest of the bot knows it."""
        return Account("web", "", self.user)


class Unheard(Exception):
    """What a page sent was not taken in; the sentence is for the person who sent it.

    `again` says whether the same may be sent again unchanged.
    """

    def __init__(self, why: str, *, again: bool = False) -> None:
        """Say why."""
        super().__init__(why)
        self.again = again


@dataclass(slots=True)
class _Hearing:
    """A person's message that is being taken in, and the signs that came before it stood."""

    thread: str | None
    signs: list[str] = field(default_factory=list)


class WebChat:
    """The adapter. Fills `Chat` for the bot, and serves the connections of `aaroc_bot.web`."""

    name = "web"
    whispers = True

    def __init__(
        self,
        page: Page,
        speakers: Sequence[Speaker],
        *,
        channel: str = "roc",
        bot: str = "aaroc",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Keep the channel in `page`; `bot` is the name that the bot has in it."""
        self.speakers = tuple(speakers)
        self.place = Place(self.name, channel)
        self.channel = Channel(page)
        self.bot = bot
        self._clock = clock
        self._last = 0
        self._users = {speaker.user: speaker.account for speaker in speakers}
        self._hear: Hear | None = None
        self._hearing: dict[str, _Hearing] = {}
        self._writing = asyncio.Lock()  # a new state is made from the one before it

    def listen(self, hear: Hear) -> None:
        """Call `hear` with everything said from now on; it returns once that is durable."""
        self._hear = hear

    # --- for the bot ------------------------------------------------------------------

    async def post(
        self, place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        """Post a message; one for the asker alone needs to know who that is."""
        self._check(place)
        reader: str | None = None
        if message.to is Audience.ASKER:
            if to is None:
                raise ValueError("a message for the asker alone needs the asker's account")
            if self._users.get(to.user) != to:
                raise Lost(f"nobody here is {to}")
            reader = to.user
        async with self._writing:
            thread = None if place.thread is None else await self._root(place.thread)
            view = rendered(message, await self.channel.keep_file(message.file))
            ref = f"{self.bot}.{secrets.token_hex(8)}"
            await self.channel.add(Kept(ref, self._now(), self.bot, thread, reader, view=view))
        return Posted(place, ref)

    async def find(self, place: Place, mark: str, since: datetime) -> Posted | None:
        """Find nothing: a message is kept at once, or not at all."""
        return None

    async def direct(self, account: Account) -> Place:
        """Give the channel, in which a message for the asker alone is read by nobody else."""
        return self.place

    def address(self, place: Place) -> str:
        """Give nothing: whatever is typed is heard."""
        return ""

    def shared(self, one: Place, other: Place) -> Place | None:
        """Give the channel, unless both are in one thread."""
        return one if one == other else replace(one, thread=None)

    async def edit(self, posted: Posted, message: Message) -> None:
        """Replace a message; who reads it and where it stands stay as they were."""
        self._check(posted.place)
        async with self._writing:
            kept = await self.channel.latest(posted.ref)
            if kept is None or kept.view is None:
                raise Lost(f"no message {posted.ref}")
            view = rendered(message, await self.channel.keep_file(message.file))
            if view != kept.view:
                await self.channel.add(replace(kept, view=view, edited=self._now()))

    async def react(self, posted: Posted, sign: str) -> None:
        """Put a sign on a person's message; a press has none, so its card stays as it is."""
        self._check(posted.place)
        async with self._writing:
            kept = await self.channel.latest(posted.ref)
            if kept is not None:
                if kept.view is None and sign not in kept.signs:
                    await self.channel.add(replace(kept, signs=[*kept.signs, sign]))
            elif (hearing := self._hearing.get(posted.ref)) is not None:
                hearing.signs.append(sign)
            else:
                raise Lost(f"no message {posted.ref}")

    # --- for a connection -------------------------------------------------------------

    async def say(
        self, user: str, id: str, text: str, thread: str | None, zone: str | None
    ) -> None:
        """Take in what a person typed, once for each `id`, and let it stand in the channel.

        Raises `Unheard`; the same id may then be sent again.
        """
        if not text.strip():
            raise Unheard("Nothing was typed.")
        if len(text) > LIMIT:
            raise Unheard(
                f"This message has {len(text):,} characters; {LIMIT:,} are the most that I take."
                " Nothing was done."
            )
        text = _UNSTORABLE.sub("\ufffd", text)
        event = self._event(user, id)
        ref = f"{user}.{id}"
        if await self.channel.latest(ref) is not None:
            return
        if thread is not None:
            thread = (await self._visible(thread, user)).thread or thread
        hearing = self._hearing.setdefault(ref, _Hearing(thread))
        cut = max(0, len(text) - SHOWN)
        said = Kept(ref, self._now(), user, thread, said=text[:SHOWN], cut=cut)
        try:
            place = replace(self.place, thread=thread)
            await self._heard(
                Incoming(
                    event,
                    self._users[user],
                    place,
                    text,
                    self._clock(),
                    ref,
                    zone=_zone(zone),
                    private=True,
                )
            )
            await self._stand(said, hearing)
        finally:
            self._hearing.pop(ref, None)

    async def press(self, user: str, id: str, message: str, button: str, zone: str | None) -> None:
        """Take in a press of a button of a message that this user can see. Raises `Unheard`."""
        kept = await self._visible(message, user)
        if not _BUTTON.fullmatch(button):
            raise Unheard("This is no button of mine.")
        place = replace(self.place, thread=kept.thread)
        await self._heard(
            Incoming(
                self._event(user, id),
                self._users[user],
                place,
                "",
                self._clock(),
                message,
                button,
                zone=_zone(zone),
                private=True,
            )
        )

    # --- within -----------------------------------------------------------------------

    def _check(self, place: Place) -> None:
        if replace(place, thread=None) != self.place:
            raise Lost(f"no channel {place.channel} in {place.chat}")

    def _now(self) -> int:
        """Give the time in milliseconds, never the same twice: messages are sorted by it."""
        self._last = max(self._last + 1, round(self._clock().timestamp() * 1000))
        return self._last

    def _event(self, user: str, id: str) -> str:
        """Name an event after account and id, so that nobody can use up another's."""
        if user not in self._users or not _ID.fullmatch(id):
            raise Unheard("This page sent something that I do not understand. Reload it.")
        return f"web:{user}:{id}"

    async def _heard(self, incoming: Incoming) -> None:
        if self._hear is None:
            raise Unheard("Not taken in: the bot is still starting. Try again.", again=True)
        try:
            await self._hear(incoming)
        except Unavailable as away:
            raise Unheard(
                f"Not taken in: {away.what} does not answer. Try again.", again=True
            ) from away
        except Exception as fault:
            reference = secrets.token_hex(4)
            log.exception("web chat: %s was not taken in (%s)", incoming.event, reference)
            raise Unheard(f"Not taken in ({reference}). Try again.", again=True) from fault

    async def _visible(self, ref: str, user: str) -> Kept:
        kept = await self.channel.latest(ref)
        if kept is None or not kept.is_for(user):
            raise Unheard("This message is not here any more.")
        return kept

    async def _root(self, ref: str) -> str:
        """Give the first message of the thread that `ref` stands in: threads have no threads."""
        if (hearing := self._hearing.get(ref)) is not None:
            return hearing.thread or ref
        kept = await self.channel.latest(ref)
        return ref if kept is None else kept.thread or ref

    async def _stand(self, said: Kept, hearing: _Hearing) -> None:
        async with self._writing:
            if await self.channel.latest(said.ref) is None:
                await self.channel.add(replace(said, signs=hearing.signs))


def _zone(zone: str | None) -> str | None:
    """Give a zone's name if it looks like one; whoever uses it knows which there are."""
    return zone if zone and len(zone) <= 64 and _ZONE.fullmatch(zone) else None
