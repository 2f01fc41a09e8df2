"""The short conversation that a first `make demo` plays: the main job, for real."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable

from aaroc_bot.app import Bot
from aaroc_bot.chat.web import WebChat
from aaroc_bot.core.run import Run, State

log = logging.getLogger(__name__)

ADMIN, EXPERT = "uj-admin", "roc-expert"
DEPLOY = "deploy site-bdii at ZA-UJ"
PATIENCE = 120.0
"""Seconds until a scene that does not go on is left as it is."""

Say = Callable[[str, str], Awaitable[None]]


async def play(bot: Bot, chat: WebChat, told: Callable[[str], None]) -> None:
    """Play it once; `told` is given each line as it is said."""

    async def say(user: str, text: str) -> None:
        told(f"{user:>12}  {text}")
        await chat.say(user, str(uuid.uuid4()), text, None, None)

    try:
        async with asyncio.timeout(PATIENCE):
            await _play(bot, chat, say, told)
    except TimeoutError:
        log.warning("the scene was left: it did not go on for %d s", PATIENCE)


async def _play(bot: Bot, chat: WebChat, say: Say, told: Callable[[str], None]) -> None:
    await say(ADMIN, "status")
    await say(ADMIN, DEPLOY)
    run = await _until(bot, State.WAITING)
    told(f"{'aaroc':>12}  run {run.number} waits for an expert")
    await _click(chat, ADMIN, f"approve {run.number}", told)
    await _click(chat, EXPERT, f"approve {run.number}", told)
    run = await _until(bot, State.SUCCEEDED, State.FAILED)
    told(f"{'aaroc':>12}  run {run.number} {run.state}")
    await say(ADMIN, "history ZA-UJ")


async def _until(bot: Bot, *states: State) -> Run:
    """Wait for the newest run to come to one of the states."""
    while True:
        rows = (await bot.desk.runs.newest()).rows
        if rows and rows[0].state in states:
            return rows[0]
        await asyncio.sleep(0.1)


async def _click(chat: WebChat, user: str, typed: str, told: Callable[[str], None]) -> None:
    """Press the button that stands for `typed`, once the card shows it to this user."""
    while True:
        for message in (await chat.channel.history(user)).messages:
            for button in (message.get("view") or {}).get("buttons", ()):
                if button["typed"] == typed:
                    told(f"{user:>12}  [{button['label']}]")
                    press = str(uuid.uuid4())
                    await chat.press(user, press, message["ref"], button["id"], None)
                    return
        await asyncio.sleep(0.1)
