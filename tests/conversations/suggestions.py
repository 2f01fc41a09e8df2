"""What messages suggest: it must parse, and be allowed to whom it is shown."""

from collections.abc import Iterator, Sequence

import pytest

from aaroc_bot.app import Bot
from aaroc_bot.core.approval import may_approve, may_cancel, may_deny
from aaroc_bot.core.grammar import parse
from aaroc_bot.core.lexicon import lexicon
from aaroc_bot.core.message import Account, Message, Place, Posted
from aaroc_bot.core.policy import Allowed, decide
from aaroc_bot.core.ports import Chat, Verdict
from aaroc_bot.core.rights import Right, Standing
from aaroc_bot.core.text import Code, Text, parts
from aaroc_bot.core.understood import Parsed

NOT_THEIRS = {Verdict.OWN_REQUEST, Verdict.NOT_AN_EXPERT, Verdict.NOT_YOURS}


class Suggestions:
    """Looks at every message as it is said; `wrong` has a line for each that misleads.

    What stands in the channel itself is read by everybody: it must be allowed to one of
    them. What answers somebody must be allowed to that one.
    """

    def __init__(self, bot: Bot, everybody: Sequence[Account]) -> None:
        self._bot = bot
        self._everybody = everybody
        self.wrong: list[str] = []
        self.seen: set[str] = set()

    def watch(self, chat: Chat, patch: pytest.MonkeyPatch) -> None:
        """Look at everything that an adapter is given to say."""
        post, edit = chat.post, chat.edit

        async def posting(
            place: Place, message: Message, to: Account | None = None, mark: str = ""
        ) -> Posted:
            await self.check(message, to)
            return await post(place, message, to, mark)

        async def editing(posted: Posted, message: Message) -> None:
            await self.check(message, None)
            await edit(posted, message)

        patch.setattr(chat, "post", posting)
        patch.setattr(chat, "edit", editing)

    async def check(self, message: Message, to: Account | None) -> None:
        readers = [to] if to else self._everybody
        for typed in suggested(message):
            self.seen.add(typed)
            why = await self._why_not(typed, readers)
            if why:
                whom = to.user if to else "the channel"
                self.wrong.append(f"`{typed}` was suggested to {whom}: {why}")

    async def _why_not(self, typed: str, readers: Sequence[Account]) -> str:
        bot = self._bot
        commands = {p: command for command in bot.handlers.commands for p in command.patterns}
        names = lexicon(await bot.desk.sites.all(), await bot.desk.catalogue.entries())
        parsed = parse(typed, tuple(commands), names)
        if not isinstance(parsed, Parsed):
            return f"it does not parse ({parsed})"
        standings = [await bot.desk.people.standing(reader) for reader in readers]
        for standing in standings:
            if not standing.fresh or await self._may(parsed, standing):
                return ""
        return "it is not theirs to do"

    async def _may(self, parsed: Parsed, standing: Standing) -> bool:
        bot = self._bot
        command = next(c for c in bot.handlers.commands if parsed.pattern in c.patterns)
        site = str(parsed.values.get("site") or "") or None
        entry = await bot.dispatcher._entry(command, parsed)
        right = Right.MEMBER if command.right is None else command.right
        number = parsed.values.get("run")
        run = await bot.desk.runs.get(number) if isinstance(number, int) else None
        if run is not None:
            match command.name:
                case "approve":
                    return may_approve(run, standing) not in NOT_THEIRS
                case "deny":
                    return may_deny(run, standing) not in NOT_THEIRS
                case "cancel":
                    return may_cancel(run, standing, now=True) not in NOT_THEIRS
                case "retry":
                    entries = await bot.desk.catalogue.entries()
                    entry = next(e for e in entries if (e.verb, e.word) == (run.verb, run.word))
                    site = run.site
        decision = decide(standing, right, command.effect, site, entry, decides=command.decides)
        return isinstance(decision, Allowed)


def suggested(message: Message) -> Iterator[str]:
    """Give every command that a message suggests, typed or as a button."""
    for text in _texts(message):
        for part in parts(text):
            if isinstance(part, Code) and part.typed:
                yield part.text
    for button in message.buttons:
        yield button.typed


def _texts(message: Message) -> Iterator[Text]:
    yield message.text
    yield from message.lines
    yield from message.notes
    for _, value in message.fields:
        yield value
    if message.table:
        for row in message.table.rows:
            yield from row
