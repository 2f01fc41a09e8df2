"""What happens on GitHub is kept, recorded and told once, whoever noticed first."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from aaroc_bot.changes.moves import ChangeMoves
from aaroc_bot.changes.watching import Watcher
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.changes import ChangeState, Draft, Effect, RollBack, SetVariables, Wish
from aaroc_bot.core.message import Account, Incoming, Place
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.pulls import PullRequest, PullState, Review, ReviewState
from aaroc_bot.core.rights import Person, Standing
from aaroc_bot.core.run import Asked
from aaroc_bot.core.sites import Revision
from aaroc_bot.github.objects import Bot
from aaroc_bot.outbox import Outbox
from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.repository import Repository
from aaroc_bot.repo.tree import Tree
from aaroc_bot.store import changes as store
from aaroc_bot.store import pulls as rows
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.database import Database
from aaroc_bot.store.tables import audit, outbox
from tests.changes.conftest import VARIABLES, Devops, person
from tests.runs.world import World, until

CHANNEL = Place("web", "roc")
BOT = Person(99, "aaroc-bot[bot]")
ADMIN, EXPERT = person("uj-admin"), person("roc-expert")
ACCOUNT = Account("web", "demo", "uj-admin")
SET = SetVariables("ZA-UJ", (("bdii_port", "2171"),))


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 6, 8, 14, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


class GitHub:
    """Pull requests as the test has them."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.all: dict[int, PullRequest] = {}
        self.given: dict[int, tuple[Review, ...]] = {}
        self.brought: dict[str, list[int]] = {}
        self.away = False
        self.broken: set[int] = set()
        self.reads: list[int] = []

    def put(self, number: int, **values: Any) -> PullRequest:
        self.clock.at += timedelta(seconds=1)
        blank = PullRequest(
            number, f"bdii {number}", "", PullState.OPEN, False, EXPERT, "a" * 40, "topic",
            "main", "b" * 40, self.clock.at,
        )  # fmt: skip
        pull = replace(self.all.get(number, blank), updated_at=self.clock.at, **values)
        self.all[number] = pull
        return pull

    def merged(self, number: int, commit: str, by: Person | None = EXPERT) -> None:
        at = self.clock.at
        self.put(number, state=PullState.MERGED, merge_commit=commit, merged_at=at, merged_by=by)
        self.brought.setdefault(commit, []).append(number)

    def review(self, number: int, head: str = "a" * 40) -> None:
        self.put(number)
        review = Review(EXPERT, ReviewState.APPROVED, head, self.clock.at)
        self.given[number] = (*self.given.get(number, ()), review)

    async def newest(self, limit: int = 50) -> Sequence[PullRequest]:
        self._answer()
        newest = sorted(self.all.values(), key=lambda p: p.updated_at, reverse=True)
        return newest[:limit]

    async def open(self) -> Sequence[PullRequest]:
        self._answer()
        return [pull for pull in self.all.values() if pull.state is PullState.OPEN]

    async def read(self, number: int) -> PullRequest | None:
        self._answer()
        if number in self.broken:
            raise RuntimeError("cannot be read")
        self.reads.append(number)
        return self.all.get(number)

    async def reviews(self, number: int) -> tuple[Review, ...]:
        self._answer()
        return self.given.get(number, ())

    async def default_branch(self) -> str:
        return "main"

    async def pulls_of(self, sha: str) -> Sequence[int]:
        self._answer()
        return self.brought.get(sha, ())

    async def bot(self) -> Bot:
        return Bot(BOT.login, "bot@nowhere.example")

    def _answer(self) -> None:
        if self.away:
            raise Unavailable("GitHub")


class Drafter:
    """Knows whose the variables are, and what else a test says is in effect."""

    def __init__(self) -> None:
        self.effects: tuple[Effect, ...] = ()
        self.away = False

    async def compare(self, before: str, after: Tree) -> Draft:
        if self.away:
            raise Unavailable("revision")
        return Draft("", (), self.effects)

    async def own(self, sha: str) -> Mapping[str, str]:
        return {VARIABLES: "ZA-UJ"}

    async def sharing(self, paths: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple((path, ("ZA-UJ", "ZA-UFS")) for path in paths)


@dataclass
class Desk:
    """A watcher with everything that it stands on."""

    devops: Devops
    database: Database
    repository: Repository
    clock: Clock
    github: GitHub
    drafter: Drafter = field(default_factory=Drafter)
    heard: list[Incoming] = field(default_factory=list)
    deaf: bool = False
    speaker: Standing = field(default_factory=lambda: Standing(ACCOUNT, ADMIN))

    def __post_init__(self) -> None:
        self.box = Outbox([CHANNEL], self.clock)
        self.moves = ChangeMoves(self.box, self.redact, self.clock)
        self.watcher = self.another()

    @staticmethod
    def redact(text: str) -> str:
        return text.replace("hunter2", "•••")

    def another(self) -> Watcher:
        """A watcher as after a restart."""
        return Watcher(
            database=self.database,
            pulls=self.github,
            repository=self.repository,
            drafter=self.drafter,
            moves=self.moves,
            box=self.box,
            hear=self.hear,
            people=self,
            redact=self.redact,
            clock=self.clock,
            every=timedelta(milliseconds=10),
        )

    async def standing(self, account: Account, *, now: bool = False) -> Standing:
        assert account == ACCOUNT and now
        return self.speaker

    async def hear(self, said: Incoming) -> None:
        if self.deaf:
            raise Unavailable("the database")
        self.heard.append(said)

    def lands(self, login: str = "uj-admin", branch: str = "topic", port: int = 2171) -> str:
        """Merge a commit into the default branch and give the merge's sha."""
        git = self.devops.git
        git("checkout", "-q", "-b", branch)
        self.devops.commit(login, {VARIABLES: f"site_name: ZA-UJ\nbdii_port: {port}\n"})
        git("checkout", "-q", "main")
        git("merge", "-q", "--no-ff", "--no-edit", branch)
        return git("rev-parse", "HEAD")

    async def change(self, number: int, wish: Wish = SET) -> int:
        """Keep a Change that is open as a pull request."""
        asked = Asked(ADMIN, ACCOUNT, Place("web", "roc", "thread"), self.clock())
        draft = Draft("ZA-UJ bdii_port 2170 → 2171", (), ())
        new = store.NewChange(wish, draft, "", asked, False, "b" * 40, self.clock())
        async with self.database.write() as connection:
            change = await store.add(connection, new, f"port-{number}")
            open = ChangeState.OPEN.value
            await store.put(connection, change, state=open, number=number, made="a" * 40)
        self.github.put(number, author=BOT)
        return change.id

    async def state(self, number: int) -> tuple[ChangeState, Person | None]:
        async with self.database.read() as connection:
            change = await store.of_number(connection, number)
        assert change is not None
        return change.state, change.by

    async def record(self) -> list[tuple[str, str, str, str]]:
        query = select(audit).where(audit.c.what == What.CHANGE.value).order_by(audit.c.id)
        async with self.database.read() as connection:
            found = (await connection.execute(query)).all()
        return [(row.login, row.site, row.revision, row.outcome) for row in found]

    async def told(self, card: str) -> list[dict[str, Any]]:
        query = select(outbox.c.data).where(outbox.c.card == card).order_by(outbox.c.id)
        async with self.database.read() as connection:
            return [json.loads(data) for data in await connection.scalars(query)]

    async def edits(self, change: int) -> int:
        query = select(outbox.c.wanted).where(
            outbox.c.card == "change", outbox.c.subject == str(change)
        )
        async with self.database.read() as connection:
            return await connection.scalar(query) or 0


class Unread(Repository):
    """The repository without reading its sites: only its commits matter here."""

    async def refresh(self) -> bool:
        return await self.mirror.refresh()

    async def newest(self) -> Revision:
        return await self.mirror.newest()


async def opened(devops: Devops, folder: Path, database: Database) -> Desk:
    folder.mkdir()

    async def accepted() -> str | None:
        return None

    reader = Reader(folder, lambda _: None)
    repository = Unread(Mirror(str(devops.path), folder), reader, accepted)
    await repository.refresh()
    clock = Clock()
    return Desk(devops, database, repository, clock, GitHub(clock))


@pytest.fixture
async def desk(devops: Devops, tmp_path: Path, sqlite_database: Database) -> Desk:
    return await opened(devops, tmp_path / "state", sqlite_database)


@pytest.fixture
async def both(devops: Devops, tmp_path: Path, database: Database) -> Desk:
    """The same on each kind of database."""
    return await opened(devops, tmp_path / "state", database)


async def test_nothing_old_is_told_at_the_first_look(desk: Desk) -> None:
    desk.github.put(41)
    desk.github.merged(41, desk.lands())
    desk.github.put(42, state=PullState.CLOSED)
    desk.github.put(43)
    await desk.repository.refresh()
    await desk.watcher.round()
    await desk.watcher.round()
    assert await desk.record() == [] and await desk.told("change-merged") == []
    assert desk.github.reads == []


async def test_what_was_merged_before_the_first_look_is_never_news(desk: Desk) -> None:
    desk.github.put(1)
    desk.github.merged(1, desk.lands())
    for number in range(100, 205):
        desk.github.put(number)
    await desk.watcher.look(204)  # a hint may come before the first round
    desk.github.put(1, title="a comment years later")
    await desk.watcher.round()
    assert await desk.told("change-merged") == [] and await desk.record() == []
    async with desk.database.read() as connection:
        assert await rows.untold(connection) == []


async def test_a_merge_by_others_is_told_once(both: Desk) -> None:
    await both.watcher.round()
    both.github.put(41, title="the key hunter2", author=ADMIN)
    await both.watcher.round()
    commit = both.lands()
    both.github.merged(41, commit)
    looks = [both.another() for _ in range(3)]
    await asyncio.gather(*(look.round() for look in looks), *(look.look(41) for look in looks))
    await both.another().round()
    expected = {
        "number": 41,
        "title": "the key •••",
        "by": "roc-expert",
        "author": "uj-admin",
        "sites": ["ZA-UJ"],
        "paths": [VARIABLES],
        "services": [],
        "others": False,
    }
    assert await both.told("change-merged") == [expected]
    outcome = f"#41 merged by roc-expert: {VARIABLES}"
    assert await both.record() == [("roc-expert", "ZA-UJ", commit, outcome)]
    assert await both.told("branch-moved") == []


async def test_one_that_nobody_knew_before_is_told_once_too(both: Desk) -> None:
    await both.watcher.round()
    both.github.put(41)
    both.github.merged(41, both.lands())
    await both.repository.refresh()
    await asyncio.gather(*(both.another().look(41) for _ in range(4)))
    assert len(await both.told("change-merged")) == 1 and len(await both.record()) == 1


async def test_a_change_follows_its_pull_request(desk: Desk) -> None:
    await desk.watcher.round()
    id = await desk.change(52)
    await desk.watcher.look(52)
    assert await desk.edits(id) == 1
    desk.github.review(52)
    await desk.watcher.round()
    assert await desk.edits(id) == 2
    async with desk.database.read() as connection:
        change = await store.of_number(connection, 52)
    assert change is not None and [one.by for one in change.reviews] == [EXPERT]
    await desk.watcher.round()
    await desk.watcher.look(52)
    assert await desk.edits(id) == 2
    desk.github.put(52, state=PullState.CLOSED)
    await desk.watcher.round()
    assert await desk.state(52) == (ChangeState.CLOSED, None)
    desk.github.put(52, state=PullState.OPEN)
    await desk.watcher.round()
    commit = desk.lands()
    desk.github.merged(52, commit)
    await desk.watcher.look(52)
    assert await desk.state(52) == (ChangeState.MERGED, EXPERT)
    assert await desk.told("change-merged") == []
    assert (await desk.record())[-1] == (
        "roc-expert", "ZA-UJ", commit, f"#52 merged by roc-expert: {VARIABLES}",
    )  # fmt: skip


async def test_what_the_bot_merged_was_merged_by_who_asked(desk: Desk) -> None:
    await desk.watcher.round()
    pull = desk.github.put(41)
    event = Event(What.CHANGE, desk.clock(), person=ADMIN.id, login=ADMIN.login)
    async with desk.database.write() as connection:
        for head in (pull.head, "f" * 40):
            outcome = f"merge of #41 at {head} begins"
            by = ADMIN if head == pull.head else EXPERT
            begun = replace(event, outcome=outcome, person=by.id, login=by.login)
            await append_in(connection, begun)
    desk.github.merged(41, desk.lands(), by=BOT)
    await desk.watcher.look(41)
    assert (await desk.told("change-merged"))[0]["by"] == "uj-admin"


async def test_a_merge_that_the_mirror_lacks_is_told_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.watcher.round()
    await desk.change(52)
    commit = desk.lands()
    desk.github.put(41)
    desk.github.merged(41, commit)
    desk.github.merged(52, commit)

    async def silent() -> bool:
        return False

    with monkeypatch.context() as patch:
        patch.setattr(desk.repository.mirror, "refresh", silent)
        for _ in range(3):
            await desk.watcher.round()
    assert await desk.state(52) == (ChangeState.MERGED, EXPERT)
    assert await desk.told("change-merged") == []
    await desk.watcher.round()
    assert [one["number"] for one in await desk.told("change-merged")] == [41]
    outcomes = [outcome for *_, outcome in await desk.record()]
    assert f"#52 merged by roc-expert: {VARIABLES}" in outcomes


async def test_a_merge_into_another_branch_is_not_told(desk: Desk) -> None:
    await desk.watcher.round()
    desk.github.put(41, base="next")
    desk.github.merged(41, "d" * 40)
    await desk.watcher.round()
    assert await desk.told("change-merged") == [] and await desk.record() == []
    async with desk.database.read() as connection:
        assert await rows.untold(connection) == []


async def test_a_merge_that_touches_no_site_is_on_record_too(desk: Desk) -> None:
    await desk.watcher.round()
    desk.github.put(41)
    git = desk.devops.git
    git("checkout", "-q", "-b", "docs")
    desk.devops.commit("uj-admin", {f"docs/{n}.md": "x" for n in range(5)})
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "--no-edit", "docs")
    desk.github.merged(41, git("rev-parse", "HEAD"), by=None)
    await desk.watcher.round()
    ((login, site, _, outcome),) = await desk.record()
    assert (login, site) == ("", "")
    assert outcome == "#41 merged: docs/0.md, docs/1.md, docs/2.md and 2 more"


async def test_sites_are_those_in_effect_and_of_own_files(desk: Desk) -> None:
    await desk.watcher.round()
    desk.github.put(41)
    desk.github.merged(41, desk.lands())
    desk.drafter.effects = (
        Effect("KE-NAIROBI", new=True),
        Effect("ZA-MERAKA", unread=True),  # reads nothing that changed
        Effect("ZA-UFS", unread=True),
    )
    await desk.watcher.round()
    assert (await desk.told("change-merged"))[0]["sites"] == ["KE-NAIROBI", "ZA-UFS", "ZA-UJ"]
    desk.github.put(42)
    desk.github.merged(42, desk.lands(branch="second", port=2172))
    desk.drafter.away = True
    await desk.watcher.round()
    assert (await desk.told("change-merged"))[1]["sites"] == ["ZA-UFS", "ZA-UJ"]


async def test_a_rebased_pull_request_is_told_as_a_whole(desk: Desk) -> None:
    await desk.watcher.round()
    desk.github.put(41)
    shas = [
        desk.devops.commit("uj-admin", {VARIABLES: "site_name: ZA-UJ\nbdii_port: 2171\n"}),
        desk.devops.commit("uj-admin", {"README.md": "x"}),
    ]
    desk.github.brought[shas[0]] = [41]
    desk.github.merged(41, shas[1])
    await desk.watcher.pushed()
    assert (await desk.told("change-merged"))[0]["paths"] == [VARIABLES, "README.md"]
    assert await desk.told("branch-moved") == []


async def test_commits_without_a_pull_request_are_told_once(both: Desk) -> None:
    await both.watcher.round()
    old = both.devops.git("rev-parse", "HEAD")
    both.devops.commit("uj-admin", {VARIABLES: "site_name: ZA-UJ\nbdii_port: 2171\n"})
    both.devops.git("commit", "-q", "--allow-empty", "-m", "the key hunter2", login="outsider")
    new = both.devops.git("rev-parse", "HEAD")
    await asyncio.gather(both.watcher.pushed(), both.another().pushed())
    await both.another().round()
    (told,) = await both.told("branch-moved")
    assert (told["old"], told["new"], told["commits"], told["forced"]) == (old, new, 2, False)
    assert told["subject"] == "the key •••" and told["sites"] == ["ZA-UJ"]
    ((_, site, revision, outcome),) = await both.record()
    assert (site, revision) == ("ZA-UJ", new)
    assert outcome.startswith(f"{new[:7]} and 1 more without a pull request, by ")


async def test_a_forced_push_is_told_as_such(desk: Desk) -> None:
    old = desk.devops.commit("uj-admin", {VARIABLES: "site_name: ZA-UJ\nbdii_port: 2171\n"})
    await desk.watcher.pushed()
    desk.devops.git("reset", "-q", "--hard", "HEAD^")
    new = desk.devops.commit("roc-expert", {"README.md": "x"})
    desk.github.brought[new] = [41]  # it does not help that one commit came by a pull request
    await desk.watcher.pushed()
    (told,) = await desk.told("branch-moved")
    assert (told["forced"], told["old"], told["sites"]) == (True, old, ["ZA-UJ"])
    ((_, _, _, outcome),) = await desk.record()
    assert outcome == f"forced push: {old[:7]} was replaced by {new[:7]}"


async def test_of_many_commits_the_newest_are_asked_about(desk: Desk) -> None:
    await desk.watcher.round()
    for n in range(22):
        desk.devops.git("commit", "-q", "--allow-empty", "-m", str(n))
    await desk.watcher.pushed()
    (told,) = await desk.told("branch-moved")
    assert (told["commits"], told["unseen"], told["subject"]) == (20, 2, "21")


async def test_github_away_tells_nothing_wrong_and_all_of_it_later(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "aaroc_bot.changes")
    await desk.watcher.round()
    desk.github.put(41)
    desk.github.merged(41, desk.lands())
    desk.github.away = True
    with pytest.raises(Unavailable):
        await desk.watcher.pushed()
    assert await desk.told("branch-moved") == []
    task = asyncio.create_task(desk.watcher.run())

    async def logged() -> bool | None:
        return bool(caplog.records) or None

    async def told() -> bool | None:
        return bool(await desk.told("change-merged")) or None

    await until(logged)
    desk.github.away = False
    await until(told)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert len(caplog.records) == 1
    assert await desk.told("branch-moved") == []


async def test_one_that_cannot_be_read_keeps_no_other_back(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.watcher.round()
    desk.github.put(40)
    desk.github.broken.add(40)
    desk.github.put(41)
    desk.github.merged(41, desk.lands())
    for _ in range(2):
        await desk.watcher.round()
    assert len(await desk.told("change-merged")) == 1
    assert len(caplog.records) == 1
    desk.github.broken.clear()
    await desk.watcher.round()
    assert desk.github.reads.count(40) == 1


async def test_a_second_change_within_the_same_second_is_seen(desk: Desk) -> None:
    await desk.watcher.round()
    id = await desk.change(52)
    await desk.watcher.round()
    review = Review(EXPERT, ReviewState.APPROVED, "a" * 40, desk.clock.at)
    desk.github.given[52] = (review,)  # GitHub's moment of the last update is the same
    await desk.watcher.round()
    async with desk.database.read() as connection:
        change = await store.of_number(connection, 52)
    assert change is not None and change.id == id and change.reviews == (review,)


async def test_an_older_answer_takes_nothing_back(desk: Desk) -> None:
    await desk.watcher.round()
    await desk.change(52)
    older = desk.github.all[52]
    desk.github.merged(52, desk.lands())
    await desk.watcher.look(52)
    desk.github.all[52] = older
    await desk.watcher.look(52)
    desk.github.all[52] = replace(older, updated_at=older.updated_at + timedelta(hours=1))
    await desk.watcher.look(52)
    assert await desk.state(52) == (ChangeState.MERGED, EXPERT)
    async with desk.database.read() as connection:
        known = await rows.load(connection, 52)
    assert known is not None and known.state is PullState.MERGED


async def test_an_older_head_does_not_come_back(desk: Desk) -> None:
    await desk.watcher.round()
    older = desk.github.put(41)
    desk.github.put(41, head="c" * 40)
    await desk.watcher.look(41)
    desk.github.all[41] = older
    await desk.watcher.look(41)
    async with desk.database.read() as connection:
        known = await rows.load(connection, 41)
    assert known is not None and known.head == "c" * 40


async def test_a_change_that_got_its_number_late_catches_up(desk: Desk) -> None:
    await desk.watcher.round()
    desk.github.put(52, author=BOT)
    desk.github.merged(52, desk.lands())
    for _ in range(3):  # the bot fell before it noted which pull request it had opened
        await desk.watcher.round()
    pull = desk.github.all[52]
    await desk.change(52)
    desk.github.all[52] = pull
    await desk.another().round()
    assert (await desk.state(52))[0] is ChangeState.MERGED


async def test_what_ended_while_the_bot_was_away_for_long_is_found(desk: Desk) -> None:
    await desk.watcher.round()
    desk.github.put(1)
    await desk.watcher.round()
    desk.github.merged(1, desk.lands())
    for number in range(100, 205):
        desk.github.put(number)
    await desk.another().round()
    assert [one["number"] for one in await desk.told("change-merged")] == [1]


@pytest.fixture
async def rolled_back(desk: Desk) -> AsyncIterator[int]:
    """A rollback that was merged, seen while nothing could be heard."""
    await desk.watcher.round()
    wish = RollBack("ZA-UJ", "b" * 40, 12, "deploy site-bdii at ZA-UJ port=2170")
    yield await desk.change(52, wish)


async def test_the_deployment_after_a_rollback_is_asked_for_once(
    desk: Desk, rolled_back: int
) -> None:
    await desk.watcher.round()
    assert desk.heard == []
    desk.github.merged(52, desk.lands())
    desk.deaf = True
    with pytest.raises(Unavailable):
        await desk.watcher.look(52)
    desk.deaf = False
    for _ in range(2):
        await desk.watcher.round()
    (said,) = desk.heard
    assert said.event == f"change:{rolled_back}:deploy" and said.addressed
    assert (said.account, said.place) == (ACCOUNT, Place("web", "roc", "thread"))
    assert said.text == "deploy site-bdii at ZA-UJ port=2170"
    await desk.another().round()  # after a restart: the same event, which the intake knows
    assert {one.event for one in desk.heard} == {said.event}


async def test_the_run_that_was_asked_for_stands_on_the_change(both: Desk, tmp_path: Path) -> None:
    await both.watcher.round()
    id = await both.change(52, RollBack("ZA-UJ", "b" * 40, 12, "deploy site-bdii at ZA-UJ"))
    both.github.merged(52, both.lands())
    await both.watcher.round()
    runs = World(both.database, tmp_path)
    asked = Asked(ADMIN, ACCOUNT, CHANNEL, both.clock(), event=both.heard[0].event)
    run, _ = await runs.book.ask(replace(runs.request(), asked=asked))
    edits = await both.edits(id)
    for _ in range(2):
        await both.watcher.round()
    async with both.database.read() as connection:
        change = await store.of_number(connection, 52)
    assert change is not None and change.deploy == run.number
    assert await both.edits(id) == edits + 1 and len(both.heard) == 1


async def test_a_rollback_that_was_closed_deploys_nothing(desk: Desk, rolled_back: int) -> None:
    desk.github.put(52, state=PullState.CLOSED)
    await desk.watcher.round()
    assert desk.heard == []


async def test_nothing_is_deployed_before_the_mirror_has_the_merge(
    desk: Desk, rolled_back: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.github.merged(52, desk.lands())

    async def silent() -> bool:
        return False

    with monkeypatch.context() as patch:
        patch.setattr(desk.repository.mirror, "refresh", silent)
        await desk.watcher.round()
    assert (await desk.state(52))[0] is ChangeState.MERGED and desk.heard == []
    await desk.watcher.round()
    assert len(desk.heard) == 1


async def test_a_change_without_deployment_asks_for_none(desk: Desk) -> None:
    await desk.watcher.round()
    await desk.change(51)
    await desk.change(52, RollBack("ZA-UJ", "b" * 40))
    commit = desk.lands()
    for number in (51, 52):
        desk.github.merged(number, commit)
    await desk.watcher.round()
    assert desk.heard == []


@pytest.mark.parametrize("person", [EXPERT, None])
async def test_an_account_that_speaks_for_another_by_then_deploys_nothing(
    desk: Desk, rolled_back: int, person: Person | None
) -> None:
    desk.github.merged(52, desk.lands())
    desk.speaker = Standing(ACCOUNT, person)
    await desk.watcher.round()
    edits = await desk.edits(rolled_back)
    desk.speaker = Standing(ACCOUNT, ADMIN)
    await desk.another().round()  # what was said stays so
    assert desk.heard == [] and await desk.edits(rolled_back) == edits
    async with desk.database.read() as connection:
        change = await store.load(connection, rolled_back)
    assert change is not None and change.state is ChangeState.MERGED
    assert change.why == (
        "its deploy is not asked for: web:demo:uj-admin speaks for uj-admin no more"
    )


async def test_while_nobody_can_tell_who_speaks_the_deployment_waits(
    desk: Desk, rolled_back: int
) -> None:
    desk.github.merged(52, desk.lands())
    desk.speaker = Standing(ACCOUNT, fresh=False)
    await desk.watcher.round()
    assert desk.heard == []
    desk.speaker = Standing(ACCOUNT, ADMIN)
    await desk.watcher.round()
    assert len(desk.heard) == 1


async def test_what_others_made_of_a_change_is_told_as_it_is(desk: Desk) -> None:
    await desk.watcher.round()
    await desk.change(52)
    await desk.watcher.round()
    assert [outcome for *_, outcome in await desk.record()] == []
    for head in ("c" * 40, "d" * 40):
        desk.github.put(52, head=head)
        await desk.watcher.round()
    assert await desk.record() == [
        ("", "ZA-UJ", "c" * 40, "#52 others have committed to it")
    ]  # once
    commit = desk.lands()
    desk.drafter.effects = (
        Effect("ZA-UFS", left=(("squid", "a.example"),), services=("site-bdii",)),
        Effect("ZA-UJ", joined=(("squid", "a.example"),)),
    )
    desk.github.merged(52, commit)
    for _ in range(2):
        await desk.watcher.round()
    (told,) = await desk.told("change-merged")
    assert (told["number"], told["others"]) == (52, True)
    assert (told["sites"], told["paths"]) == (["ZA-UFS", "ZA-UJ"], [VARIABLES])
    assert told["services"] == [["ZA-UFS", "site-bdii"], ["ZA-UJ", "squid"]]


async def test_a_change_as_the_bot_made_it_is_told_by_its_card_alone(desk: Desk) -> None:
    await desk.watcher.round()
    await desk.change(52)
    desk.github.merged(52, desk.lands())
    await desk.watcher.round()
    assert await desk.told("change-merged") == []
