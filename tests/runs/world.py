"""A world for runs: a real database, people and a repository that the test governs."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select, update

from aaroc_bot.core.entries import CheckMode, Entry, Origin, Value
from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.plan import HostCount, Item, Plan, Progress, Recap, Unseen
from aaroc_bot.core.ports import Behind, Request, Unavailable
from aaroc_bot.core.rights import Membership, Person, Standing
from aaroc_bot.core.run import Asked, Run, State
from aaroc_bot.core.sites import Finding, Revision, Site
from aaroc_bot.core.turns import BOTS, Process
from aaroc_bot.engine.engine import Engine, Silence
from aaroc_bot.engine.here import Here
from aaroc_bot.engine.jobs import Jobs
from aaroc_bot.engine.seam import Deliverer, Perform
from aaroc_bot.execution import Ending, How, Job
from aaroc_bot.outbox import Outbox
from aaroc_bot.repo.export import Export
from aaroc_bot.runs.book import RunBook
from aaroc_bot.runs.expiry import expire
from aaroc_bot.runs.keys import Keys
from aaroc_bot.runs.locks import SiteLocks
from aaroc_bot.runs.moves import Moves
from aaroc_bot.runs.needs import Judge, Needs, Player
from aaroc_bot.store.database import Database
from aaroc_bot.store.moment import database_now
from aaroc_bot.store.tables import attempts, audit, holds, outbox, runs

CHANNEL = Place("web", "roc")
UJ_ADMIN = Person(1, "uj-admin")
EXPERT = Person(2, "roc-expert")
SECOND = Person(3, "roc-second")
KENET_ADMIN = Person(4, "kenet-admin")

ENTRY = Entry(
    "deploy",
    "site-bdiis",
    "Ansible/site-bdiis.yml",
    Origin.REPOSITORY,
    ".aaroc/catalogue.yml",
    1,
    check_mode=CheckMode.FULL,
)
READS = Entry(
    "run",
    "ping",
    "ping.yml",
    Origin.BOT,
    "catalogue.yml",
    1,
    approvals=0,
    changes=False,
    check_mode=CheckMode.NONE,
)
PLAN = Plan(
    played=True, hosts=("bdii1",), items=(Item("bdii1", "bdii", "configure"),), tasks=2, checked=2
)
NOTHING = replace(PLAN, items=())
UNSEEN = replace(PLAN, items=(), unseen=(Unseen("bdii1", "yaim", "run yaim", "command"),))
DONE = Recap(counts=(HostCount("bdii1", ok=2, changed=1),))


def account(person: Person) -> Account:
    return Account("web", "demo", person.login)


def ending(job: Job, how: How = How.FINISHED, **changes: Any) -> Ending:
    """How a play ends that went well, with changes."""
    plan = PLAN if job.check else None
    well = Ending(how, "", 0, plan, DONE, "the log\n", timedelta(seconds=1))
    return replace(well, **changes)


class Clock:
    """Time that moves only when it is told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 6, 8, 14, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


class Folk:
    """The `People` port over what the test says."""

    def __init__(self) -> None:
        member = {"membership": Membership.MEMBER, "expert": False, "sites": frozenset[str]()}
        self.known: dict[int, Standing] = {}
        for person, more in (
            (UJ_ADMIN, {"sites": frozenset({"ZA-UJ"})}),
            (KENET_ADMIN, {"sites": frozenset({"KE-NAIROBI"})}),
            (EXPERT, {"expert": True}),
            (SECOND, {"expert": True}),
        ):
            self.known[person.id] = Standing(account(person), person, **{**member, **more})  # type: ignore[arg-type]

    def change(self, person: Person, **changes: Any) -> None:
        self.known[person.id] = replace(self.known[person.id], **changes)

    def renamed(self, person: Person, login: str) -> None:
        """Have somebody bear another login from now on."""
        known = self.known[person.id]
        self.known[person.id] = replace(known, person=Person(person.id, login))

    def joins(self, person: Person, membership: Membership = Membership.OUTSIDER) -> None:
        """Have a further person on GitHub, no member unless said so."""
        self.known[person.id] = Standing(
            account(person), person, membership, expert=False, sites=frozenset()
        )

    def silence(self) -> None:
        for id, standing in self.known.items():
            self.known[id] = replace(standing, fresh=False)

    def __getitem__(self, person: Person) -> Standing:
        return self.known[person.id]

    async def standing(self, account: Account, *, now: bool = False) -> Standing:
        return next(s for s in self.known.values() if s.account == account)

    async def of_person(self, person: Person, *, now: bool = False) -> Standing:
        return self.known.get(person.id) or Standing(
            account(person), person, Membership.OUTSIDER, expert=False, sites=frozenset()
        )

    async def named(self, login: str) -> Person | None:
        found = (s.person for s in self.known.values() if s.person and s.person.login == login)
        return next(found, None)

    async def experts(self) -> Sequence[Person] | None:
        return [EXPERT, SECOND]

    async def admins(self, site: str) -> Sequence[Person] | None:
        return []

    def organisation(self) -> str:
        return "AAROC"


PLAYBOOK = """\
- hosts: all
  gather_facts: false
  tasks:
    - name: write
      ansible.builtin.copy: {content: "{{ text | default('x') }}", dest: "{{ file }}", mode: "0600"}
"""


class Depot:
    """A repository of one playbook; the test changes its files and moves its revisions."""

    def __init__(self, file: Path) -> None:
        self.playbook = PLAYBOOK
        self.inventory = (
            "bdii1 ansible_connection=local"
            f" ansible_python_interpreter='{{{{ ansible_playbook_python }}}}' file={file}\n"
        )
        self.revision = Revision(
            "a" * 40, "bdii port", "uj-admin", datetime(2026, 6, 8, tzinfo=UTC)
        )
        self.on_branch = True
        self.missing: tuple[str, ...] = ()
        self.silent_since: datetime | None = None
        self.away = False
        self.mirror = self
        self.offered: list[Entry] = [ENTRY, READS]
        self.outdated: set[str] = set()
        """Revisions since which the site was changed."""

    async def refresh(self) -> bool:
        return False

    async def newest(self) -> Revision:
        return self.revision

    async def contains(self, sha: str) -> bool:
        return self.on_branch

    async def export(self, revision: str, site: str, entry: Entry, folder: Path) -> Export:
        if self.away:
            raise Unavailable("the DevOps repository")
        folder.mkdir(parents=True)
        (folder / "inventory").write_text(self.inventory)
        (folder / "play.yml").write_text(self.playbook)
        inputs = await self.inputs(revision, site, entry)
        parts = await self.parts(revision, site, entry)
        play = folder / "play.yml"
        return Export(folder, folder / "inventory", play, inputs, self.missing, parts=parts)

    async def inputs(self, revision: str, site: str, entry: Entry) -> str:
        return hashlib.sha256((self.playbook + self.inventory).encode()).hexdigest()

    async def parts(self, revision: str, site: str, entry: Entry) -> Mapping[str, str]:
        read = {"play.yml": self.playbook, "inventory": self.inventory}
        return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in read.items()}

    async def executing_tasks(self, sha: str, site: str, entry: Entry) -> bool:
        return "check_mode: false" in self.playbook

    async def entries(self) -> Sequence[Entry]:
        return self.offered

    async def findings(self) -> Sequence[Finding]:
        return []

    async def all(self) -> Sequence[Site]:
        return []

    async def variables(self, site: str) -> Mapping[str, Mapping[str, object]]:
        return {}

    async def revision_named(self, typed: str) -> Revision | None:
        return self.revision if self.revision.sha.startswith(typed) else None

    async def behind(self, site: str, sha: str) -> Behind:
        return Behind(0, 0) if sha not in self.outdated else Behind(1, 1)


@dataclass
class Playing:
    """A play that waits for the test."""

    job: Job
    progress: Callable[[Progress], None]
    stop: asyncio.Event
    end: asyncio.Future[Ending]


class Stage:
    """A player: plays end at once as `plan` and `run` say, or when the test ends them."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.plan: Callable[[Job], Ending] = ending
        self.run: Callable[[Job], Ending] = ending
        self.keep_plans = self.keep_runs = False
        self.kept: dict[int, Playing] = {}

    async def __call__(
        self,
        job: Job,
        *,
        started: Callable[[int, int], Awaitable[None]],
        progress: Callable[[Progress], None],
        stop: asyncio.Event,
        signs: asyncio.Queue[float],
        redact: Callable[[str], str],
    ) -> Ending:
        self.jobs.append(job)
        await started(os.getpid(), 1)
        if not (self.keep_plans if job.check else self.keep_runs):
            return self.plan(job) if job.check else self.run(job)
        end: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self.kept[job.run] = Playing(job, progress, stop, end)
        stopped = asyncio.create_task(stop.wait())
        either: set[asyncio.Future[Any]] = {stopped, end}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        del self.kept[job.run]
        if end.done():
            return end.result()
        return ending(job, How.CANCELLED, plan=None, status=None, recap=Recap())

    def finish(self, number: int, **changes: Any) -> None:
        playing = self.kept[number]
        playing.end.set_result(ending(playing.job, **changes))


@dataclass
class World:
    """Everything together."""

    database: Database
    folder: Path
    clock: Clock = field(default_factory=Clock)
    folk: Folk = field(default_factory=Folk)
    stage: Stage = field(default_factory=Stage)
    unfit: dict[str, str] = field(default_factory=dict)
    parallel: int = 4
    silence: Silence = field(default_factory=Silence)

    def __post_init__(self) -> None:
        self.depot = Depot(self.folder / "written")
        self.box = Outbox([CHANNEL], self.clock)
        self.moves = Moves(
            self.box,
            lambda text: text.replace("hunter2", "•••"),
            self.clock,
            timedelta(hours=4),
            timedelta(hours=4),
        )
        self.alive: list[Engine] = []
        self.locks = SiteLocks(self.database, self.moves, self._wake)
        self.book = RunBook(self.database, self.moves, self.folk, self.depot, self._wake)

    def _wake(self) -> None:
        for engine in self.alive:
            engine.wake()

    def needs(self, play: Player | None = None) -> Needs:
        return Needs(
            database=self.database,
            moves=self.moves,
            repository=self.depot,
            exports=self.depot,
            fit=self.fit,
            keys=Keys(local_hosts=("bdii1",)),
            folder=self.folder / "runs",
            name="test",
            parallel=self.parallel,
            play=play or self.stage,
        )

    def judge(self) -> Judge:
        return Judge(
            database=self.database,
            moves=self.moves,
            people=self.folk,
            catalogue=self.depot,
            repository=self.depot,
            exports=self.depot,
            fit=self.fit,
        )

    async def fit(self, site: str) -> str | None:
        return self.unfit.get(site)

    def engine(self, play: Player | None = None) -> Engine:
        """Put a bot's engine together, which is alone on its database."""

        def delivery(perform: Perform, ended: Callable[[], None]) -> Deliverer:
            if self.database.path is not None:
                return Here(perform, ended)
            url = self.database.url.render_as_string(hide_password=False)
            return Jobs(url, perform, [BOTS], self.parallel)

        async def processes(connection: object) -> Sequence[Process]:
            slots, now = self.parallel, self.clock()
            return [Process("test", False, None, slots=slots, alive=True, seen_at=now)]

        async def end_over() -> None:
            await expire(self.database, self.moves, self.clock())
            await self.locks.end_over()

        return Engine(
            self.needs(play),
            self.judge(),
            locks=self.locks,
            delivery=delivery,
            processes=processes,
            bell=asyncio.Event(),
            silence=self.silence,
            first=(end_over,),
        )

    @asynccontextmanager
    async def running(self, play: Player | None = None) -> AsyncIterator[Engine]:
        """Have an engine run meanwhile."""
        engine = self.engine(play)
        self.alive.append(engine)
        tasks = [asyncio.create_task(work()) for work in (engine.perform, engine.keep)]
        try:
            yield engine
        finally:
            self.alive.remove(engine)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def request(
        self,
        by: Person = UJ_ADMIN,
        entry: Entry = ENTRY,
        site: str = "ZA-UJ",
        parameters: tuple[tuple[str, Value], ...] = (),
        **more: Any,
    ) -> Request:
        shared = more.pop("shared", {})
        return Request(
            entry,
            Site(site, "inventory", shared=shared, sharing=tuple(shared.values())),
            parameters,
            parameters,
            Asked(by, account(by), CHANNEL, self.clock()),
            **more,
        )

    async def ask(self, *args: Any, **more: Any) -> int:
        run, _ = await self.book.ask(self.request(*args, **more))
        return run.number

    async def run(self, number: int) -> Run:
        run = await self.book.get(number)
        assert run is not None
        return run

    async def reaches(self, number: int, *states: State) -> Run:
        """Wait until the run is in one of the states."""

        async def there() -> Run | None:
            run = await self.run(number)
            return run if run.state in states else None

        return await until(there)

    async def waits_because(self, number: int, words: str) -> Run:
        async def there() -> Run | None:
            run = await self.run(number)
            return run if words in run.reason else None

        return await until(there)

    async def plays(self, number: int) -> Playing:
        """Wait until the run is on the stage and kept there."""

        async def there() -> Playing | None:
            return self.stage.kept.get(number)

        return await until(there)

    async def cleared(self, number: int, *, ago: timedelta = timedelta()) -> None:
        """Clear a run without asking anything, as if the one that keeps had done so."""
        async with self.database.write() as connection:
            at = await database_now(connection, self.clock) - ago
            await connection.execute(
                update(runs).where(runs.c.number == number).values(cleared_at=at)
            )

    async def lands(self) -> None:
        """Wait until nothing is played."""

        async def there() -> bool | None:
            return None if await self.open_attempts() else True

        await until(there)

    async def outcomes(self, number: int | None = None) -> list[str]:
        query = select(audit.c.outcome).order_by(audit.c.id)
        if number is not None:
            query = query.where(audit.c.run == number)
        async with self.database.read() as connection:
            return list(await connection.scalars(query))

    async def held(self) -> dict[str, int]:
        async with self.database.read() as connection:
            rows = await connection.execute(select(holds))
            return {row.site: row.run for row in rows}

    async def notices(self) -> list[tuple[str, str]]:
        query = select(outbox).where(outbox.c.card != "run").order_by(outbox.c.id)
        async with self.database.read() as connection:
            return [(row.card, row.subject) for row in await connection.execute(query)]

    async def open_attempts(self) -> int:
        async with self.database.read() as connection:
            query = select(attempts).where(attempts.c.ended_at.is_(None))
            return len((await connection.execute(query)).all())


T = TypeVar("T")


async def until(there: Callable[[], Awaitable[T | None]], seconds: float = 120) -> T:
    """Wait for a condition."""
    async with asyncio.timeout(seconds):
        while True:
            if (found := await there()) is not None:
                return found
            await asyncio.sleep(0.01)
