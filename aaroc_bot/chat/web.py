"""The web chat: the ROC channel of `make demo`, kept through the `Page` port.

Each change of the channel is one row that holds a message's whole new state, so that a
page can begin anywhere, take up where it was cut off, and skip the states that it missed.
Connections read rows at their own pace; nothing is queued for them here.
"""

import asyncio
import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256

from aaroc_bot.chat.web_render import Json, Kept, rendered, shown
from aaroc_bot.core.message import Account, Audience, File, Incoming, Message, Place, Posted
from aaroc_bot.core.ports import Lost, Page, Unavailable

log = logging.getLogger(__name__)

Hear = Callable[[Incoming], Awaitable[None]]

LIMIT = 200_000
"""Characters of one message that are taken in; more is answered here and goes no further."""

BATCH = 200
"""Rows read at once."""

LOOK_BACK = 20
"""Batches that one request for older messages reads at most."""

ROOTS = 40
"""Messages of the channel itself that a page starts with, and that each step back adds."""

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


@dataclass(frozen=True, slots=True)
class Changes:
    """Messages for one person, each in its newest state, and the seqs they were read from.

    All rows after `first` - 1 and up to `upto` were looked at, whoever may see them.
    """

    messages: tuple[Json, ...]
    first: int
    upto: int


@dataclass(slots=True)
class _Hearing:
    """A person's message that is being taken in, and the signs that came before it stood."""

    thread: str | None
    signs: list[str] = field(default_factory=list)


class WebChat:
    """The adapter. Fills `Chat` for the bot, and serves the connections of `aaroc_bot.web`."""

    name = "web"

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
        self.channel = Place(self.name, channel)
        self.bot = bot
        self._page = page
        self._clock = clock
        self._last = 0
        self._users = {speaker.user: speaker.account for speaker in speakers}
        self._hear: Hear | None = None
        self._hearing: dict[str, _Hearing] = {}
        self._writing = asyncio.Lock()  # a new state is made from the one before it
        self._rung = asyncio.Event()

    def listen(self, hear: Hear) -> None:
        """Call `hear` with everything said from now on; it returns once that is durable."""
        self._hear = hear

    # --- for the bot ------------------------------------------------------------------

    async def post(self, place: Place, message: Message, to: Account | None = None) -> Posted:
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
            view = rendered(message, await self._keep_file(message.file))
            ref = f"{self.bot}.{secrets.token_hex(8)}"
            await self._add(Kept(ref, self._now(), self.bot, thread, reader, view=view))
        return Posted(place, ref)

    async def edit(self, posted: Posted, message: Message) -> None:
        """Replace a message; who reads it and where it stands stay as they were."""
        self._check(posted.place)
        async with self._writing:
            kept = await self._latest(posted.ref)
            if kept is None or kept.view is None:
                raise Lost(f"no message {posted.ref}")
            view = rendered(message, await self._keep_file(message.file))
            if view != kept.view:
                await self._add(replace(kept, view=view, edited=self._now()))

    async def react(self, posted: Posted, sign: str) -> None:
        """Put a sign on a person's message."""
        self._check(posted.place)
        async with self._writing:
            kept = await self._latest(posted.ref)
            if kept is not None:
                if sign not in kept.signs:
                    await self._add(replace(kept, signs=[*kept.signs, sign]))
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
        if await self._latest(ref) is not None:
            return
        if thread is not None:
            thread = (await self._visible(thread, user)).thread or thread
        hearing = self._hearing.setdefault(ref, _Hearing(thread))
        said = Kept(ref, self._now(), user, thread, said=text)
        try:
            place = replace(self.channel, thread=thread)
            await self._heard(
                Incoming(
                    event, self._users[user], place, text, self._clock(), ref, zone=_zone(zone)
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
        place = replace(self.channel, thread=kept.thread)
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
            )
        )

    async def changes(self, user: str, after: int) -> Changes:
        """Give the next changes after a seq, at most a batch of rows; none if there are none."""
        rows = await self._page.since(after, BATCH)
        upto = rows[-1][0] if rows else after
        return Changes(tuple(_collected(rows, user).values()), after + 1, upto)

    async def history(self, user: str, before: int | None = None) -> Changes:
        """Give the newest part of the channel, or the part before a seq; `first` 1 is its start."""
        newest = await self._page.newest()
        first = upto = newest + 1 if before is None else min(before, newest + 1)
        found: dict[str, Json] = {}
        for _ in range(LOOK_BACK):
            if first <= 1 or sum(body["thread"] is None for body in found.values()) >= ROOTS:
                break
            start = max(1, first - BATCH)
            rows = await self._page.since(start - 1, first - start)
            found = _collected([row for row in rows if row[0] < first], user) | found
            first = start
        return Changes(tuple(found.values()), first, upto - 1)

    async def wait(self, after: int) -> None:
        """Return once there is a change after `after`."""
        while True:
            rung = self._rung
            if await self._page.newest() > after:
                return
            await rung.wait()

    async def extent(self) -> tuple[str, int]:
        """Name this channel's beginning, and give its newest seq.

        A page goes on where it was only if it knows this beginning; it is empty at first.
        """
        rows = await self._page.since(0, 1)
        beginning = sha256(rows[0][1].encode()).hexdigest() if rows else ""
        return beginning, await self._page.newest()

    async def file(self, key: str) -> File | None:
        """Give a file by the key that its readers were told; None if there is none."""
        body = await self._page.latest(f"file.{key}")
        return None if body is None else File(**json.loads(body)["file"])

    # --- within -----------------------------------------------------------------------

    def _check(self, place: Place) -> None:
        if replace(place, thread=None) != self.channel:
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
        kept = await self._latest(ref)
        if kept is None or not kept.is_for(user):
            raise Unheard("This message is not here any more.")
        return kept

    async def _root(self, ref: str) -> str:
        """Give the first message of the thread that `ref` stands in: threads have no threads."""
        if (hearing := self._hearing.get(ref)) is not None:
            return hearing.thread or ref
        kept = await self._latest(ref)
        return ref if kept is None else kept.thread or ref

    async def _stand(self, said: Kept, hearing: _Hearing) -> None:
        async with self._writing:
            if await self._latest(said.ref) is None:
                await self._add(replace(said, signs=hearing.signs))

    async def _latest(self, ref: str) -> Kept | None:
        body = None if ref.startswith("file.") else await self._page.latest(ref)
        return None if body is None else Kept(**json.loads(body))

    async def _keep_file(self, file: File | None) -> Json | None:
        """Keep a file in a row of its own: its key is a secret between its readers and us."""
        if file is None:
            return None
        key = secrets.token_urlsafe(18)
        ref = f"file.{key}"
        body = {"ref": ref, "file": {"name": file.name, "content": file.content}}
        await self._page.add(ref, json.dumps(body))
        return {"name": file.name, "size": len(file.content.encode()), "key": key}

    async def _add(self, kept: Kept) -> None:
        await self._page.add(kept.ref, json.dumps(kept.json()))
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()


def _collected(rows: Sequence[tuple[int, str]], user: str) -> dict[str, Json]:
    """Give each message once, in the newest state among these rows that the user may see."""
    found: dict[str, Json] = {}
    for seq, body in rows:
        kept = json.loads(body)
        if "file" in kept:
            continue
        message = shown(Kept(**kept), seq, user)
        if message is not None:
            found[message["ref"]] = message
    return found


def _zone(zone: str | None) -> str | None:
    """Give a zone's name if it looks like one; whoever uses it knows which there are."""
    return zone if zone and len(zone) <= 64 and _ZONE.fullmatch(zone) else None
