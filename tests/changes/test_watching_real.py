"""The watcher with the real client, drafter and webhook, against the sandbox's GitHub."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from github import Auth
from sqlalchemy import select

from aaroc_bot.changes.moves import ChangeMoves
from aaroc_bot.changes.watching import Watcher
from aaroc_bot.core.message import Account, Incoming, Place
from aaroc_bot.core.rights import Standing
from aaroc_bot.github.api import Api
from aaroc_bot.github.objects import Bot
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.github.webhook import About, GitHubWebhook, Hint
from aaroc_bot.outbox import Outbox
from aaroc_bot.repo.drafting import Drafter
from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.repository import Repository
from aaroc_bot.sandbox.github.calling import Calling
from aaroc_bot.sandbox.github.server import serving
from aaroc_bot.sandbox.github.world import World, sample_world
from aaroc_bot.store.audit import AuditWriter
from aaroc_bot.store.database import Database
from aaroc_bot.store.deliveries import Deliveries
from aaroc_bot.store.tables import outbox
from aaroc_bot.web.hooks import create_hooks
from aaroc_bot.web.server import start
from tests.changes.conftest import TOKEN, VARIABLES, Devops, person
from tests.runs.world import until

REPOSITORY = "AAROC/DevOps"
SECRET = "a secret of the operator's"
AUTHOR = Bot("uj-admin", "uj-admin@nowhere.example")


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Desk:
    """The world, people who work in it by its API, and a watcher."""

    world: World
    url: str
    database: Database
    watcher: Watcher

    def api(self, login: str) -> Api:
        return Api(self.url, Auth.Token(self.world.act_as(login)), seconds=20)

    async def opened(self) -> tuple[int, str]:
        """Have uj-admin open a pull request and roc-expert review it."""
        api = self.api("uj-admin")
        pulls, who = Pulls(api, REPOSITORY), person("uj-admin")
        base = await pulls.branch("main")
        assert base is not None
        content = {VARIABLES: b"site_name: ZA-UJ\nbdii_port: 2171\n"}
        sha = await pulls.commit(base, content, "bdii port", who, now(), AUTHOR)
        await pulls.begin("topic", sha)
        pull = await pulls.propose("bdii port", "", "topic", "main")
        api.close()
        api = self.api("roc-expert")
        path = f"/repos/{REPOSITORY}/pulls/{pull.number}/reviews"
        await api.send("POST", path, {"event": "APPROVE", "commit_id": sha})
        api.close()
        return pull.number, sha

    async def merged(self, number: int, head: str) -> str:
        """Have roc-expert merge it on GitHub."""
        api = self.api("roc-expert")
        commit = await Pulls(api, REPOSITORY).merge(number, head, "bdii port")
        api.close()
        return commit

    async def told(self) -> list[tuple[str, dict[str, Any]]]:
        query = select(outbox.c.card, outbox.c.data).order_by(outbox.c.id)
        async with self.database.read() as connection:
            found = (await connection.execute(query)).all()
        return [(row.card, json.loads(row.data)) for row in found]


class Speakers:
    """Nobody is asked about here."""

    async def standing(self, account: Account, *, now: bool = False) -> Standing:
        raise AssertionError(account)


@pytest.fixture
async def desk(devops: Devops, tmp_path: Path, sqlite_database: Database) -> AsyncIterator[Desk]:
    world, state = sample_world(TOKEN), tmp_path / "state"
    state.mkdir()

    async def accepted() -> str | None:
        return None

    async def hear(said: Incoming) -> None:
        raise AssertionError(said)

    async with serving(world, devops.path / ".git") as url:
        api = Api(url, Auth.Token(TOKEN), seconds=20)
        repository = Repository(
            Mirror(str(devops.path), state), Reader(state, lambda _: None), accepted
        )
        await repository.refresh()
        box = Outbox([Place("web", "roc")], now)
        watcher = Watcher(
            database=sqlite_database,
            pulls=Pulls(api, REPOSITORY),
            repository=repository,
            drafter=Drafter(repository, Reader(state, lambda _: None), str),
            moves=ChangeMoves(box, str, now),
            box=box,
            hear=hear,
            people=Speakers(),
            redact=str,
            clock=now,
            every=timedelta(seconds=60),
        )
        await watcher.round()
        yield Desk(world, url, sqlite_database, watcher)
        api.close()


def expected(number: int) -> tuple[str, dict[str, Any]]:
    data = {
        "number": number,
        "title": "bdii port",
        "by": "roc-expert",
        "author": "uj-admin",
        "sites": ["ZA-UJ"],
        "paths": [VARIABLES],
        "services": [],
        "others": False,
    }
    return "change-merged", data


async def test_a_merge_is_found_by_looking(desk: Desk) -> None:
    number, head = await desk.opened()
    await desk.watcher.round()
    assert await desk.told() == []
    commit = await desk.merged(number, head)
    await desk.watcher.round()
    await desk.watcher.round()
    assert await desk.told() == [expected(number)]
    history = await AuditWriter(desk.database).history("ZA-UJ")
    (event,) = [one.event for one in history.rows]
    assert (event.revision, event.login) == (commit, "roc-expert")
    assert event.outcome == f"#{number} merged by roc-expert: {VARIABLES}"


async def test_a_webhook_has_it_told_at_once(desk: Desk) -> None:
    async def act(hint: Hint) -> None:
        if hint.number is not None:
            await desk.watcher.look(hint.number)
        elif hint.about is About.BRANCH:
            await desk.watcher.pushed()

    hook = GitHubWebhook(SECRET, Deliveries(desk.database, now), act)
    runner = await start(create_hooks({"/github": hook.hook}), "127.0.0.1", 0)
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/github"
    acting = asyncio.create_task(hook.run())
    async with Calling(desk.world, address, SECRET) as calling:
        number, head = await desk.opened()
        await desk.merged(number, head)

        async def told() -> bool | None:
            return await desk.told() == [expected(number)] or None

        await until(told)
        await calling.sent()
        assert {one.status for one in calling.deliveries} <= {200, 202}
        for delivery in list(calling.deliveries):
            await calling.send(delivery)
            assert delivery.status == 200
    acting.cancel()
    await runner.cleanup()
