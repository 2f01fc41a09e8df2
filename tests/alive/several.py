"""Several processes on one database (`tests.chaos.stage`): what is said to them and read of them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from sqlalchemy import select

from aaroc_bot.core.run import State
from aaroc_bot.store.tables import audit, incoming, outbox, runs
from tests.chaos.processes import Member
from tests.chaos.processes import until as holds
from tests.chaos.stage import Stage, opened
from tests.emulators.slack import lines
from tests.runs.world import until

PATIENCE = 60.0
"""Seconds until what does not happen counts as missing, on a machine that is busy."""

ADMIN, EXPERT = "uj-admin", "roc-expert"
SITE = "ZA-C01"
LOST, FREE = 3.0, 13.0
"""Seconds until a silent process is lost, and until its sites are free (`clocked`)."""

TIMES = {
    "AAROC_ENGINE__HEARTBEAT": "1s",
    "AAROC_ENGINE__LOST": f"{LOST:.0f}s",
    "AAROC_ENGINE__LIMIT": "9s",
    "AAROC_ENGINE__FREE": f"{FREE:.0f}s",
}


@asynccontextmanager
async def several(
    folder: Path,
    url: str,
    *,
    sites: int = 2,
    bots: int = 1,
    workers: Sequence[Sequence[str]] = (),
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[Stage]:
    """Open a stage whose processes all have these settings `more`; none is started."""
    async with opened(folder, url, sites=sites, bots=bots, workers=workers) as stage:
        for member in stage.members:
            member.environment = {**member.environment, **TIMES, **(more or {})}
        yield stage


def member(stage: Stage, name: str) -> Member:
    """Give the process of a name: ``bot-1``, ``worker-1``."""
    return next(one for one in stage.members if one.name == name)


async def ready(bot: Member) -> str | None:
    """Give what `/readyz` of a bot says; None while nobody answers there."""
    address = f"http://127.0.0.1:{bot.environment['AAROC_WEB__PORT']}/readyz"
    try:
        async with ClientSession() as session, session.get(address) as answer:
            return (await answer.text()).strip()
    except OSError:
        return None


async def started(bot: Member) -> None:
    """Start a bot and wait until it listens."""
    bot.start()

    async def listens() -> bool | None:
        assert bot.alive, bot.said
        return await ready(bot) is not None or None

    await until(listens, PATIENCE)


async def logged(one: Member, what: str, times: int = 1) -> None:
    """Wait until something stands in a process's log, or on its terminal, so often."""
    await holds(lambda: one.said.count(what) >= times, PATIENCE)


async def killed(one: Member) -> None:
    """Kill a process and wait until it is gone."""
    one.kill()
    await holds(one.buried, PATIENCE)


async def said(stage: Stage, login: str, text: str, chat: str = "slack") -> None:
    """Have a person say something in the ROC's channel of a chat."""
    if chat == "slack":
        await stage.slack.say(stage.in_slack[login], stage.channel, text)
    else:
        await stage.telegram.say(stage.in_telegram[login], stage.group, text)


def work(wish: int, beats: int = 4, site: str = SITE) -> str:
    """Write a wish for a run that takes twenty beats a second."""
    return f"run work at {site} wish={wish} beats={beats}"


async def row(stage: Stage, number: int) -> Any:
    """Give a run's row; None while there is none."""
    async with stage.database.read() as connection:
        return (await connection.execute(select(runs).where(runs.c.number == number))).first()


async def until_run(stage: Stage, number: int, *states: State, reason: str = "") -> Any:
    """Wait until a run is in one of these states, with such a reason; give its row."""
    last: Any = None

    async def there() -> Any:
        nonlocal last
        last = await row(stage, number)
        if last is None or State(last.state) not in states or reason not in (last.reason or ""):
            return None
        return last

    try:
        return await until(there, PATIENCE)
    except TimeoutError:
        logs = "\n".join(f"{one.name}: {one.said[-2000:]}" for one in stage.members)
        said = "\n".join(in_slack(stage))
        raise AssertionError(f"run {number} is {last}\n{logs}\n{said}") from None


async def approved(stage: Stage, number: int, chat: str = "slack") -> None:
    """Wait until a run asks for approval, and have an expert give it."""
    await until_run(stage, number, State.WAITING)
    await said(stage, EXPERT, f"approve {number}", chat)


async def settled(stage: Stage) -> None:
    """Wait until all that was heard is worked on and all that is to be shown is shown."""
    undone = select(incoming.c.event).where(incoming.c.done.is_(False))
    unseen = select(outbox.c.id).where(outbox.c.wanted > outbox.c.shown)

    async def quiet() -> bool | None:
        async with stage.database.read() as connection:
            left = [*await connection.scalars(undone), *await connection.scalars(unseen)]
        return not left or None

    await until(quiet, PATIENCE)


async def record(stage: Stage, what: str) -> list[Any]:
    """Give the record's rows of a kind, oldest first."""
    query = select(audit).where(audit.c.what == what).order_by(audit.c.id)
    async with stage.database.read() as connection:
        return list(await connection.execute(query))


def in_slack(stage: Stage) -> list[str]:
    """Give all that the bots show in Slack's channel, whole."""
    shown = stage.slack.messages(stage.channel)
    return ["\n".join(lines(m)) for m in shown if m.user == stage.slack.bot_user and not m.deleted]


def in_telegram(stage: Stage) -> list[str]:
    """Give all that the bots show in Telegram's group, whole."""
    author = stage.telegram.bot["id"]
    return [m.text for m in stage.telegram.messages(stage.group) if m.author == author]


async def shown(stage: Stage, *parts: str) -> None:
    """Wait until each chat shows one message that has all these parts."""

    def there() -> bool:
        chats = (in_slack(stage), in_telegram(stage))
        return all(any(all(p in text for p in parts) for text in chat) for chat in chats)

    try:
        await holds(there, PATIENCE)
    except TimeoutError:
        raise AssertionError(f"{parts} in {in_slack(stage)} {in_telegram(stage)}") from None


def played(stage: Stage, site: str = SITE) -> list[tuple[str, int]]:
    """Give what began and ended at a site's host, with the wish, in order."""
    return [(line.kind, line.wish) for line in stage.ground.told()[site] if line.kind != "beat"]


async def begun(stage: Stage, wish: int, site: str = SITE) -> None:
    """Wait until a wish is played at a site's host."""
    await holds(lambda: ("begin", wish) in played(stage, site), PATIENCE)


def beats(stage: Stage, site: str = SITE) -> int:
    """Count the lines that a site's host has."""
    return len(stage.ground.told()[site])


async def still(stage: Stage, seconds: float, site: str = SITE) -> None:
    """See that nothing is played at a site's host any more, for so long."""
    before = beats(stage, site)
    await asyncio.sleep(seconds)
    assert beats(stage, site) == before
