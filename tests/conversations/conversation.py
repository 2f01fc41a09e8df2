"""Speaking with the whole bot as its people do, and seeing what they see."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy.event
from sqlalchemy import Engine, select

from aaroc_bot.app import Bot
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.ports import Chat
from aaroc_bot.sandbox.box import Box
from aaroc_bot.sandbox.github.calling import Calling
from aaroc_bot.sandbox.github.world import World
from aaroc_bot.sandbox.sample import BRANCH, Commit, commit
from aaroc_bot.store import audit, tables
from tests.conversations.screens import Button, Screen, Seen
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


class Conversation:
    """A bot, one chat that it is in, and the people there."""

    def __init__(
        self,
        bot: Bot,
        chat: Chat,
        screen: Screen,
        *,
        box: Box,
        world: World,
        clock: Any,
        calls: Calling | None = None,
    ) -> None:
        self.bot = bot
        self.chat = chat
        self.screen = screen
        self.box = box
        self.github = world
        self.clock = clock
        self.calls = calls
        self.suggestions = Suggestions(bot, list(screen.accounts.values()))
        self._states: list[Seen] = []
        self._so_far: list[str] = []
        self._taken: set[int] = set()
        self._mark = 0
        self._speaker = ""

    # --- speaking ---------------------------------------------------------------------

    async def play(self, script: str) -> None:
        """Go through a transcript, line by line (`transcript`)."""
        for step in lines(script):
            match step:
                case Said(who, text, direct):
                    await self.say(who, text, direct=direct)
                case Pressed(who, label):
                    await self.press(who, await self.button(who, label))
                case Shown():
                    await self.sees(step)

    async def say(self, who: str, text: str, *, direct: bool = False) -> None:
        """Type something in the channel, or to the bot alone."""
        await self._speaks(who, text)
        await self.screen.say(who, text, direct=direct)

    async def press(self, who: str, button: Button) -> None:
        """Press a button where it stands."""
        await self._speaks(who, f"[{button.label}]")
        await self.screen.press(who, button)

    async def _speaks(self, who: str, what: str) -> None:
        await self._look()
        self._so_far.append(f"{who}> {what[:200]}")
        self._mark, self._speaker = self._read, who

    async def button(self, who: str, label: str) -> Button:
        """Find the newest button of a label that somebody sees, once there is one."""
        async with _patiently(lambda: self._lacking(f"[{label}] for {who}")):
            while True:
                await self._look()
                for seen in reversed(self._newest()):
                    for button in seen.buttons:
                        mine = button.only_for in {None, who}
                        if seen.is_for(who) and mine and fits(label, button.label):
                            return button
                await self.screen.wait(self._read)

    # --- seeing -----------------------------------------------------------------------

    async def sees(self, shown: Shown) -> Seen:
        """Wait for a message; each state of one is seen once."""
        async with _patiently(lambda: self._lacking(str(shown))):
            while True:
                await self._look()
                for seen in self._candidates(shown):
                    if self._is(seen, shown):
                        self._taken.add(seen.seq)
                        return seen
                await self.screen.wait(self._read)

    async def sees_card(self, run: int, first: str) -> Seen:
        """Wait for a state of a run's card."""
        return await self.sees(Shown(first, card=str(run)))

    async def answer(self, who: str, text: str, *, direct: bool = False) -> Seen:
        """Say something and give what comes back."""
        await self.say(who, text, direct=direct)
        return await self.sees(Shown("*"))

    async def messages(self) -> list[Seen]:
        """Give every message of the bot in its newest state."""
        await self._look()
        return self._newest()

    def _candidates(self, shown: Shown) -> Iterator[Seen]:
        """Give what came after the last word, and cards as they stand."""
        current = {seen.seq for seen in self._newest() if seen.card is not None}
        for seen in self._states:
            if seen.seq in self._taken or not (seen.seq > self._mark or seen.seq in current):
                continue
            if shown.card is not None and seen.card != shown.card:
                continue
            if shown.to is None and not seen.is_for(self._speaker):
                continue
            if shown.to is not None and seen.to != shown.to:
                continue
            yield seen

    def _is(self, seen: Seen, shown: Shown) -> bool:
        """Whether it is as the transcript says; who it is to may be named at its beginning."""
        read = self.screen.read
        first = read(seen.first)
        if shown.to is not None:
            first = first.removeprefix(f"@{shown.to}: ")
        more = list(map(read, seen.more))
        return fits(read(shown.first), first) and all(
            any(fits(read(wanted), line) for line in more) for wanted in shown.more
        )

    @property
    def _read(self) -> int:
        return self._states[-1].seq if self._states else 0

    async def _look(self) -> None:
        for seen in await self.screen.since(self._read):
            self._states.append(seen)
            self._so_far.append(str(seen))

    def _newest(self) -> list[Seen]:
        return list({seen.ref: seen for seen in self._states}.values())

    def _lacking(self, what: str) -> str:
        so_far = "\n".join(self._so_far[-25:])
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
        for account in self.screen.accounts.values():
            await self.bot.desk.people.standing(account, now=True)

    def at_newest(self, path: str) -> str:
        """Read a file at the newest commit of the default branch."""
        return git(self.box.repository, "show", f"{BRANCH}:{path}")

    def on_host(self, host: str, path: str) -> str:
        """Read a file of a sample host."""
        return (self.box.hosts / host / path).read_text(encoding="utf-8")

    async def file_of(self, name: str) -> str:
        """Read the newest file of a name that the bot gave."""
        files = [file for seen in await self.messages() for file in seen.files]
        return [content for found, content in files if found == name][-1]

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
        kept = await self.kept()
        for secret in (*SECRETS, *self.screen.secrets, self.box.token):
            assert secret not in kept, f"{secret} is told"
        assert "Traceback" not in kept
        assert not self.suggestions.wrong, "\n".join(self.suggestions.wrong)
        assert not self.screen.faults(), "\n".join(self.screen.faults())

    async def kept(self) -> str:
        """Give all that the bot said, put on record and keeps of its runs."""
        found: list[str] = []
        async with self.bot.database.read() as connection:
            assert await audit.verify(connection) is None, "the record's chain is broken"
            for table in (tables.audit, tables.runs, tables.logs, tables.outbox, tables.changes):
                found += map(str, await connection.execute(select(table)))
        return "\n".join([*found, await self.screen.kept()])


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
