"""Speaking with the whole bot as its people do, and seeing what they see."""

import asyncio
import json
import subprocess
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy.event
from sqlalchemy import Engine, select

from aaroc_bot.app import Bot
from aaroc_bot.chat.web import Speaker, WebChat
from aaroc_bot.chat.web_render import Kept
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Account, Message, Place, Posted
from aaroc_bot.core.ports import Page
from aaroc_bot.sandbox.box import Box
from aaroc_bot.sandbox.github.world import World
from aaroc_bot.sandbox.sample import BRANCH, Commit, commit
from aaroc_bot.store import audit, tables
from tests.conversations.suggestions import Suggestions
from tests.conversations.transcript import Pressed, Said, Shown, fits, lines

PATIENCE = 180.0
"""Seconds until what does not appear counts as missing."""


SECRETS = (
    "ubuntu-ngumuntu-4",
    "sawubona-8812",
    "harambee-2063",
    "harambee-1963",
    "gq-5f1e88c0-invented",
    "rooibos-en-beskuit",
    "koeksister-12",
    "chui-na-duma-77",
)
"""What the sample repository keeps under secret names."""


class Ear(WebChat):
    """The page's adapter, which also keeps what it was given to say."""

    def __init__(self, page: Page, speakers: Sequence[Speaker]) -> None:
        super().__init__(page, speakers)
        self.page = page
        self.suggestions: Suggestions | None = None

    async def post(
        self, place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        if self.suggestions:
            await self.suggestions.check(message, to)
        return await super().post(place, message, to, mark)

    async def edit(self, posted: Posted, message: Message) -> None:
        if self.suggestions:
            await self.suggestions.check(message, None)
        await super().edit(posted, message)


@dataclass(frozen=True)
class Seen:
    """A message in one of its states, as it stands on the page."""

    seq: int
    kept: Kept

    @property
    def view(self) -> Mapping[str, Any]:
        return self.kept.view or {}

    @property
    def first(self) -> str:
        return _line(self.view["text"])

    @property
    def card(self) -> int | None:
        return self.view["run"] if self.view["kind"] == "card" else None

    @property
    def more(self) -> list[str]:
        """Every further line; cells are put together, buttons stand in brackets."""
        view = self.view
        table = view["table"] or {"rows": []}
        return [
            *map(_line, view["lines"]),
            *(" ".join(filter(None, map(_line, row))) for row in table["rows"]),
            *(f"{name}: {_line(value)}" for name, value in view["fields"]),
            *(view["code"] or "").splitlines(),
            *map(_line, view["notes"]),
            *(f"[{button['label']}]" for button in view["buttons"]),
            *([view["file"]["name"]] if view["file"] else []),
        ]

    def __str__(self) -> str:
        if self.kept.said is not None:
            return f"{self.kept.by}> {self.kept.said[:200]} {' '.join(self.kept.signs)}"
        to = f" to {self.kept.to}" if self.kept.to else ""
        return "\n".join([f"bot{to}> {self.first}", *(f"    | {line}" for line in self.more)])


@dataclass(frozen=True)
class Button:
    """A button where it stands, to be pressed later."""

    message: str
    id: str
    label: str


class Conversation:
    """A bot, its channel and the people in it."""

    def __init__(self, bot: Bot, chat: Ear, box: Box, world: World, clock: Any) -> None:
        self.bot = bot
        self.chat = chat
        self.box = box
        self.github = world
        self.clock = clock
        self._states: list[Seen] = []
        self._read = 0
        self._taken: set[int] = set()
        self._mark = 0
        self._speaker = ""
        chat.suggestions = Suggestions(bot, [s.account for s in chat.speakers])

    # --- speaking ---------------------------------------------------------------------

    async def play(self, script: str) -> None:
        """Go through a transcript, line by line (`transcript`)."""
        for step in lines(script):
            match step:
                case Said(who, text):
                    await self.say(who, text)
                case Pressed(who, label):
                    await self.press(who, await self.button(who, label))
                case Shown():
                    await self.sees(step)

    async def say(self, who: str, text: str, zone: str | None = None) -> None:
        """Type something in the channel."""
        await self._speaks(who)
        await self.chat.say(who, str(uuid.uuid4()), text, None, zone)

    async def press(self, who: str, button: Button) -> None:
        """Press a button where it stands."""
        await self._speaks(who)
        await self.chat.press(who, str(uuid.uuid4()), button.message, button.id, None)

    async def _speaks(self, who: str) -> None:
        await self._look()
        self._mark, self._speaker = self._read, who

    async def button(self, who: str, label: str) -> Button:
        """Find the newest button of a label that somebody sees, once there is one."""
        async with _patiently(lambda: self._lacking(f"[{label}] for {who}")):
            while True:
                await self._look()
                for seen in reversed(self._newest()):
                    for button in seen.view["buttons"]:
                        mine = button["only_for"] in {None, who}
                        if seen.kept.is_for(who) and mine and button["label"] == label:
                            return Button(seen.kept.ref, button["id"], label)
                await self.chat.channel.wait(self._read)

    # --- seeing -----------------------------------------------------------------------

    async def sees(self, shown: Shown) -> Seen:
        """Wait for a message; each state of one is seen once."""
        async with _patiently(lambda: self._lacking(str(shown))):
            while True:
                await self._look()
                for seen in self._candidates(shown):
                    if _is(seen, shown):
                        self._taken.add(seen.seq)
                        return seen
                await self.chat.channel.wait(self._read)

    async def sees_card(self, run: int, first: str) -> Seen:
        """Wait for a state of a run's card."""
        return await self.sees(Shown(first, card=run))

    async def answer(self, who: str, text: str) -> Seen:
        """Say something and give what comes back."""
        await self.say(who, text)
        return await self.sees(Shown("*"))

    async def messages(self) -> list[Seen]:
        """Give every message of the bot in its newest state."""
        await self._look()
        return self._newest()

    def _candidates(self, shown: Shown) -> Iterator[Seen]:
        """Give what came after the last word, and cards as they stand."""
        current = {seen.seq for seen in self._newest() if seen.card is not None}
        for seen in self._said_by_bot():
            if seen.seq in self._taken or not (seen.seq > self._mark or seen.seq in current):
                continue
            if shown.card is not None and seen.card != shown.card:
                continue
            if shown.to is None and not seen.kept.is_for(self._speaker):
                continue
            if shown.to is not None and seen.kept.to != shown.to:
                continue
            yield seen

    async def _look(self) -> None:
        while rows := await self.chat.page.since(self._read, 500):
            self._read = rows[-1][0]
            for seq, body in rows:
                kept = json.loads(body)
                if "file" in kept:
                    continue
                seen = Seen(seq, Kept(**kept))
                self._states.append(seen)

    def _said_by_bot(self) -> list[Seen]:
        return [seen for seen in self._states if seen.kept.said is None]

    def _newest(self) -> list[Seen]:
        return list({seen.kept.ref: seen for seen in self._said_by_bot()}.values())

    def _lacking(self, what: str) -> str:
        so_far = "\n".join(map(str, self._states[-25:]))
        return f"not seen: {what}\nthe channel so far:\n{so_far}"

    # --- the world --------------------------------------------------------------------

    async def push(self, login: str, message: str, files: Mapping[str, str]) -> str:
        """Put a commit on the default branch, and have the bot see it; give its sha."""
        one = Commit(datetime.now(UTC), login, message, files)
        sha = await commit(self.box.repository, [one])
        await self.bot.refresh()
        return sha

    async def github_is_back(self) -> None:
        """Have GitHub answer again, and the bot not wait before it asks."""
        self.github.behave()
        for speaker in self.chat.speakers:
            await self.bot.desk.people.standing(speaker.account, now=True)

    def at_newest(self, path: str) -> str:
        """Read a file at the newest commit of the default branch."""
        return git(self.box.repository, "show", f"{BRANCH}:{path}")

    def on_host(self, host: str, path: str) -> str:
        """Read a file of a sample host."""
        return (self.box.hosts / host / path).read_text(encoding="utf-8")

    async def file_of(self, name: str) -> str:
        """Read the newest file of a name that the bot gave."""
        files = [seen.view["file"] for seen in await self.messages() if seen.view["file"]]
        key = [file["key"] for file in files if file["name"] == name][-1]
        found = await self.chat.channel.file(key)
        assert found is not None
        return found.content

    def read_only(self) -> "_ReadOnly":
        """Have SQLite refuse to write within a `with`."""
        return _ReadOnly(self.bot.database._writer.sync_engine)

    # --- the record -------------------------------------------------------------------

    async def record(self) -> list[Event]:
        """Give the record's events, oldest first."""
        async with self.bot.database.read() as connection:
            rows = await connection.execute(select(tables.audit).order_by(tables.audit.c.id))
            return [
                Event(
                    What(row.what),
                    datetime.fromisoformat(row.at),
                    account=row.account,
                    person=row.person,
                    login=row.login,
                    operator=row.operator,
                    place=row.place,
                    text=row.text,
                    site=row.site,
                    run=row.run,
                    revision=row.revision,
                    outcome=row.outcome,
                )
                for row in rows
            ]

    async def recorded(self, script: str) -> None:
        """Assert that the record holds these events in this order, others between them.

        An event is written ``what login: text -> outcome``, without an arrow if nothing is
        known of its outcome.
        """
        events = [_written(event) for event in await self.record()]
        left = iter(events)
        for wanted in filter(None, map(str.strip, script.splitlines())):
            found = any(fits(wanted, event) for event in left)
            assert found, f"not on record there: {wanted}\n" + "\n".join(events)

    async def looked_through(self) -> None:
        """Assert what holds of every conversation: record, secrets, suggestions, no traceback."""
        await self.bot.dispatcher.close()
        kept = await self._kept()
        for secret in (*SECRETS, self.box.token):
            assert secret not in kept, f"{secret} is told"
        assert "Traceback" not in kept
        suggestions = self.chat.suggestions
        assert suggestions is not None
        assert not suggestions.wrong, "\n".join(suggestions.wrong)

    async def _kept(self) -> str:
        """Give all that the bot said, put on record and keeps of its runs."""
        found: list[str] = []
        async with self.bot.database.read() as connection:
            assert await audit.verify(connection) is None, "the record's chain is broken"
            for table in (tables.audit, tables.runs, tables.logs, tables.outbox):
                found += map(str, await connection.execute(select(table)))
            for (body,) in await connection.execute(select(tables.page.c.body)):
                if json.loads(body).get("said") is None:  # people's own words are theirs
                    found.append(body)
        return "\n".join(found)


class _ReadOnly:
    """Tells SQLite before every transaction whether it may write."""

    def __init__(self, engine: Engine) -> None:
        self._only = "OFF"
        sqlalchemy.event.listen(engine, "checkout", self._tell)

    def _tell(self, connection: Any, *_: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA query_only = {self._only}")
        cursor.close()

    def __enter__(self) -> None:
        self._only = "ON"

    def __exit__(self, *_: object) -> None:
        self._only = "OFF"


def _written(event: Event) -> str:
    outcome = f" -> {event.outcome}" if event.outcome else ""
    return f"{event.what.value} {event.login or '-'}: {event.text}{outcome}"


def _is(seen: Seen, shown: Shown) -> bool:
    return fits(shown.first, seen.first) and all(
        any(fits(wanted, line) for line in seen.more) for wanted in shown.more
    )


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


@asynccontextmanager
async def _patiently(lacking: Callable[[], str]) -> AsyncIterator[None]:
    """Give up after a while, with the channel as it is then."""
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except TimeoutError:
        raise AssertionError(lacking()) from None


def git(repository: Path, *arguments: str) -> str:
    """Ask git about a bare repository."""
    done = subprocess.run(
        ["git", f"--git-dir={repository}", *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout
