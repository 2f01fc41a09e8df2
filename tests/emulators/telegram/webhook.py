"""Delivery to a webhook: chats at the same time, each in order, again until it says 200."""

import asyncio
import json
import time
from collections.abc import Callable

import aiohttp

from tests.emulators.telegram.updates import Hook, Update, Updates

PATIENCE = 10.0
"""Seconds within which a webhook must answer."""
LONGEST_PAUSE = 1.0
"""Seconds between two attempts, at most."""


async def deliver(
    session: aiohttp.ClientSession, updates: Updates, instead: Callable[[], str | None]
) -> None:
    """Send what waits until cancelled, to `instead` where that names an address."""
    busy: dict[int, asyncio.Task[None]] = {}
    try:
        while True:
            news = asyncio.ensure_future(updates.news())
            for queue in [queue for queue, task in busy.items() if task.done()]:
                busy.pop(queue).result()
            if updates.hook is not None:
                for update in list(updates.pending):
                    if update.queue not in busy and len(busy) < updates.hook.most:
                        work = _insist(session, updates, update, instead)
                        busy[update.queue] = asyncio.create_task(work)
            await asyncio.wait({news, *busy.values()}, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
    finally:
        for task in busy.values():
            task.cancel()


async def _insist(
    session: aiohttp.ClientSession,
    updates: Updates,
    update: Update,
    instead: Callable[[], str | None],
) -> None:
    pause = 0.05
    while updates.hook is not None:
        error = await _post(session, updates.hook, update, instead() or updates.hook.url)
        if not error:
            updates.took(update)
            return
        if updates.hook is not None:
            updates.hook.error = error
            updates.hook.failed_at = int(time.time())
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _post(session: aiohttp.ClientSession, hook: Hook, update: Update, url: str) -> str:
    """Post one update; gives what is wrong, empty if nothing."""
    headers = {"Content-Type": "application/json"}
    if hook.secret:
        headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret
    limit = aiohttp.ClientTimeout(total=PATIENCE)
    body = json.dumps(update.body)
    try:
        async with session.post(url, data=body, headers=headers, timeout=limit) as answer:
            if 200 <= answer.status < 300:
                return ""
            return f"Wrong response from the webhook: {answer.status} {answer.reason}"
    except TimeoutError:
        return "Read timeout expired"
    except aiohttp.ClientError:
        return "Connection failed"
