"""Where everything is put together: settings in, a bot out."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import quote

from aaroc_bot.clock import now
from aaroc_bot.commands import Desk, Handlers, load
from aaroc_bot.content import modules
from aaroc_bot.core.message import Incoming, Message, Place
from aaroc_bot.core.ports import Chat, Platform, Unavailable
from aaroc_bot.core.schedules import Schedule
from aaroc_bot.dispatch import Dispatcher
from aaroc_bot.engine.engine import Engine
from aaroc_bot.engine.signs import Signs
from aaroc_bot.github.device import DeviceFlow
from aaroc_bot.keeping import Keeping, Work
from aaroc_bot.leaving import Leaving
from aaroc_bot.linking.device_logins import DeviceLogins
from aaroc_bot.linking.linking import AccountLinking
from aaroc_bot.linking.operator import operator
from aaroc_bot.outbox import Delivery, Outbox
from aaroc_bot.outside import Outside, outside
from aaroc_bot.own_secrets import own_secrets
from aaroc_bot.redacting import Redacting
from aaroc_bot.running import database_of, engine, must_be_current, performing, process_name, signs
from aaroc_bot.runs.book import RunBook
from aaroc_bot.runs.locks import SiteLocks
from aaroc_bot.runs.moves import Moves
from aaroc_bot.scheduling import DigestFacts, Firing, Scheduling, Wanted
from aaroc_bot.settings import GitHub, Settings, SettingsFault
from aaroc_bot.speaking import Speaking
from aaroc_bot.store.audit import AuditWriter
from aaroc_bot.store.database import Database
from aaroc_bot.store.github_answers import GitHubAnswers
from aaroc_bot.store.intake import Intake
from aaroc_bot.store.presence import Presence
from aaroc_bot.store.schema import is_current, migrate
from aaroc_bot.store.trial import Trial
from aaroc_bot.troubles import Troubles
from aaroc_bot.upstream import Upstream, Within, upstream

log = logging.getLogger(__name__)

REFRESH = 15.0
"""Seconds between looks at the DevOps repository."""


EVERY = 1.0
"""Seconds between looks at what is due at a set time."""


@dataclass(frozen=True)
class Bot:
    """A bot put together: `dispatcher` hears, `live` does everything else."""

    settings: Settings
    database: Database
    desk: Desk
    handlers: Handlers
    intake: Intake
    dispatcher: Dispatcher
    engine: Engine | None
    delivery: Delivery
    presence: Presence
    platforms: tuple[Platform, ...]
    linking: AccountLinking
    upstream: Upstream
    _signs: Signs
    _scheduling: Scheduling
    _logins: DeviceLogins | None
    _troubles: Troubles
    _trial: Trial
    _outside: Outside

    async def refresh(self) -> None:
        """Look at the DevOps repository; accept what the very first start finds."""
        repository = self._outside.repository
        if repository is None:
            return
        if await repository.refresh() and self.engine:
            self.engine.wake()
        if self._outside.accepted:
            await self._outside.accepted.begin(operator())

    async def live(self) -> None:
        """Hear, answer and perform until cancelled; and keep, whenever no other bot does."""
        async with asyncio.TaskGroup() as group:
            await self._begin(group)
            for work in self._always():
                group.create_task(work())
            group.create_task(Keeping(self.presence, self._kept(), self._polled()).run())

    async def stand_in(self) -> None:
        """Do all that until cancelled, but only while no other bot keeps."""
        await Keeping(self.presence, (self._everything,)).run()

    async def _everything(self) -> None:
        async with asyncio.TaskGroup() as group:
            await self._begin(group)
            for work in (*self._always(), *self._kept(), *self._polled()):
                group.create_task(work())

    async def _begin(self, group: asyncio.TaskGroup) -> None:
        """Perform runs, and be known as alive before anything is heard.

        The one that keeps would take a command over from a process that it does not know.
        """
        if self.engine:
            group.create_task(self.engine.perform())
            await self.engine.recovered()
        await self._signs.begin()

    def _always(self) -> Sequence[Work]:
        """Give what each bot does."""
        works: list[Work] = [
            self._keep_fresh,
            self._signs.run,
            self.dispatcher.resume,
            *self.upstream.always,
        ]
        works += [partial(p.serve, self.dispatcher.hear) for p in self.platforms if not p.alone]
        return works

    def _kept(self) -> Sequence[Work]:
        """Give what of several bots one does."""
        works: list[Work] = [
            self.delivery.run,
            self.dispatcher.inherit,
            self._troubles.watch,
            self._scheduling.run,
            *self.upstream.works,
        ]
        if self.engine:
            works.append(self.engine.keep)
        if self._logins:
            works.append(self._logins.run)
        return works

    def _polled(self) -> Sequence[Work]:
        """Give the hearing that one does; it says so while the database is away."""
        return [partial(p.serve, self.dispatcher.hear) for p in self.platforms if p.alone]

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH)
            await self.try_refresh()
            try:
                await self.dispatcher.settle()
            except Unavailable as away:  # what was not heard is then counted no longer
                log.warning("%s does not answer", away.what)

    async def try_refresh(self) -> None:
        """Refresh; what does not answer is tried again and stands in the log meanwhile."""
        try:
            await self.refresh()
        except Unavailable as away:
            log.warning("%s does not answer", away.what)
        except Exception:
            log.exception("the look at the DevOps repository failed")

    async def ready(self) -> str | None:
        """Say why the bot cannot work, None when it can."""
        try:
            if not await is_current(self.database):
                return "the database has another version's tables"
            if self._outside.repository:
                await self._outside.repository.newest()
        except Unavailable as away:
            return f"{away.what} does not answer"
        try:
            await self._trial.write()
        except Unavailable as away:
            return f"{away.what} takes nothing in"
        return next((p.trouble for p in self.platforms if p.trouble), None)

    def part(self) -> str:
        """Say whether it keeps or stands by; empty on SQLite, where no other bot is."""
        if self.database.path is not None:
            return ""
        return "keeps" if self.presence.still() else "stands by"


Adapters = Callable[[Database, Handlers], Sequence[Chat]]
"""Makes the chats' adapters, each with what it keeps and the commands that there are."""


@asynccontextmanager
async def opened(
    settings: Settings, chats: Adapters, roc: Sequence[Place], name: str = ""
) -> AsyncIterator[Bot]:
    """Put a bot together; `chats` makes the adapters, `roc` are the channels of the cards.

    `name` is the process's, where it is not as set. The embedded database is brought up to date by itself, another only by `migrate`.
    Raises `SettingsFault` and `Unavailable`.
    """
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = await _database(settings)
    answers = GitHubAnswers(database)
    adapters: Sequence[Chat] = ()
    bot: Bot | None = None
    try:
        handlers = load(modules(settings.handlers))
        adapters = chats(database, handlers)
        bot = _put_together(
            settings,
            database,
            answers,
            name=name or process_name(settings),
            handlers=handlers,
            chats=adapters,
            roc=roc,
        )
        yield bot
        await bot.dispatcher.close()
        await bot.intake.settle()
    finally:
        for adapter in adapters:
            if isinstance(adapter, Platform):
                await adapter.close()
        if bot is not None:
            await bot.presence.close()
        await answers.settle()
        await database.close()


def _put_together(
    settings: Settings,
    database: Database,
    answers: GitHubAnswers,
    *,
    name: str,
    handlers: Handlers,
    chats: Sequence[Chat],
    roc: Sequence[Place],
) -> Bot:
    redacting = Redacting(own_secrets(settings))
    world = outside(settings, database, answers, redacting.know)
    box = Outbox(roc, now)
    policy = settings.policy
    moves = Moves(box, redacting.text, now, policy.approval_time, policy.start_time)
    presence = Presence(database, name, settings.engine.lost)
    living = signs(settings, database, name)
    bell = asyncio.Event()
    wake = bell.set
    locks = SiteLocks(database, moves, wake)
    needs = performing(settings, database, world, moves, name)
    logins = _logins(settings, database, world, box)
    linking = _linking(database, world, moves, box, logins=logins, wake=wake)

    async def hear(said: Incoming) -> None:
        if not speaking.serves(said.place):  # asked for at the machine: answered where all read
            if not roc:
                raise Unavailable("every chat")
            said = replace(said, place=roc[0])
        await dispatcher.hear(said)

    within = Within(database, box, moves, redacting.text, hear, wake, presence.still)
    above = upstream(settings, world, within)
    wanted = _wanted(settings, world)
    desk = _desk(
        settings,
        database,
        world,
        moves,
        locks=locks,
        linking=linking,
        above=above,
        digests=DigestFacts(database, wanted, now),
        redacting=redacting,
        wake=wake,
    )
    render = partial(_render, desk, handlers)
    intake = Intake(database, now, name, settings.engine.lost)
    adapters = {chat.name: chat for chat in chats}
    platforms = tuple(chat for chat in chats if isinstance(chat, Platform))
    leaving = Leaving(redacting, world.links.users, intake)
    speaking = Speaking(adapters, leaving, world.links.person, roc)
    firing = Firing(
        database=database,
        box=box,
        render=render,
        refresh=above.refresh,
        quiet=settings.digest.quiet,
        now=now,
    )
    dispatcher = Dispatcher(desk, handlers, intake, speaking, settings.limits.commands_a_minute)
    return Bot(
        settings=settings,
        database=database,
        desk=desk,
        handlers=handlers,
        intake=intake,
        dispatcher=dispatcher,
        engine=(engine(settings, needs, world, locks, bell=bell, signs=living) if needs else None),
        delivery=Delivery(
            database=database,
            box=box,
            chats=adapters,
            render=render,
            leaving=leaving,
            now=now,
            still=presence.still,
        ),
        presence=presence,
        platforms=platforms,
        linking=linking,
        upstream=above,
        _signs=living,
        _scheduling=Scheduling(
            database=database, wanted=wanted, firing=firing, now=now, every=EVERY
        ),
        _logins=logins,
        _troubles=Troubles(database, box, platforms, now),
        _trial=Trial(database),
        _outside=world,
    )


def _linking(
    database: Database,
    world: Outside,
    moves: Moves,
    box: Outbox,
    *,
    logins: DeviceLogins | None,
    wake: Callable[[], None],
) -> AccountLinking:
    return AccountLinking(
        database,
        links=world.links,
        people=world.people,
        moves=moves,
        box=box,
        logins=logins,
        wake=wake,
    )


def _desk(
    settings: Settings,
    database: Database,
    world: Outside,
    moves: Moves,
    *,
    locks: SiteLocks,
    linking: AccountLinking,
    above: Upstream,
    digests: DigestFacts,
    redacting: Redacting,
    wake: Callable[[], None],
) -> Desk:
    return Desk(
        people=world.people,
        sites=world.sites,
        catalogue=world.catalogue,
        rules=world.rules,
        runs=RunBook(database, moves, world.people, world.sites, wake),
        locks=locks,
        linking=linking,
        changes=above.changes,
        joining=above.joining,
        digests=digests,
        record=AuditWriter(database),
        redaction=redacting,
        clock=now,
        commit_url=partial(_commit_url, settings),
        pull_url=partial(_pull_url, settings),
        invitation_url=partial(_invitation_url, settings),
    )


def _wanted(settings: Settings, world: Outside) -> Wanted:
    """Give what is to be done at set times, by the settings and by the accepted rules."""

    async def ruled() -> Sequence[Schedule]:
        repository = world.repository
        return () if repository is None else (await repository.rulebook()).schedules

    return Wanted([one.schedule for one in settings.schedules], ruled)


def _logins(
    settings: Settings, database: Database, world: Outside, box: Outbox
) -> DeviceLogins | None:
    """Give what sees logins through; None where people cannot log in by themselves."""
    github = settings.github
    if not github.client_id or world.organisation is None:
        return None
    try:
        flow = DeviceFlow(
            web_url=github.web_url, api_url=github.api_url, client_id=github.client_id
        )
    except ValueError as problem:
        raise SettingsFault([f"{problem}."]) from None
    return DeviceLogins(database, world.links, world.people, box, flow, clock=now)


async def _database(settings: Settings) -> Database:
    database = database_of(settings)
    if database.path is not None:
        await migrate(settings.database_url)
    else:
        await must_be_current(database)
    return database


async def _render(
    desk: Desk, handlers: Handlers, card: str, subject: str, data: Mapping[str, Any]
) -> Message:
    return await handlers.cards[card](desk, subject, data)


def _commit_url(settings: Settings, sha: str) -> str | None:
    """Give a commit's page; None where nobody said where that GitHub's pages are."""
    return _page(settings, f"commit/{sha}")


def _pull_url(settings: Settings, number: int) -> str | None:
    """Give a pull request's page; None as above."""
    return _page(settings, f"pull/{number}")


def _invitation_url(settings: Settings) -> str | None:
    """Give the page on which who is invited to the organisation accepts; None as above."""
    org, where = settings.github.org, _pages(settings)
    return f"{where}/orgs/{quote(org, safe='')}/invitation" if org and where else None


def _page(settings: Settings, path: str) -> str | None:
    repository, where = settings.github_repository, _pages(settings)
    return f"{where}/{repository}/{path}" if repository and where else None


def _pages(settings: Settings) -> str | None:
    """Give where GitHub's pages are; None for a GitHub of which only the API is named."""
    fields = GitHub.model_fields
    own_api = settings.github.api_url != fields["api_url"].default
    if own_api and settings.github.web_url == fields["web_url"].default:
        return None
    return settings.github.web_url.rstrip("/")
