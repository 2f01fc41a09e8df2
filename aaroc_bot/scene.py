"""The short conversation that a first `make demo` plays: the main job, for real.

A deployment is approved and runs, another run waits behind it, and a request is left waiting
for approval: it is there after Ctrl-C and the next `make demo` too.
"""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping

from aaroc_bot.app import Bot
from aaroc_bot.chat.web import WebChat
from aaroc_bot.core.run import Run, State

log = logging.getLogger(__name__)

ADMIN, EXPERT, KENET = "uj-admin", "roc-expert", "kenet-admin"
DEPLOY = "deploy site-bdii at ZA-UJ"
BEHIND = "run ping at ZA-UJ"
LEFT = "deploy site-bdii at KE-NAIROBI"
PATIENCE = 120.0
"""Seconds that each step may take; then the scene is left as it is."""

ENDS = tuple(state for state in State if state.ended)
TELLING = frozenset(State) - {State.QUEUED}
"""States that say enough by themselves; beside the others a reason follows in a moment."""

Say = Callable[[str, str], Awaitable[None]]


async def play(bot: Bot, chat: WebChat, told: Callable[[str], None]) -> None:
    """Play it once; `told` is given each line as it is said."""

    async def say(user: str, text: str) -> None:
        told(f"{user:>12}  {text}")
        await chat.say(user, str(uuid.uuid4()), text, None, None)

    try:
        await _play(bot, chat, say, told)
    except TimeoutError:
        log.warning("the scene was left: it did not go on for %d s", PATIENCE)


async def _play(bot: Bot, chat: WebChat, say: Say, told: Callable[[str], None]) -> None:
    def tell(run: Run) -> None:
        beside = f", {run.reason}" if run.reason else ""
        told(f"{'aaroc':>12}  run {run.number} {run.state}{beside}")

    await say(ADMIN, "status")
    first = await _asked(bot, say, ADMIN, DEPLOY)
    tell(await _until(bot, first, State.WAITING))
    await _click(chat, ADMIN, f"approve {first}", told)
    await _click(chat, EXPERT, f"approve {first}", told)
    behind = await _asked(bot, say, ADMIN, BEHIND)
    tell(await _until(bot, behind, State.QUEUED, State.RUNNING, *ENDS))
    tell(await _until(bot, first, *ENDS))
    tell(await _until(bot, behind, *ENDS))
    left = await _asked(bot, say, KENET, LEFT)
    tell(await _until(bot, left, State.WAITING, *ENDS))
    await say(ADMIN, "history ZA-UJ")


async def _asked(bot: Bot, say: Say, who: str, text: str) -> int:
    """Ask for a run and give its number."""
    rows = (await bot.desk.runs.newest()).rows
    last = rows[0].number if rows else 0
    await say(who, text)
    async with asyncio.timeout(PATIENCE):
        while True:
            rows = (await bot.desk.runs.newest()).rows
            if rows and rows[0].number > last:
                return rows[0].number
            await asyncio.sleep(0.1)


async def _until(bot: Bot, number: int, *states: State) -> Run:
    """Wait until a run is in one of the states; a queued one until it is said why."""
    async with asyncio.timeout(PATIENCE):
        while True:
            run = await bot.desk.runs.get(number)
            if run is not None and run.state in states and (run.reason or run.state in TELLING):
                return run
            await asyncio.sleep(0.1)


async def _click(chat: WebChat, user: str, typed: str, told: Callable[[str], None]) -> None:
    """Press the button that stands for `typed`, once the card shows it to this user."""
    async with asyncio.timeout(PATIENCE):
        ref, button = await _shown(chat, user, typed)
    told(f"{user:>12}  [{button['label']}]")
    await chat.press(user, str(uuid.uuid4()), ref, button["id"], None)


async def _shown(chat: WebChat, user: str, typed: str) -> tuple[str, Mapping[str, str]]:
    """Wait for a button; give the message that it is at, and the button."""
    while True:
        for message in (await chat.channel.history(user)).messages:
            for button in (message.get("view") or {}).get("buttons", ()):
                if button["typed"] == typed:
                    return message["ref"], button
        await asyncio.sleep(0.1)
