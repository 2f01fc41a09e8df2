"""Where everything is put together: settings in, a bot out."""

import asyncio
import getpass
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import make_url

from aaroc_bot.changes.nothing import NoRules
from aaroc_bot.changes.rules import AcceptedRules, AuthorOf
from aaroc_bot.commands import Desk, Handlers, load
from aaroc_bot.content import folder, modules
from aaroc_bot.core.fitness import unfit
from aaroc_bot.core.message import Message, Place
from aaroc_bot.core.ports import Catalogue, Chat, People, Rules, Sites, Unavailable
from aaroc_bot.dispatch import Dispatcher
from aaroc_bot.github.nobody import UnknownPeople
from aaroc_bot.outbox import Delivery, Outbox
from aaroc_bot.redacting import Redacting
from aaroc_bot.repo.catalogue import EntryCatalogue, Floor
from aaroc_bot.repo.export import Exporter
from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.nothing import NoRepository, OwnCatalogue
from aaroc_bot.repo.reading import Passwords, Reader, vault_passwords
from aaroc_bot.repo.repository import Repository
from aaroc_bot.repo.roles import Roles
from aaroc_bot.runs.book import RunBook
from aaroc_bot.runs.engine import Engine
from aaroc_bot.runs.keys import Keys
from aaroc_bot.runs.locks import SiteLocks
from aaroc_bot.runs.moves import Moves
from aaroc_bot.runs.needs import Needs
from aaroc_bot.sandbox.box import is_sandbox_github
from aaroc_bot.settings import Settings, SettingsFault
from aaroc_bot.speaking import Speaking
from aaroc_bot.store.acceptances import Acceptances
from aaroc_bot.store.audit import AuditWriter
from aaroc_bot.store.database import Database
from aaroc_bot.store.intake import Intake
from aaroc_bot.store.links import Links
from aaroc_bot.store.presence import Presence
from aaroc_bot.store.schema import is_current, migrate

log = logging.getLogger(__name__)

REFRESH = 15.0
"""Seconds between looks at the DevOps repository."""


def now() -> datetime:
    """Tell the time, aware, in UTC: the one clock that is handed around."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Known:
    """What is known of the world outside: sites, entries, rules, people.

    `repository` and `exports` are None where no DevOps repository is configured.
    """

    sites: Sites
    catalogue: Catalogue
    rules: Rules
    people: People
    repository: Repository | None = None
    exports: Exporter | None = None
    accepted: AcceptedRules | None = None


@dataclass(frozen=True)
class Bot:
    """A bot put together: `dispatcher` hears, `live` does everything else."""

    settings: Settings
    database: Database
    desk: Desk
    handlers: Handlers
    dispatcher: Dispatcher
    engine: Engine | None
    delivery: Delivery
    presence: Presence
    _known: Known
    _redacting: Redacting

    async def refresh(self) -> None:
        """Look at the DevOps repository; accept what the very first start finds."""
        repository = self._known.repository
        if repository is None:
            return
        if await repository.refresh() and self.engine:
            self.engine.wake()
        await self._redacting.know(await repository.secrets())
        if self._known.accepted:
            await self._known.accepted.begin(getpass.getuser())

    async def live(self) -> None:
        """Deliver runs and cards until cancelled. Only who holds the presence may."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_fresh())
            group.create_task(self.delivery.run())
            group.create_task(self._stop_when_displaced())
            if self.engine:
                group.create_task(self.engine.run())
            await self.dispatcher.resume()

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH)
            await self.try_refresh()
            await self.dispatcher.settle()

    async def try_refresh(self) -> None:
        """Refresh; what does not answer is tried again and stands in the log meanwhile."""
        try:
            await self.refresh()
        except Unavailable as away:
            log.warning("%s does not answer", away.what)
        except Exception:
            log.exception("the repository could not be read")

    async def _stop_when_displaced(self) -> None:
        """End the bot when the database no longer knows it as the one: another may begin."""
        await self.presence.lost()
        raise Displaced

    async def ready(self) -> str | None:
        """Say why the bot cannot work, None when it can."""
        try:
            if not await is_current(self.database):
                return "the database has another version's tables"
            if self._known.repository:
                await self._known.repository.newest()
        except Unavailable as away:
            return f"{away.what} does not answer"
        return None


class Displaced(Exception):
    """The database was lost so long that another bot may have begun on it."""


@asynccontextmanager
async def opened(
    settings: Settings, chats: Callable[[Database], Sequence[Chat]], roc: Sequence[Place]
) -> AsyncIterator[Bot]:
    """Put a bot together; `chats` makes the adapters, `roc` are the channels of the cards.

    The embedded database is brought up to date by itself, another only by `migrate`.
    Raises `SettingsFault` and `Unavailable`.
    """
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = await _database(settings)
    try:
        intake = Intake(database)
        redacting = Redacting(_own_secrets(settings))
        known = _known(settings, database)
        box = Outbox(roc, now)
        adapters = {chat.name: chat for chat in chats(database)}
        moves = Moves(
            box,
            redacting.text,
            now,
            settings.policy.approval_time,
            settings.policy.start_time,
        )
        engine = _engine(settings, database, known, moves)
        wake = engine.wake if engine else lambda: None
        desk = Desk(
            people=known.people,
            sites=known.sites,
            catalogue=known.catalogue,
            rules=known.rules,
            runs=RunBook(database, moves, known.people, known.sites, wake),
            locks=SiteLocks(database, moves, wake),
            record=AuditWriter(database),
            redaction=redacting,
            clock=now,
            commit_url=partial(_commit_url, settings),
        )
        handlers = load(modules(settings.handlers))
        speaking = Speaking(adapters, intake, redacting, roc)
        dispatcher = Dispatcher(desk, handlers, intake, speaking, settings.limits.commands_a_minute)
        delivery = Delivery(
            database=database,
            box=box,
            chats=adapters,
            render=partial(_render, desk, handlers),
            intake=intake,
            redaction=redacting,
            now=now,
        )
        yield Bot(
            settings,
            database,
            desk,
            handlers,
            dispatcher,
            engine,
            delivery,
            Presence(database),
            known,
            redacting,
        )
        await dispatcher.close()
        await intake.settle()
    finally:
        await database.close()


async def _database(settings: Settings) -> Database:
    try:
        database = Database(settings.database_url)
    except ValueError as problem:
        raise SettingsFault([f"AAROC_DATABASE: {problem}."]) from None
    if database.path is not None:
        await migrate(settings.database_url)
    elif not await is_current(database):
        await database.close()
        raise SettingsFault(["The database's tables are not up to date: aaroc-bot migrate."])
    return database


def _known(settings: Settings, database: Database) -> Known:
    """Put together what is known of the outside; what is not configured is known as nothing."""
    own = folder("playbooks")
    floor = Floor(settings.policy.min_approvals, settings.policy.read_only)
    links = Links(database)
    if settings.repository is None:
        sites = NoRepository()
        people, _ = _people(settings, links, sites)
        return Known(sites, OwnCatalogue(own, floor), NoRules(), people)
    acceptances = Acceptances(database)

    async def accepted() -> str | None:
        rules = await acceptances.rules()
        return rules.sha if rules else None

    state = settings.state_dir
    mirror = Mirror(settings.repository, state)
    repository = Repository(mirror, Reader(state, passwords(settings)), accepted)
    people, author_of = _people(settings, links, repository)
    rules = AcceptedRules(repository, acceptances, author_of, now)
    roles = Roles(mirror, state, settings.ansible.role_hosts)
    return Known(
        repository,
        EntryCatalogue(repository, own, floor),
        rules,
        people,
        repository,
        Exporter(repository, roles, own),
        rules,
    )


def _people(settings: Settings, links: Links, sites: Sites) -> tuple[People, AuthorOf]:
    """Ask GitHub who people are; where it is not configured nothing can be told."""
    org, token = settings.github.org, settings.github_token
    if not org or not token:
        return UnknownPeople(links, org=org or ""), _nobody
    from github import Auth  # noqa: PLC0415 - a second of imports, only where it is configured

    from aaroc_bot.github.api import Api  # noqa: PLC0415
    from aaroc_bot.github.commits import Commits  # noqa: PLC0415
    from aaroc_bot.github.directory import Directory  # noqa: PLC0415
    from aaroc_bot.github.people import GitHubPeople  # noqa: PLC0415
    from aaroc_bot.github.roster import Roster  # noqa: PLC0415

    async def teams() -> Mapping[str, str | None]:
        return {site.name: site.team for site in await sites.all()}

    try:
        api = Api(settings.github.api_url, Auth.Token(token))
    except ValueError as problem:
        raise SettingsFault([f"{problem}."]) from None
    directory = Directory(api, org, now)
    roster = Roster(
        directory,
        experts_team=settings.github.experts_team,
        sites_team=settings.github.sites_team,
        site_teams=teams,
    )
    bounded = not is_sandbox_github(settings.state_dir, settings.github.api_url)
    people = GitHubPeople(directory, roster, links, now, org=org, bounded=bounded)
    repository = settings.github_repository
    return people, Commits(api, repository, now).author_of if repository else _nobody


async def _nobody(sha: str) -> int | None:
    """Say that a commit's author cannot be told."""
    return None


def _engine(settings: Settings, database: Database, known: Known, moves: Moves) -> Engine | None:
    if known.repository is None or known.exports is None:
        return None

    async def fit(name: str) -> str | None:
        site = next((site for site in await known.sites.all() if site.name == name), None)
        if site is None:
            return f"{name} is no longer described in the repository"
        return unfit(site, await known.rules.unaccepted(name))

    return Engine(
        Needs(
            database=database,
            moves=moves,
            locks=SiteLocks(database, moves),
            people=known.people,
            catalogue=known.catalogue,
            repository=known.repository,
            exports=known.exports,
            fit=fit,
            keys=_keys(settings),
            folder=settings.state_dir / "runs",
            name=f"{socket.gethostname()}:{os.getpid()}",
            parallel=settings.limits.parallel_runs,
        )
    )


def passwords(settings: Settings) -> Passwords:
    """Give the vault passwords that reading the repository may use."""
    ansible = settings.ansible
    return vault_passwords(ansible.vault_password_file, ansible.vault_password_dir)


def _keys(settings: Settings) -> Keys:
    ansible = settings.ansible
    return Keys(
        ansible.ssh_key_file,
        ansible.ssh_key_dir,
        ansible.vault_password_file,
        ansible.vault_password_dir,
        ansible.known_hosts_file,
        ansible.local_hosts,
    )


async def _render(
    desk: Desk, handlers: Handlers, card: str, subject: str, data: Mapping[str, Any]
) -> Message:
    return await handlers.cards[card](desk, subject, data)


def _commit_url(settings: Settings, sha: str) -> str | None:
    """Give a commit's page on github.com; another GitHub's pages are not known yet."""
    if settings.github.api_url != "https://api.github.com" or not settings.github_repository:
        return None
    return f"https://github.com/{settings.github_repository}/commit/{sha}"


def _own_secrets(settings: Settings) -> list[str]:
    """List the operator's secrets, which no message may ever hold."""
    password = make_url(settings.database_url).password
    return [secret for secret in (settings.github_token, str(password or "")) if secret]
