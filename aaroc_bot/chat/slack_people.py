"""People in Slack: their time zone, and where they alone are spoken to."""

import asyncio
import time

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from aaroc_bot.chat.slack_calls import Calls, Paces
from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.ports import Later, Lost

KNOWN = 86_400.0
UNKNOWN = 60.0
"""Seconds that a person's zone is remembered, and that Slack did not tell it."""


class People:
    """Asks Slack about people, and remembers."""

    def __init__(self, call: Calls, paces: Paces, client: AsyncWebClient) -> None:
        """Ask through `call`."""
        self._call = call
        self._paces = paces
        self._client = client
        self._zones: dict[str, tuple[str | None, float]] = {}
        self._asking: dict[str, asyncio.Task[str | None]] = {}
        self._direct: dict[str, str] = {}

    async def direct(self, account: Account) -> Place:
        """Give the direct message of the bot and `account`, opened where there was none."""
        if account.chat != "slack":
            raise Lost(f"{account} is nobody in Slack")
        channel = self._direct.get(account.user)
        if channel is None:
            reply = await self._call(
                self._paces.people, self._client.conversations_open, users=account.user
            )
            channel = self._direct[account.user] = str(reply["channel"]["id"])
        return Place("slack", channel)

    async def zone(self, account: Account) -> str | None:
        """Give somebody's zone (IANA) as Slack knows it, None if it does not tell now."""
        zone, until = self._zones.get(account.user, (None, 0.0))
        if time.monotonic() < until:
            return zone
        asking = self._asking.get(account.user)
        if asking is None:
            asking = self._asking[account.user] = asyncio.create_task(self._ask(account.user))
            asking.add_done_callback(lambda _: self._asking.pop(account.user))
        return await asyncio.shield(asking)  # who gives up waiting leaves it to the next

    async def _ask(self, user: str) -> str | None:
        zone, kept = None, UNKNOWN
        try:
            reply = await self._call(self._paces.people, self._client.users_info, user=user)
        except (Later, Lost, SlackApiError):
            zone, _ = self._zones.get(user, (None, 0.0))
        else:
            found = (reply.get("user") or {}).get("tz")
            zone, kept = (found if isinstance(found, str) and found else None), KNOWN
        self._zones[user] = (zone, time.monotonic() + kept)
        return zone
