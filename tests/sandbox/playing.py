"""githubkit, which is generated from GitHub's own description, beside the sandbox's GitHub.

`plays` says which routes a test plays and holds it to that, so that a route which nothing
plays is found by comparing what was said with the server's router.
"""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from githubkit import GitHub, TokenAuthStrategy
from githubkit.exception import RequestFailed

from aaroc_bot.sandbox import sample
from aaroc_bot.sandbox.github.server import application, serving
from aaroc_bot.sandbox.github.world import World, sample_world

ORG, REPO = "AAROC", "DevOps"
TOKEN = "sample-token"
PLAYED: set[str] = set()
"""Routes that some test says it plays: ``GET /orgs/{org}``."""

Play = Callable[["Kit"], Awaitable[None]]


@dataclass
class Kit:
    """A githubkit that speaks to a sandbox's GitHub, and what it asked."""

    url: str
    world: World
    path: Path
    router: web.UrlDispatcher
    asked: set[str] = field(default_factory=set)

    def speaking(self, token: str = TOKEN) -> GitHub[TokenAuthStrategy]:
        """Make a githubkit that bears a token; it neither waits, repeats nor keeps anything."""
        return GitHub(
            token,
            base_url=self.url,
            trust_env=False,
            http_cache=False,
            auto_retry=False,
            async_event_hooks={"request": [], "response": [self._note]},
        )

    @functools.cached_property
    def bot(self) -> GitHub[TokenAuthStrategy]:
        """The bot's own."""
        return self.speaking()

    async def _note(self, answer: httpx.Response) -> None:
        """Count an answered question for its route; a refusal plays no route."""
        if answer.is_success:
            self.asked.add(await self.route(answer.request.method, answer.request.url.path))

    async def route(self, method: str, path: str) -> str:
        """Name the route that answers a question."""
        found = await self.router.resolve(make_mocked_request(method, path))
        return f"{method} {found.route.resource.canonical}" if found.route.resource else ""


@asynccontextmanager
async def kit(folder: Path) -> AsyncIterator[Kit]:
    """Serve the sample ROC's organisation over the sample repository, for githubkit."""
    path = folder / "devops.git"
    await sample.create(path, folder / "hosts", datetime.now(UTC))
    world = sample_world(TOKEN)
    router = application(sample_world(TOKEN), path).router
    async with serving(world, path) as url:
        yield Kit(url, world, path, router)


def plays(*routes: str) -> Callable[[Play], Play]:
    """Say which routes a test plays; it fails if it left one out."""
    PLAYED.update(routes)

    def held_to_it(play: Play) -> Play:
        @functools.wraps(play)
        async def played(kit: Kit) -> None:
            await play(kit)
            assert set(routes) <= kit.asked, f"not asked: {set(routes) - kit.asked}"

        return played

    return held_to_it


async def refused(asking: Awaitable[object], status: int, message: str = "") -> None:
    """Ask for what is refused, with this status and this in GitHub's words."""
    with pytest.raises(RequestFailed) as problem:
        await asking
    answer = problem.value.response
    assert (answer.status_code, message) == (status, message)
    assert message in str(answer.json()["message"])
