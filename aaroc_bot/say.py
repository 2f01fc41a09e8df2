"""`aaroc-bot say`: one command the whole way, at the operator's machine, without a chat.

It executes a run itself only when no bot is alive on this database; otherwise the bot
does, and this only follows the run's row.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from aaroc_bot.app import Bot
from aaroc_bot.chat.say import NAME, PLACE, Terminal, as_json, as_text, is_card
from aaroc_bot.clock import now
from aaroc_bot.core.message import Account, Incoming, Kind, Message
from aaroc_bot.core.run import Run, State
from aaroc_bot.dispatch import Answer
from aaroc_bot.linking.operator import operator

LOOK = 0.2
"""Seconds between looks at the run that is followed."""

GOOD = frozenset({State.PLANNED, State.WAITING, State.SUCCEEDED})
ENDS = frozenset({State.DENIED, State.CANCELLED})
DETAILS = {State.WAITING: "run-waits", State.PLANNED: "run-ended"}
"""What stands in the card's thread in a chat, with every difference of the plan."""
DONE, REFUSED, NOT_UNDERSTOOD = 0, 1, 2


async def say(bot: Bot, login: str, text: str, *, json: bool, wait: bool) -> int:
    """Say `text` as `login`, print what comes of it, and give the exit status."""
    show: Callable[[Message], str] = as_json if json else as_text
    await bot.try_refresh()
    async with _alive(bot):
        answer = await _answered(bot, login, text)
        if answer.message is None:
            return REFUSED
        message = answer.message.map(bot.desk.redaction.text)
        print(show(message), flush=True)  # noqa: T201 - this is what it is for
        if not answer.understood:
            return NOT_UNDERSTOOD
        if message.kind is Kind.REFUSAL:
            return REFUSED
        if message.run is None or not is_card(message) or not wait:
            return DONE
        return await _followed(bot, message.run, message, show)


@asynccontextmanager
async def _alive(bot: Bot) -> AsyncIterator[None]:
    """Deliver runs meanwhile, as long as no other bot that is alive does."""
    living = asyncio.create_task(bot.stand_in())
    try:
        yield
    finally:
        living.cancel()
        with suppress(asyncio.CancelledError):
            await living
        await bot.presence.release()


async def _answered(bot: Bot, login: str, text: str) -> Answer:
    account = Account(NAME, operator(), login)
    event = f"{NAME}:{uuid.uuid4()}"
    said = Incoming(event, account, PLACE, text, now(), direct=True)
    return await bot.dispatcher.work(said)


async def _followed(bot: Bot, number: int, shown: Message, show: Callable[[Message], str]) -> int:
    """Print the run's card at each new state until it ends or waits for somebody."""
    state = shown.state
    run = await bot.desk.runs.get(number)
    wished = shown.state in ENDS or (run is not None and run.cancelling is not None)
    good = GOOD | ENDS if wished else GOOD
    while True:
        run = await bot.desk.runs.get(number)
        assert run is not None  # rows of runs never vanish
        if run.state.value != state:
            state = run.state.value
            card = await bot.handlers.cards["run"](bot.desk, str(number), {})
            print(show(card.map(bot.desk.redaction.text)), flush=True)  # noqa: T201
            if show is as_text and run.state in DETAILS:
                notice = await bot.handlers.cards[DETAILS[run.state]](bot.desk, str(number), {})
                print(show(notice.map(bot.desk.redaction.text)), flush=True)  # noqa: T201
        if _rests(run):
            return DONE if run.state in good else REFUSED
        await asyncio.sleep(LOOK)


def _rests(run: Run) -> bool:
    return run.state.ended or run.state is State.WAITING


def terminal() -> Terminal:
    """Give the chat of `say`; it prints by itself what the bot posts there."""
    return Terminal(lambda message: print(as_text(message), flush=True))  # noqa: T201
