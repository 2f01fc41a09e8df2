"""An emulated Slack workspace as a screen."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.ports import Hear
from tests.conversations.screens import Button, Seen, card, everything, loosely
from tests.emulators.slack import Slack, State, lines

ZONES = {"kenet-admin": "Africa/Nairobi"}
"""Who is not in South Africa."""

LONG = 600.0
"""Seconds; whoever waits here has a shorter patience of their own."""


class Workspace:
    """The channel #roc, everybody's direct messages, and who has which account."""

    def __init__(self, slack: Slack, people: Sequence[str]) -> None:
        self.slack = slack
        self._users = {
            who: slack.person(who, tz=ZONES.get(who, "Africa/Johannesburg")) for who in people
        }
        self._names = {user: who for who, user in self._users.items()}
        self.channel = slack.channel("roc", tuple(self._users.values()))
        self._states: list[State] = []
        self._seen: list[Seen] = []

    @classmethod
    @asynccontextmanager
    async def opened(cls, people: Sequence[str]) -> AsyncIterator["Workspace"]:
        """Open a workspace in which nobody counts how often the bot speaks."""
        async with Slack() as slack:
            slack.strict = False
            yield cls(slack, people)

    @property
    def roc(self) -> Place:
        return Place("slack", self.channel)

    @property
    def accounts(self) -> Mapping[str, Account]:
        return {who: Account("slack", self.slack.team, user) for who, user in self._users.items()}

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "AAROC_SLACK__API_URL": self.slack.api_url,
            "AAROC_SLACK__BOT_TOKEN": self.slack.bot_token,
            "AAROC_SLACK__APP_TOKEN": self.slack.app_token,
            "AAROC_SLACK__CHANNELS": json.dumps([self.channel]),
        }

    @property
    def secrets(self) -> Sequence[str]:
        return self.slack.bot_token, self.slack.app_token

    async def begin(self, hear: Hear) -> None:
        await self.slack.until(lambda: self.slack.sockets)

    async def say(self, who: str, text: str, *, direct: bool) -> None:
        user = self._users[who]
        channel = self.slack.im(user) if direct else self.channel
        await self.slack.say(user, channel, text)
        await self.settled()

    async def settled(self) -> None:
        """Return once every event so far is acknowledged."""
        sent = {event["event_id"] for event in self.slack.events}
        await self.slack.until(lambda: sent <= self.slack.acknowledged)

    async def press(self, who: str, button: Button) -> None:
        state = self._states[button.seq - 1]
        ack = await self.slack.press(
            self._users[who], state.channel, state.ts, button.id, state=state
        )
        assert ack == {}, f"a press was acknowledged with {ack}"

    async def since(self, seq: int) -> Sequence[Seen]:
        self._look()
        return self._seen[seq:]

    async def wait(self, seq: int) -> None:
        await self.slack.until(lambda: len(self.slack.states()) > seq, LONG)

    def read(self, line: str) -> str:
        return loosely(line)

    async def kept(self) -> str:
        self._look()
        return everything(self._seen)

    def faults(self) -> Sequence[str]:
        return [*self.slack.faults, *map(str, self.slack.given_up)]

    def _look(self) -> None:
        for state in self.slack.states(len(self._states)):
            self._states.append(state)
            self._seen.append(self._with_file(state) if state.files else self._message(state))

    def _message(self, state: State) -> Seen:
        written = [line for line in lines(state) if line]
        buttons = [
            Button(state.ts, state.seq, element["action_id"], element["text"]["text"])
            for block in state.blocks
            if block["type"] == "actions"
            for element in block["elements"]
        ]
        said = tuple(written[: len(written) - len(buttons)])
        in_channel = state.channel == self.channel and not state.thread_ts and not state.to
        to = state.to or next(iter(self._direct_with(state.channel)), None)
        return Seen(
            state.seq,
            state.ts,
            said,
            card=card(said[0]) if in_channel else None,
            to=None if to is None else self._names.get(to, to),
            alone=to is not None,
            buttons=tuple(buttons),
        )

    def _direct_with(self, channel: str) -> Sequence[str]:
        found = self.slack.channels[channel]
        return found.members if found.im else ()

    def _with_file(self, state: State) -> Seen:
        """Give the message to which a file belongs, as it stands with it."""
        for before in reversed(self._seen):
            at = self._states[before.seq - 1]
            if at.channel == state.channel and state.thread_ts in {at.ts, at.thread_ts}:
                return replace(before, seq=state.seq, files=(*before.files, *state.files))
        return replace(self._message(state), files=state.files)
