"""The page of the demo as a screen."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from aaroc_bot.chat.web import Speaker, WebChat
from aaroc_bot.chat.web_render import Kept
from aaroc_bot.core.message import Account
from aaroc_bot.core.ports import Hear
from aaroc_bot.demo import ROC
from aaroc_bot.store.database import Database
from aaroc_bot.store.page import Page
from tests.conversations.screens import Button, Seen, card

Json = Mapping[str, Any]


class Web:
    """The page. Who speaks to the bot alone does so in the channel: there is nothing else."""

    roc = ROC
    settings: Mapping[str, str] = {}
    secrets = ()

    def __init__(self, people: Sequence[str]) -> None:
        self._people = people

    def chat(self, database: Database) -> WebChat:
        """Make the adapter, whose channel is kept in `database`."""
        self._page = Page(database)
        self._chat = WebChat(self._page, [Speaker(who, who) for who in self._people])
        return self._chat

    @property
    def accounts(self) -> Mapping[str, Account]:
        return {speaker.user: speaker.account for speaker in self._chat.speakers}

    async def begin(self, hear: Hear) -> None:
        self._chat.listen(hear)

    async def say(self, who: str, text: str, *, direct: bool) -> None:
        await self._chat.say(who, str(uuid.uuid4()), text, None, None)

    async def press(self, who: str, button: Button) -> None:
        await self._chat.press(who, str(uuid.uuid4()), button.ref, button.id, None)

    async def since(self, seq: int) -> Sequence[Seen]:
        found: list[Seen] = []
        while rows := await self._page.since(seq, 500):
            seq = rows[-1][0]
            for number, body in rows:
                kept = json.loads(body)
                if "file" not in kept and kept["view"] is not None:
                    found.append(await self._seen(number, Kept(**kept)))
        return found

    async def wait(self, seq: int) -> None:
        await self._chat.channel.wait(seq)

    def read(self, line: str) -> str:
        return line

    async def kept(self) -> str:
        rows = await self._page.since(0, 100_000)
        bodies = ((body, json.loads(body).get("said")) for _, body in rows)
        return "\n".join(body for body, said in bodies if said is None)

    def faults(self) -> Sequence[str]:
        return ()

    async def _seen(self, seq: int, kept: Kept) -> Seen:
        view = kept.view or {}
        written = tuple(_lines(view))
        return Seen(
            seq,
            kept.ref,
            written,
            card=card(written[0]) if view["kind"] == "card" else None,
            to=kept.to,
            alone=kept.to is not None,
            buttons=tuple(
                Button(kept.ref, seq, button["id"], button["label"], button["only_for"])
                for button in view["buttons"]
            ),
            files=await self._files(view["file"]),
        )

    async def _files(self, file: Json | None) -> tuple[tuple[str, str], ...]:
        if file is None:
            return ()
        found = await self._chat.channel.file(file["key"])
        assert found is not None
        return ((found.name, found.content),)


def _lines(view: Json) -> list[str]:
    table = view["table"] or {"rows": []}
    return [
        _line(view["text"]),
        *map(_line, view["lines"]),
        *(" ".join(filter(None, map(_line, row))) for row in table["rows"]),
        *(f"{name}: {_line(value)}" for name, value in view["fields"]),
        *(view["code"] or "").splitlines(),
        *map(_line, view["notes"]),
    ]


def _line(line: Sequence[str | Mapping[str, str]]) -> str:
    return "".join(map(_part, line))


def _part(part: str | Mapping[str, str]) -> str:
    match part:
        case str():
            return part
        case {"code": text}:
            return f"`{text}`"
        case {"mention": login}:
            return f"@{login}"
        case {"link": text} | {"plain": text}:
            return text
    raise ValueError(part)
