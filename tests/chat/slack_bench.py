"""The adapter on the bench: served against the emulator, with what it heard in a list."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aaroc_bot.chat.slack import SlackChat, SlackOptions
from aaroc_bot.core.message import Account, Incoming, Place
from tests.emulators.slack import Slack


@dataclass
class Bench:
    """`hear` keeps what was said; `away` is raised instead, once each."""

    slack: Slack
    roc: str
    other: str
    uj: str
    chat: SlackChat = field(init=False)
    heard: list[Incoming] = field(default_factory=list)
    away: list[Exception] = field(default_factory=list)
    holding: asyncio.Event | None = None

    def options(self, *, http: bool = False, plain: bool = True, partner: str = "") -> SlackOptions:
        return SlackOptions(
            bot_token=self.slack.bot_token,
            app_token=None if http else self.slack.app_token,
            signing_secret=self.slack.signing_secret if http else None,
            channels=(self.roc, self.other),
            workspaces=frozenset({partner} if partner else ()),
            api_url=self.slack.api_url,
            plain=plain,
        )

    async def hear(self, incoming: Incoming) -> None:
        if self.holding is not None:
            await self.holding.wait()
        if self.away:
            raise self.away.pop()
        if incoming.event not in {known.event for known in self.heard}:
            self.heard.append(incoming)

    def account(self, user: str) -> Account:
        return Account("slack", self.slack.team, user)

    @property
    def place(self) -> Place:
        return Place("slack", self.roc)

    async def quiet(self) -> None:
        """Wait until all that was said was delivered and acknowledged."""
        await self.slack.until(
            lambda: {event["event_id"] for event in self.slack.events} <= self.slack.acknowledged
        )


@asynccontextmanager
async def bench(
    *, serve: bool = True, http: bool = False, plain: bool = True, partner: str = ""
) -> AsyncIterator[Bench]:
    """Set up a workspace with the ROC's channel, another one, and a site's admin; serve it."""
    async with Slack() as slack:
        uj = slack.person("uj-admin")
        roc, other = slack.channel("roc", (uj,)), slack.channel("sites", (uj,))
        made = Bench(slack, roc, other, uj)
        made.chat = SlackChat(
            made.options(http=http, plain=plain, partner=partner), lambda: datetime.now(UTC)
        )
        task = asyncio.create_task(made.chat.serve(made.hear)) if serve else None
        try:
            if task and not http:
                await slack.until(lambda: slack.sockets)
            yield made
        finally:
            if task:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            await made.chat.close()
