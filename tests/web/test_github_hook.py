"""GitHub's webhook: signed, once, small, a hint and nothing more."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import aiohttp
import pytest

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.github.webhook import WAITING, About, GitHubWebhook, Hint
from aaroc_bot.store.database import Database
from aaroc_bot.store.deliveries import Deliveries
from aaroc_bot.web.hooks import create_hooks
from aaroc_bot.web.server import start

SECRET = "a secret of the operator's"
PULL = {"action": "closed", "pull_request": {"number": 52, "merged": True, "head": {"sha": "x"}}}
PUSH = {"ref": "refs/heads/main", "after": "b" * 40}


def now() -> datetime:
    return datetime(2026, 6, 8, 14, 0, tzinfo=UTC)


def signed(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass
class GitHub:
    """Calls the hook as GitHub does, unless the test says otherwise."""

    url: str
    session: aiohttp.ClientSession
    acted: "asyncio.Queue[Hint]"
    ids: Any = field(default_factory=lambda: count(1))

    async def call(self, event: str, body: object, **headers: str | None) -> int:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given: dict[str, str | None] = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": f"72d3162e-cc78-11e3-81ab-{next(self.ids):012}",
            "X-Hub-Signature-256": signed(raw),
        }
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in given.items() if value is not None}
        async with self.session.post(self.url, data=raw, headers=sent) as answer:
            return answer.status


class Away:
    """Deliveries of a database that is away."""

    async def heard(self, id: str, event: str, body: bytes) -> bool:
        raise Unavailable("the database")


@asynccontextmanager
async def listening(deliveries: Any, *, acting: bool = True) -> AsyncIterator[GitHub]:
    acted: asyncio.Queue[Hint] = asyncio.Queue()
    hook = GitHubWebhook(SECRET, deliveries, acted.put)
    runner = await start(create_hooks({"/github": hook.hook}), "127.0.0.1", 0)
    task = asyncio.create_task(hook.run()) if acting else None
    try:
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{runner.addresses[0][1]}/github"
            yield GitHub(url, session, acted)
    finally:
        if task:
            task.cancel()
        await runner.cleanup()


@pytest.fixture
async def github(sqlite_database: Database) -> AsyncIterator[GitHub]:
    async with listening(Deliveries(sqlite_database, now)) as github:
        yield github


async def test_a_call_is_a_hint(github: GitHub) -> None:
    assert await github.call("pull_request", PULL) == 202
    assert await github.acted.get() == Hint("pull_request", 52)
    assert await github.call("push", PUSH) == 202
    assert await github.acted.get() == Hint("push")
    assert await github.call("membership", {"action": "removed"}) == 202
    hint = await github.acted.get()
    assert hint == Hint("membership") and hint.about is About.PEOPLE


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=" + "0" * 64,
        "sha1=" + "0" * 40,
        signed(b"another body"),
        signed(json.dumps(PUSH).encode(), "another secret"),
        signed(json.dumps(PUSH).encode()).upper(),
        signed(json.dumps(PUSH).encode()).removeprefix("sha256="),
    ],
)
async def test_a_forged_call_is_refused(github: GitHub, signature: str | None) -> None:
    assert await github.call("push", PUSH, X_Hub_Signature_256=signature) == 401
    assert await github.call("push", PUSH) == 202  # what was forged is not kept either
    assert await github.acted.get() == Hint("push")


async def test_a_replay_acts_once(github: GitHub) -> None:
    id = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
    assert await github.call("push", PUSH, X_GitHub_Delivery=id) == 202
    assert await github.acted.get() == Hint("push")
    assert await github.call("push", PUSH, X_GitHub_Delivery=id) == 200
    assert await github.call("push", PUSH) == 200
    assert await github.call("pull_request", PULL, X_GitHub_Delivery=id) == 200
    assert github.acted.empty()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content_Type": "text/plain"}, 415),
        ({"X_GitHub_Event": "Push; drop"}, 400),
        ({"X_GitHub_Event": None}, 400),
        ({"X_GitHub_Delivery": None}, 400),
        ({"X_GitHub_Delivery": "a" * 65}, 400),
        ({"X_GitHub_Delivery": "../x"}, 400),
        ({"X_GitHub_Event": "gollum"}, 200),
        ({"X_GitHub_Event": "ping"}, 200),
    ],
)
async def test_what_is_no_such_call_does_nothing(
    github: GitHub, headers: dict[str, str | None], status: int
) -> None:
    assert await github.call("push", PUSH, **headers) == status
    assert github.acted.empty()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 200_000, b"7"])
async def test_a_body_that_is_no_object_is_refused(github: GitHub, body: bytes) -> None:
    assert await github.call("push", body) == 400
    assert github.acted.empty()


@pytest.mark.parametrize("number", [0, -1, 2**40, "52", None, {"a": 1}, 1.5])
async def test_a_number_that_is_none_is_left_out(github: GitHub, number: object) -> None:
    assert await github.call("pull_request", {"pull_request": {"number": number}}) == 202
    assert await github.acted.get() == Hint("pull_request")


async def test_a_body_that_is_too_big_is_refused(github: GitHub) -> None:
    assert await github.call("push", {"commits": "x" * 1_000_001}) == 413
    assert github.acted.empty()


async def test_a_database_that_is_away_has_github_ask_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with listening(Away()) as github:
        assert await github.call("push", PUSH) == 503
        assert github.acted.empty()
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_flood_is_one_look(sqlite_database: Database) -> None:
    acted: list[Hint] = []

    async def act(hint: Hint) -> None:
        acted.append(hint)

    hook = GitHubWebhook(SECRET, Deliveries(sqlite_database, now), act)
    for number in [*range(1, WAITING + 1), *range(1, WAITING + 1)]:
        hook._wait(Hint("pull_request_review", number))
    assert len(hook._waiting[About.PULLS]) == WAITING
    hook._wait(Hint("pull_request", WAITING + 1))
    assert list(hook._waiting[About.PULLS].values()) == [Hint("pull_request")]
    for _ in range(50):
        hook._wait(Hint("push"))
    assert len(hook._waiting[About.BRANCH]) == 1


async def test_what_fails_keeps_nothing_else_from_being_looked_at(
    sqlite_database: Database,
) -> None:
    begun, acted = asyncio.Event(), asyncio.Event()

    async def act(hint: Hint) -> None:
        match hint.number, hint.about:
            case 1, _:
                raise Unavailable("GitHub")
            case 2, _:
                raise RuntimeError("a fault")
            case 3, _:
                begun.set()
                await asyncio.Event().wait()  # a look that never ends
            case _, About.PEOPLE:
                acted.set()

    hook = GitHubWebhook(SECRET, Deliveries(sqlite_database, now), act)
    task = asyncio.create_task(hook.run())
    for number in (1, 2, 3):
        hook._wait(Hint("pull_request", number))
    await begun.wait()
    hook._wait(Hint("organization"))  # people do not wait for pull requests
    await acted.wait()
    task.cancel()


def test_without_a_secret_there_is_no_hook(sqlite_database: Database) -> None:
    with pytest.raises(ValueError, match="without a secret"):
        GitHubWebhook("", Deliveries(sqlite_database, now), lambda _: asyncio.sleep(0))
