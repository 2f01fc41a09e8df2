"""Files that go with a message: put below it once it stands, and tried again behind it.

The message is not posted once more because of its file, so nothing here is raised.
"""

import asyncio
import logging
from collections.abc import Sequence

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from aaroc_bot.chat.slack_calls import Calls, Paces
from aaroc_bot.chat.slack_people import People
from aaroc_bot.core.message import Account, File, Place
from aaroc_bot.core.ports import Later, Lost

log = logging.getLogger(__name__)

UPLOAD = 120.0
"""Seconds that a file may take on a bad link."""

TRIES = 6

GRACE = 3.0
"""Seconds that a file on its way is waited for when the bot stops."""


class Files:
    """Uploads files."""

    def __init__(self, call: Calls, paces: Paces, client: AsyncWebClient, people: People) -> None:
        """Upload through `call`."""
        self._call = call
        self._paces = paces
        self._client = client
        self._people = people
        self._tasks: set[asyncio.Task[None]] = set()

    def attach(self, where: Place | Account, files: Sequence[File]) -> None:
        """Put files into a thread, or into the direct message of an account, in this order."""
        if files:
            task = asyncio.create_task(self._attach(where, files))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Wait a moment for what is on its way, and give the rest up."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _attach(self, where: Place | Account, files: Sequence[File]) -> None:
        for file in files:
            for _ in range(TRIES):
                try:
                    await self._upload(where, file)
                    break
                except Later as later:
                    await asyncio.sleep(later.seconds)
                except (Lost, SlackApiError) as problem:
                    log.warning("%s could not be put into %s: %s", file.name, where, problem)
                    break
            else:
                log.error("%s could not be put into %s", file.name, where)

    async def _upload(self, where: Place | Account, file: File) -> None:
        place = where if isinstance(where, Place) else await self._people.direct(where)
        name = " ".join(file.name.split()) or "file.txt"
        await self._call(
            self._paces.files,
            self._client.files_upload_v2,
            limit=UPLOAD,
            filename=name,
            title=name,
            content=file.content.encode(errors="replace") or b"\n",  # Slack takes no empty file
            channel=place.channel,
            thread_ts=place.thread,
        )
