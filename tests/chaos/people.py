"""People at work: they ask, and do with each run what is its wish's fate, until it is done.

A button that nobody heard, a word that was lost with the bot: people look at the card and
try again. So do these.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiohttp import ClientError

from aaroc_bot.core.run import State
from tests.chaos.looking import Seen, seen
from tests.chaos.stage import Stage
from tests.chaos.wishes import Fate, Wish
from tests.emulators.slack import lines as slack_lines

LOOK = 0.3
AGAIN = 5.0
"""Seconds after which somebody tries again."""
DECISIONS = {"approve": State.QUEUED, "deny": State.DENIED, "cancel": State.CANCELLED}
"""What a run comes to by which word."""


@dataclass
class People:
    """All who speak. `most` is how many of their runs may be under way at once.

    `words` tell of each wish who decided what of its run. `calm` is what they wish for once
    all falls are over.
    """

    stage: Stage
    wishes: Sequence[Wish]
    most: int
    calm: Sequence[Wish] = ()
    asked: list[Wish] = field(default_factory=list)
    words: dict[int, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    _tried: dict[int, float] = field(default_factory=dict)
    _acts: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def done(self) -> bool:
        """Whether all was asked for."""
        return len(self.asked) == len(self.wishes) + len(self.calm)

    async def work(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                wishes = [*self.wishes, *self.calm]
                by_number = {wish.number: wish for wish in wishes}
                runs, ended = await seen(self.stage.database)
                for run in runs:
                    if run.wish in by_number:
                        self._decide(by_number[run.wish], run)
                under_way = len(self.asked) - ended
                for wish in wishes[len(self.asked) :][: max(0, self.most - under_way)]:
                    self.asked.append(wish)
                    await self._say(wish.chat, wish.asker, wish.typed)
                await asyncio.sleep(LOOK)
        finally:
            for act in self._acts:
                act.cancel()

    def _decide(self, wish: Wish, run: Seen) -> None:
        """Do what is next with a run, if it was not tried a moment ago."""
        if run.state == State.WAITING:
            verb = {Fate.DENY: "deny", Fate.CANCEL: "cancel"}.get(wish.fate, "approve")
            what, button = f"{verb} {run.number}", f"{verb.capitalize()} {run.number}"
        elif run.state == State.RUNNING and wish.fate is Fate.CANCEL_NOW and not run.cancelling:
            what, button = f"cancel {run.number} now", f"Cancel {run.number} now"
        else:
            return
        if time.monotonic() - self._tried.get(run.number, -AGAIN) < AGAIN:
            return
        self._tried[run.number] = time.monotonic()
        who = wish.asker if wish.fate is Fate.CANCEL else wish.expert
        self.words[wish.number][DECISIONS[what.partition(" ")[0]]] = who
        act = asyncio.create_task(self._act(wish, who, what, button))
        self._acts.add(act)
        act.add_done_callback(self._acts.discard)

    async def _act(self, wish: Wish, who: str, what: str, button: str) -> None:
        with contextlib.suppress(ClientError, AssertionError):  # they try again
            if not (wish.button and await self._press(wish.answered_in, who, button)):
                await self._say(wish.answered_in, who, what)

    async def _say(self, chat: str, login: str, text: str) -> None:
        if chat == "slack":
            await self.stage.slack.say(self.stage.in_slack[login], self.stage.channel, text)
        else:
            await self.stage.telegram.say(self.stage.in_telegram[login], self.stage.group, text)

    async def _press(self, chat: str, login: str, label: str) -> bool:
        """Press a button; whether it stands anywhere."""
        return await (self._press_in_slack if chat == "slack" else self._press_in_telegram)(
            login, label
        )

    async def _press_in_slack(self, login: str, label: str) -> bool:
        slack, channel = self.stage.slack, self.stage.channel
        for shown in reversed(slack.messages(channel)):
            if shown.user == slack.bot_user and f"[{label}]" in slack_lines(shown):
                await slack.press(self.stage.in_slack[login], channel, shown.ts, label)
                return True
        return False

    async def _press_in_telegram(self, login: str, label: str) -> bool:
        telegram, group = self.stage.telegram, self.stage.group
        for shown in reversed(telegram.messages(group)):
            if label in [button.label for button in shown.buttons]:
                await telegram.press(self.stage.in_telegram[login], group, shown.message_id, label)
                return True
        return False
