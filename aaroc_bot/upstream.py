"""What the bot does on GitHub, put together: Changes, joining, and noticing what happens there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aaroc_bot.allowance import Allowance
from aaroc_bot.changes.nothing import NoChanges
from aaroc_bot.clock import now
from aaroc_bot.core.ports import Changes, Hear, Joining, Unavailable
from aaroc_bot.joining.forgetting import Forgetting
from aaroc_bot.joining.nothing import NoJoining
from aaroc_bot.joining.nudging import Nudging
from aaroc_bot.outbox import Outbox
from aaroc_bot.outside import Organisation, Outside
from aaroc_bot.repo.drafting import Drafter
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.repository import Repository
from aaroc_bot.runs.moves import Moves
from aaroc_bot.settings import Settings
from aaroc_bot.store.database import Database
from aaroc_bot.store.deliveries import Deliveries

if TYPE_CHECKING:
    from aaroc_bot.changes.book import ChangeBook
    from aaroc_bot.changes.watching import Watcher
    from aaroc_bot.joining.following import Following

log = logging.getLogger(__name__)

PULLS = timedelta(seconds=30)
"""How often pull requests are looked at; asking costs nothing while none changed."""

PEOPLE = timedelta(minutes=1)
"""How often it is seen who left, and who came."""

NO_ORGANISATION = "no GitHub is configured (AAROC_GITHUB__ORG and AAROC_GITHUB__TOKEN)"
NO_REPOSITORY = "no repository on GitHub is configured (AAROC_GITHUB__REPOSITORY)"

Work = Callable[[], Coroutine[Any, Any, None]]
"""Goes on until it is cancelled."""

Hook = Callable[[Any], Coroutine[Any, Any, Any]]
"""Answers a call of GitHub's (an aiohttp request)."""


async def _nothing() -> None:
    """Look at nothing: nothing is configured."""


@dataclass(frozen=True)
class Upstream:
    """`works` are for the one of several bots that keeps, `always` for each of them.

    `refresh` looks at GitHub now. `hook` is None where GitHub is not to call.
    """

    changes: Changes
    joining: Joining
    works: tuple[Work, ...] = ()
    always: tuple[Work, ...] = ()
    refresh: Callable[[], Awaitable[None]] = _nothing
    hook: Hook | None = None


@dataclass(frozen=True)
class Within:
    """What it works with: the database, the outbox, runs' transitions, redaction.

    `hear` takes in a command, as a chat does; `wake` tells the engine; `keeps` is whether
    this is the one of several bots that keeps.
    """

    database: Database
    box: Outbox
    moves: Moves
    redact: Callable[[str], str]
    hear: Hear
    wake: Callable[[], None]
    keeps: Callable[[], bool]


def upstream(settings: Settings, world: Outside, within: Within) -> Upstream:
    """Put it together as far as it is configured."""
    there = world.organisation
    if there is None:
        return Upstream(NoChanges(NO_ORGANISATION), NoJoining(NO_ORGANISATION))
    return _upstream(settings, world, there, within)


def _upstream(settings: Settings, world: Outside, there: Organisation, within: Within) -> Upstream:
    joining, follow = _joining(there, within)
    allowance = Allowance(within.database, within.box, lambda: there.api.limit, now)
    kept: tuple[Work, ...] = (follow.run, allowance.watch)
    name = settings.github_repository
    if world.repository is None or not name:
        return Upstream(NoChanges(NO_REPOSITORY), joining, kept)
    from aaroc_bot.github.webhook import GitHubWebhook  # noqa: PLC0415 - PyGithub takes a second
    from aaroc_bot.joining.departing import Departing  # noqa: PLC0415
    from aaroc_bot.joining.hints import Hints  # noqa: PLC0415

    outsiders = Reader(settings.state_dir / "outsiders", lambda names: None)
    drafter = Drafter(world.repository, outsiders, within.redact)
    book, watcher = _changes(name, world.repository, drafter, there, within)
    departing = Departing(
        database=within.database,
        people=there.people,
        moves=within.moves,
        changes=book,
        wake=within.wake,
        clock=now,
        every=PEOPLE,
    )
    looks = (watcher.pushed, watcher.round, departing.look, follow.look)
    nudging = Nudging(within.database, looks, now)
    forgetting = Forgetting(within.database, there.people.forget, now)
    works: tuple[Work, ...] = (
        *kept,
        watcher.run,
        departing.run,
        nudging.run,
        _again(book.resume),
    )
    secret = settings.github_webhook_secret
    if not secret:
        return Upstream(book, joining, works, (forgetting.run,), nudging.look)
    hints = Hints(
        watcher,
        departing.look,
        follow.look,
        forget=forgetting.tell,
        keeps=within.keeps,
        nudge=nudging.tell,
    )
    webhook = GitHubWebhook(secret, Deliveries(within.database, now), hints)
    always = (forgetting.run, webhook.run)
    return Upstream(book, joining, works, always, nudging.look, webhook.hook)


def _changes(
    name: str, repository: Repository, drafter: Drafter, there: Organisation, within: Within
) -> tuple["ChangeBook", "Watcher"]:
    """Open and merge pull requests of the repository `name`, and watch all that happens there."""
    from aaroc_bot.changes.book import ChangeBook  # noqa: PLC0415
    from aaroc_bot.changes.moves import ChangeMoves  # noqa: PLC0415
    from aaroc_bot.changes.watching import Watcher  # noqa: PLC0415
    from aaroc_bot.github.pulls import Pulls  # noqa: PLC0415

    pulls = Pulls(there.api, name)
    moves = ChangeMoves(within.box, within.redact, now)
    watcher = Watcher(
        database=within.database,
        pulls=pulls,
        repository=repository,
        drafter=drafter,
        moves=moves,
        box=within.box,
        hear=within.hear,
        people=there.people,
        redact=within.redact,
        clock=now,
        every=PULLS,
    )
    book = ChangeBook(
        database=within.database,
        drafter=drafter,
        pulls=pulls,
        repository=repository,
        people=there.people,
        directory=there.directory,
        moves=moves,
        seen=watcher.look,
    )
    return book, watcher


def _again(resume: Work) -> Work:
    """Open every now and then what GitHub's silence, or a fall, left as being opened."""

    async def run() -> None:
        while True:
            try:
                await resume()
            except Unavailable as away:
                log.warning("%s does not answer; Changes are opened later", away.what)
            except Exception:
                log.exception("Changes could not be opened")
            await asyncio.sleep(PULLS.total_seconds())

    return run


def _joining(there: Organisation, within: Within) -> tuple[Joining, "Following"]:
    from aaroc_bot.github.invitations import Invitations  # noqa: PLC0415
    from aaroc_bot.joining.asking import OrganisationJoining  # noqa: PLC0415
    from aaroc_bot.joining.following import Following  # noqa: PLC0415
    from aaroc_bot.joining.sending import Sending  # noqa: PLC0415
    from aaroc_bot.joining.steps import Steps  # noqa: PLC0415

    database, people = within.database, there.people
    invitations = Invitations(there.api, there.name)
    steps = Steps(within.box, now)
    sending = Sending(
        database, people=people, teams=there.roster, invitations=invitations, steps=steps
    )
    following = Following(
        database,
        people=people,
        sending=sending,
        invitations=invitations,
        steps=steps,
        clock=now,
        every=PEOPLE,
    )
    return OrganisationJoining(database, people=people, sending=sending, steps=steps), following
