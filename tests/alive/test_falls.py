"""Killed at any point between an event and its answer: one effect, one answer at least.

What was committed is worked on after the restart; what was not is sent again by Slack or
Telegram, which were never told that it was taken.

`make test` tries each of the ten points in one chat or the other; `make chaos` all of them
in both, and around slash commands and buttons.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet
from aiohttp import ClientError

from aaroc_bot.core.audit import What
from aaroc_bot.sandbox.box import Box
from aaroc_bot.sandbox.persons import PERSONS
from tests.alive.roc import PATIENCE, Roc, opened
from tests.emulators.slack import Shown, lines

IDS = {person.login: person.id for person in PERSONS}
DEPLOY = "deploy site-bdii at ZA-UJ"

BEFORE_THE_COMMIT = ("before aaroc_bot.store.intake:Intake.take_in",)
AFTER_THE_COMMIT = (
    "after aaroc_bot.store.intake:Intake.take_in",
    "before aaroc_bot.dispatch:Dispatcher.work",
    "before aaroc_bot.store.audit:AuditWriter.append",
    "after aaroc_bot.store.audit:AuditWriter.append",
)
AROUND_THE_EFFECT = (
    "before aaroc_bot.runs.book:RunBook.ask",
    "after aaroc_bot.runs.book:RunBook.ask",
)
ANSWERING = (
    "before aaroc_bot.chat.{chat}:{Chat}Chat.post",
    "after aaroc_bot.chat.{chat}:{Chat}Chat.post",
    "before aaroc_bot.store.intake:Intake.done",
)
COMMANDED = (*AFTER_THE_COMMIT[1:], *AROUND_THE_EFFECT, *ANSWERING)
POINTS = (*BEFORE_THE_COMMIT, *AFTER_THE_COMMIT, *AROUND_THE_EFFECT, *ANSWERING)


def quick(points: Sequence[str], chosen: Sequence[str]) -> list[ParameterSet]:
    """Leave those that are not chosen to `make chaos`."""
    return [
        pytest.param(point, marks=[] if point in chosen else [pytest.mark.chaos])
        for point in points
    ]


def named(point: str, chat: str) -> str:
    return point.format(chat=chat, Chat=chat.capitalize())


def slack_said(roc: Roc) -> list[str]:
    return [m.text for m in roc.slack.messages(roc.channel) if m.user == roc.slack.bot_user]


def cancellable(roc: Roc) -> Shown | None:
    """Give the card once it can be cancelled by a button."""
    cards = [m for m in roc.slack.messages(roc.channel) if m.user == roc.slack.bot_user]
    return next((m for m in cards if "[Cancel 1]" in lines(m)), None)


def telegram_said(roc: Roc) -> list[str]:
    author = roc.telegram.bot["id"]
    return [m.text for m in roc.telegram.messages(roc.group) if m.author == author]


@pytest.mark.parametrize("point", quick(POINTS, POINTS[::2]))
async def test_something_said_in_slack(box: Box, tmp_path: Path, point: str) -> None:
    async with opened(box, tmp_path) as roc:
        await roc.join("uj-admin", IDS["uj-admin"])
        await roc.bot.start(named(point, "slack"))
        await roc.slack.say(roc.in_slack["uj-admin"], roc.channel, DEPLOY)
        await roc.bot.fallen()
        await roc.bot.start()
        await roc.slack.until(lambda: slack_said(roc), PATIENCE)
        await roc.until_worked_on()
        assert len(await roc.states()) == 1
        cards = [m for m in roc.slack.messages(roc.channel) if m.metadata and not m.thread_ts]
        assert len(cards) == 1
        assert roc.slack.faults == []


@pytest.mark.parametrize("point", quick(POINTS, POINTS[1::2]))
async def test_something_said_in_telegram(box: Box, tmp_path: Path, point: str) -> None:
    async with opened(box, tmp_path) as roc:
        await roc.join("uj-admin", IDS["uj-admin"])
        await roc.bot.start(named(point, "telegram"))
        await roc.telegram.say(roc.in_telegram["uj-admin"], roc.group, DEPLOY)
        await roc.bot.fallen()
        await roc.bot.start()
        await roc.telegram.until(lambda: telegram_said(roc), PATIENCE)
        await roc.until_worked_on()
        assert len(await roc.states()) == 1
        assert roc.telegram.faults == []


@pytest.mark.parametrize("point", quick(COMMANDED, COMMANDED[:1]))
async def test_a_slash_command(box: Box, tmp_path: Path, point: str) -> None:
    async with opened(box, tmp_path) as roc:
        await roc.join("uj-admin", IDS["uj-admin"])
        await roc.bot.start(named(point, "slack"))
        with suppress(ClientError):
            await roc.slack.command(roc.in_slack["uj-admin"], roc.channel, "/aaroc", DEPLOY)
        await roc.bot.fallen()
        await roc.bot.start()
        await roc.slack.until(lambda: slack_said(roc), PATIENCE)
        await roc.until_worked_on()
        assert len(await roc.states()) == 1


CANCELLING = (
    *AFTER_THE_COMMIT[1:],
    "before aaroc_bot.runs.book:RunBook.cancel",
    "after aaroc_bot.runs.book:RunBook.cancel",
    "before aaroc_bot.store.intake:Intake.done",
)


@pytest.mark.parametrize("point", quick(CANCELLING, CANCELLING[-2:-1]))
async def test_a_button(box: Box, tmp_path: Path, point: str) -> None:
    async with opened(box, tmp_path) as roc:
        await roc.join("uj-admin", IDS["uj-admin"])
        user = roc.in_slack["uj-admin"]
        await roc.bot.start()
        await roc.slack.say(user, roc.channel, DEPLOY)
        card = await roc.slack.until(lambda: cancellable(roc), PATIENCE)
        assert card is not None
        await roc.bot.stop()
        await roc.bot.start(point)
        with suppress(ClientError):
            await roc.slack.press(user, roc.channel, card.ts, "Cancel 1")
        await roc.bot.fallen()
        await roc.bot.start()
        await roc.until_worked_on()
        await roc.slack.until(lambda: "cancelled" in slack_said(roc)[0], PATIENCE)
        assert await roc.states() == ["cancelled"]
        events = [
            row for row in await roc.record(What.RUN, 1) if row.outcome.startswith("cancelled")
        ]
        assert len(events) == 1


@pytest.mark.parametrize("point", quick(CANCELLING, ()))
async def test_a_button_in_telegram(box: Box, tmp_path: Path, point: str) -> None:
    async with opened(box, tmp_path) as roc:
        await roc.join("uj-admin", IDS["uj-admin"])
        user, telegram = roc.in_telegram["uj-admin"], roc.telegram

        def cancellable() -> list[int]:
            shown = telegram.messages(roc.group)
            return [m.message_id for m in shown if "Cancel 1" in [b.label for b in m.buttons]]

        await roc.bot.start()
        await telegram.say(user, roc.group, DEPLOY)
        await telegram.until(cancellable, PATIENCE)
        await roc.bot.stop()
        await roc.bot.start(point)
        pressed = asyncio.create_task(telegram.press(user, roc.group, cancellable()[0], "Cancel 1"))
        await roc.bot.fallen()
        await roc.bot.start()
        await telegram.until(lambda: "cancelled" in telegram_said(roc)[-1], PATIENCE)
        await roc.until_worked_on()
        await pressed
        assert await roc.states() == ["cancelled"]
        events = [row for row in await roc.record(What.RUN, 1) if "cancelled" in row.outcome]
        assert len(events) == 1


async def test_what_took_effect_is_answered_and_not_done_again(box: Box, tmp_path: Path) -> None:
    async with opened(box, tmp_path) as roc:
        await roc.join("uj-admin", IDS["uj-admin"])
        await roc.bot.start("before aaroc_bot.speaking:Speaking._give")
        await roc.slack.say(roc.in_slack["uj-admin"], roc.channel, "lock ZA-UJ 2h switch")
        await roc.bot.fallen()
        assert len(await roc.record(What.LOCK)) == 1
        await roc.bot.start()
        await roc.slack.until(lambda: slack_said(roc), PATIENCE)
        await roc.until_worked_on()
        assert "took effect before I was cut off" in slack_said(roc)[0]
        assert len(await roc.record(What.LOCK)) == 1


async def test_an_answer_that_slack_never_takes_is_no_reason_to_begin_anew(
    box: Box, tmp_path: Path
) -> None:
    async with opened(box, tmp_path) as roc:
        await roc.join("uj-admin", IDS["uj-admin"])
        await roc.bot.start()
        roc.slack.fail("chat.postMessage", "invalid_blocks")
        await roc.slack.say(roc.in_slack["uj-admin"], roc.channel, "lock ZA-UJ 2h switch")
        await roc.slack.until(lambda: slack_said(roc), PATIENCE)
        await roc.until_worked_on()
        assert slack_said(roc)[0].startswith("Something went wrong on my side. Reference ")
        assert len(await roc.record(What.LOCK)) == 1
