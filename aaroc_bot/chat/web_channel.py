"""The kept channel of the web chat: rows of the `Page` port, and what one person may read.

Each row is a message's whole new state, so that a page can begin anywhere, take up where
it was cut off, and skip the states that it missed. Connections read rows at their own
pace; nothing is queued for them here.
"""

import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from aaroc_bot.chat.web_render import Json, Kept, shown
from aaroc_bot.core.message import File
from aaroc_bot.core.ports import Page

BATCH = 200
"""Rows read at once."""

LOOK_BACK = 20
"""Batches that one request for older messages reads at most."""

ROOTS = 40
"""Messages of the channel itself that a page starts with, and that each step back adds."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Messages for one person, each in its newest state, and the seqs they were read from.

    All rows after `first` - 1 and up to `upto` were looked at, whoever may see them.
    """

    messages: tuple[Json, ...]
    first: int
    upto: int


class Channel:
    """The messages, each by the name of ours that the bot and the pages know it by."""

    def __init__(self, page: Page) -> None:
        """Keep them in `page`."""
        self._page = page
        self._rung = asyncio.Event()

    async def latest(self, ref: str) -> Kept | None:
        """Give a message's newest state, None if there never was one."""
        body = None if ref.startswith("file.") else await self._page.latest(ref)
        return None if body is None else Kept(**json.loads(body))

    async def keep_file(self, file: File | None) -> Json | None:
        """Keep a file in a row of its own: its key is a secret between its readers and us."""
        if file is None:
            return None
        key = secrets.token_urlsafe(18)
        ref = f"file.{key}"
        body = {"ref": ref, "file": {"name": file.name, "content": file.content}}
        await self._page.add(ref, json.dumps(body))
        return {"name": file.name, "size": len(file.content.encode()), "key": key}

    async def add(self, kept: Kept) -> None:
        """Keep a message's new state and wake whoever waits for changes."""
        await self._page.add(kept.ref, json.dumps(kept.json()))
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

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
