"""The way of one command, top to bottom.

Taken in durably, then: who says it, which command, may they, on record (committed), the
handler, the answer. Nothing takes effect before its audit event is committed, and every
command gets an answer, if only a reference to the log.
"""

import asyncio
import logging
import secrets
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from aaroc_bot.commands import (
    Call,
    Command,
    Desk,
    Fault,
    Gone,
    Handlers,
    NotAllowed,
    NotForYou,
    Refusal,
    TooMany,
)
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.doing import DOING, Doing, DoneBefore
from aaroc_bot.core.entries import Entry, entry_of
from aaroc_bot.core.grammar import parse
from aaroc_bot.core.lexicon import Lexicon, lexicon
from aaroc_bot.core.limits import Pace
from aaroc_bot.core.message import Incoming, Message
from aaroc_bot.core.pattern import Pattern
from aaroc_bot.core.policy import Allowed, Decision, decide
from aaroc_bot.core.ports import Intake, Overheard, Unavailable
from aaroc_bot.core.rights import Right, Standing
from aaroc_bot.core.talk import is_called, is_courtesy, is_everyday
from aaroc_bot.core.text import plain
from aaroc_bot.core.understood import Nearest, NotUnderstood, Parsed, UnknownCommand
from aaroc_bot.pacing import Pacing
from aaroc_bot.speaking import Speaking

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to; `understood` is False where it was no command at all.

    `message` is None where nothing is to be said (one of too many commands).
    """

    message: Message | None
    understood: bool = True


@dataclass(frozen=True, slots=True)
class _About:
    """What a command is about, as far as it is known: what the record says of it."""

    site: str = ""
    run: int | None = None
    revision: str = ""


class _Outcome(Exception):
    """How a command ended before its handler; its words are found by the type of `what`."""

    def __init__(self, what: object, about: _About = _About()) -> None:
        super().__init__(what)
        self.what = what
        self.about = about


ENDING = 5.0
"""Seconds for which what is under way may take to end."""

KEEP = 2.0
"""Seconds in which what is brought again must be taken in: then its speaker is told."""

INHERIT = 2.0
"""Seconds between looks for what processes that fell left."""

SLIP = 3
"""Words that are answered as a misspelt command even where nothing is near."""


class Dispatcher:
    """Hears what is said in any chat and sees it through."""

    def __init__(
        self, desk: Desk, handlers: Handlers, intake: Intake, speaking: Speaking, a_minute: int
    ) -> None:
        """Work at `desk`; `a_minute` is how many commands an account may give."""
        self._desk = desk
        self._handlers = handlers
        self._intake = intake
        self._speaking = speaking
        self._pacing = Pacing(a_minute)
        self._by_pattern = {p: command for command in handlers.commands for p in command.patterns}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._names: tuple[object, object, Lexicon] | None = None

    # --- hearing ----------------------------------------------------------------------

    async def hear(self, said: Incoming) -> None:
        """Take in what was said; return once that is committed. It is worked on behind this.

        Raises `Unavailable` when it could not be taken in, or not in time: then the chat
        must say so, unless it is `Overheard`. It goes on being taken in if this is cancelled:
        what is committed must be worked on.
        """
        again = said.until is None and self._speaking.is_brought_again(said.place)
        taking = self._keep(self._take_in(said))
        taking.add_done_callback(_seen)
        try:
            async with asyncio.timeout(KEEP if again else None):
                await asyncio.shield(taking)
        except Unavailable as away:
            if self._is_overheard(said):
                raise Overheard(away.what, away.since) from away
            raise
        except TimeoutError as late:
            kind = Overheard if self._is_overheard(said) else Unavailable
            raise kind("the database") from late

    async def _take_in(self, said: Incoming) -> None:
        fresh = await self._intake.take_in(said)
        if said.until is not None and self._desk.clock() >= said.until:
            await self._intake.done(said.event)
            raise Unavailable("the database")
        if fresh:
            self._begin(said)

    async def resume(self) -> None:
        """Work on what was taken in before this process started, in the chats that it serves."""
        self._take_up(await self._intake.pending())

    async def inherit(self) -> None:
        """Work on what processes that fell had taken in, until cancelled. For the keeper."""
        while True:
            try:
                self._take_up(await self._intake.take_over())
            except Unavailable as away:
                log.warning("%s does not answer; nothing is taken over", away.what)
            await asyncio.sleep(INHERIT)

    def _take_up(self, waiting: Sequence[Incoming]) -> None:
        for said in waiting:
            if self._speaking.serves(said.place):
                self._begin(said)

    def _is_overheard(self, said: Incoming) -> bool:
        """Whether it is people's talk, by the names that are known without the database."""
        if said.button is not None:
            return False
        names = Lexicon() if self._names is None else self._names[2]
        return _is_talk(parse(said.text, tuple(self._by_pattern), names), said, names)

    def _begin(self, said: Incoming) -> None:
        self._keep(self._see_through(said))

    def _keep(self, what: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Let what is under way end; answers that a chat holds up go after the next start."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=ENDING)
        await self._speaking.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _see_through(self, said: Incoming) -> None:
        """One account's commands are worked on in the order in which they were given."""
        turn = self._turns.setdefault(str(said.account), asyncio.Lock())
        async with turn:
            answer = await self.work(said)
            message = answer.message
            given = None if message is None else self._speaking.answer(said, message)
        try:
            if given is not None:
                await given
        except Exception as problem:
            # it would fail again, and its command must not be worked on again for that
            with suppress(Exception):
                await self._speaking.answer(said, await self._failed(said, None, problem))
        await self._intake.done(said.event)

    # --- one command ------------------------------------------------------------------

    async def work(self, said: Incoming) -> Answer:
        """See one command through and give its answer."""
        call: Call | None = None
        try:
            standing = await self._desk.people.standing(said.account)
            call = Call.at(self._desk, said, standing, self._handlers.commands)
            public = said.button is None and not (said.private or said.addressed)
            read = await self._read(said) if public else None
            if read is not None and _is_talk(read, said, await self._lexicon()):
                return Answer(None)  # people talk to each other: no command of theirs
            if not await self._in_time(call):
                return Answer(None)
            call = replace(call, said=await self._typed(said))
            found = self._understood(
                call, read or await self._read(call.said), await self._lexicon()
            )
            if found is None:
                return Answer(None)
            command, parsed = found
            return Answer(await self._carried_out(call, command, parsed))
        except _Outcome as outcome:
            assert call is not None  # only raised with one at hand
            return await self._ended(call, outcome)
        except Exception as problem:
            return Answer(await self._failed(said, call, problem))

    async def _read(self, said: Incoming) -> Parsed | NotUnderstood:
        return parse(said.text, tuple(self._by_pattern), await self._lexicon())

    async def _typed(self, said: Incoming) -> Incoming:
        """Give what a pressed button stands for, if it may be pressed here and by this one."""
        if said.button is None:
            return said
        pressed = await self._intake.pressed(said.button)
        here = (said.place.chat, said.place.channel)
        if pressed is None or (pressed.place.chat, pressed.place.channel) != here:
            raise _Outcome(Gone())
        if pressed.only_for and pressed.only_for != str(said.account):
            raise _Outcome(NotForYou())
        return replace(said, text=pressed.typed)

    async def _in_time(self, call: Call) -> bool:
        """Keep to the limit of commands a minute; what is not heard is counted and recorded."""
        linked = call.standing.person is not None
        what, unheard = self._pacing.weigh(str(call.said.account), call.now, linked=linked)
        if what is Pace.COUNT:
            return False
        if what is Pace.TELL:
            raise _Outcome(TooMany(self._pacing.limit(linked=linked)))
        if unheard:
            event = call.event(What.LIMIT, outcome=f"{unheard} more were not heard")
            await self._desk.record.append(event)
        return True

    async def settle(self) -> None:
        """Record what was not heard of accounts that fell silent, and forget the quiet ones."""
        now = self._desk.clock()
        for account, unheard in self._pacing.forget(now):
            outcome = f"{unheard} more were not heard"
            event = Event(What.LIMIT, now, account=account, outcome=outcome)
            await self._desk.record.append(event)

    def _understood(
        self, call: Call, found: Parsed | NotUnderstood, names: Lexicon
    ) -> tuple[Command, Parsed] | None:
        """Give the command that was read; None for people's talk, which is not the bot's business.

        A stranger learns nothing from how a command was misspelt.
        """
        if isinstance(found, Parsed):
            return self._by_pattern[found.pattern], found
        if _is_talk(found, call.said, names):
            return None
        if is_courtesy(call.said.text):
            found = UnknownCommand("", ())
        pattern: Pattern | None = getattr(found, "pattern", None)
        if pattern is not None:
            command = self._by_pattern[pattern]
            least = Right.MEMBER if command.right is None else min(command.right, Right.MEMBER)
            self._permitted(decide(call.standing, least, command.effect), _About())
        raise _Outcome(found)

    async def _carried_out(self, call: Call, command: Command, parsed: Parsed) -> Message:
        """Ask for the right, put the command on record, and only then do it."""
        about, entry = await self._about(parsed), await self._entry(command, parsed)
        right = Right.MEMBER if command.right is None else command.right
        site = about.site or None
        self._permitted(
            decide(call.standing, right, command.effect, site, entry, decides=command.decides),
            about,
        )
        await self._desk.record.append(call.event(What.COMMAND, **asdict(about)))
        given = {name: value for name, value in parsed.values.items() if value is not None}
        doing = DOING.set(Doing(call.said.event))
        try:
            return await command.handler(call, **given)
        except Refusal as refusal:
            return await self._refused(call, refusal, about)
        except NotAllowed as missing:
            raise _Outcome(missing.decision, about) from None
        except DoneBefore as before:
            raise _Outcome(before, about) from None
        finally:
            DOING.reset(doing)

    def _permitted(self, decision: Decision, about: _About) -> None:
        if not isinstance(decision, Allowed):
            raise _Outcome(decision, about)

    async def _entry(self, command: Command, parsed: Parsed) -> Entry | None:
        """Give the entry that the command is about; its `may_run` is the right it takes."""
        word = parsed.values.get("service") or parsed.values.get("entry")
        if command.right is not None or not word:
            return None
        verb = parsed.pattern.words[0]
        entries = await self._desk.catalogue.entries()
        return entry_of(entries, None if verb == "plan" else verb, str(word))

    async def _about(self, parsed: Parsed) -> _About:
        """Say what it is about; a run's site too, so that its history tells this."""
        number = parsed.values.get("run")
        run = await self._desk.runs.get(number) if isinstance(number, int) else None
        if run is not None:
            return _About(run.site, run.number, run.revision.sha)
        site = str(parsed.values.get("site") or "")
        return _About(site, number if isinstance(number, int) else None)

    async def _lexicon(self) -> Lexicon:
        """Give the names that may be typed; made once for each state of sites and catalogue."""
        try:
            sites = await self._desk.sites.all()
        except Unavailable:
            sites = ()
        entries = await self._desk.catalogue.entries()
        if self._names is None or self._names[0] is not sites or self._names[1] is not entries:
            self._names = (sites, entries, lexicon(sites, entries))
        return self._names[2]

    # --- saying no --------------------------------------------------------------------

    async def _ended(self, call: Call, outcome: _Outcome) -> Answer:
        try:
            refusal = await self._words(call, outcome.what)
            message = await self._refused(call, refusal, outcome.about)
        except Exception as problem:
            message = await self._failed(call.said, call, problem)
        return Answer(message, understood=not isinstance(outcome.what, NotUnderstood))

    async def _refused(self, call: Call, refusal: Refusal, about: _About) -> Message:
        """Put a refusal on record and word it for the asker alone."""
        outcome = plain(refusal.text)
        if refusal.lacks is not None:
            outcome = f"{refusal.lacks}: {outcome}"
        await self._desk.record.append(call.event(What.REFUSAL, **asdict(about), outcome=outcome))
        return refusal.message()

    async def _words(self, call: Call, what: object) -> Refusal:
        """Find the words for an outcome or its kind. One without words fails closed, as a fault."""
        words = self._handlers.refusals
        kind = next((kind for kind in type(what).__mro__ if kind in words), type(what))
        return await words[kind](call, what)

    async def _failed(self, said: Incoming, call: Call | None, problem: Exception) -> Message:
        """Answer for what should not have happened, without a trace of it in the channel."""
        what: object = problem if isinstance(problem, Unavailable) else None
        if what is None:
            reference = secrets.token_hex(3)
            log.error("reference %s", reference, exc_info=problem)
            what = Fault(reference)
        call = call or Call.at(self._desk, said, Standing(said.account), self._handlers.commands)
        refusal = await self._words(call, what)
        try:
            return await self._refused(call, refusal, _About())
        except Unavailable:
            return refusal.message()


def _seen(taking: asyncio.Task[None]) -> None:
    """Have a fault not logged a second time: who heard it tells of it, or told that it was late."""
    if not taking.cancelled():
        taking.exception()


def _is_talk(found: Parsed | NotUnderstood, said: Incoming, names: Lexicon) -> bool:
    """Whether somebody speaks to the others, or only to be kind: none of it asks for an answer.

    Unless the bot is called by its name, more words than a slip has are for the others, and
    so is anything where an answer would be in their way.
    """
    if said.direct or said.addressed or isinstance(found, Parsed):
        return False
    slip = said.private and len(said.text.split(maxsplit=SLIP)) <= SLIP
    far = _is_far(found, said) or is_everyday(said.text, names)
    return is_courtesy(said.text) or (far and not (slip or is_called(said.text)))


def _is_far(found: NotUnderstood, said: Incoming) -> bool:
    """Whether no command is near to what was said: one that is much shorter is not."""
    if isinstance(found, Nearest):
        more = len(said.text.split()) - len(found.command.typed.split())
        return more > SLIP and not said.private
    return isinstance(found, UnknownCommand) and not found.near
