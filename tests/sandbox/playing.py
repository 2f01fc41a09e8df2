"""githubkit, which is generated from GitHub's own description, beside the sandbox's GitHub.

`plays` says which routes a test plays and holds it to that, so that a route which nothing
plays is found by comparing what was said with the server's router.
"""

import functools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from githubkit import BaseAuthStrategy, GitHub, Response, TokenAuthStrategy
from githubkit.exception import RequestFailed

from aaroc_bot.sandbox import sample
from aaroc_bot.sandbox.github.bare import Signature
from aaroc_bot.sandbox.github.server import application, serving
from aaroc_bot.sandbox.github.world import World, sample_world

ORG, REPO = "AAROC", "DevOps"
TOKEN = "sample-token"
PLAYED: set[str] = set()
"""Routes that some test says it plays: ``GET /orgs/{org}``."""

Auth = TypeVar("Auth", bound=BaseAuthStrategy)
Play = Callable[["Kit"], Awaitable[None]]


@dataclass
class Kit:
    """A githubkit that speaks to a sandbox's GitHub, and what it asked."""

    url: str
    world: World
    path: Path
    router: web.UrlDispatcher
    asked: set[str] = field(default_factory=set)
    held: dict[str, GitHub[TokenAuthStrategy]] = field(default_factory=dict)

    def speaking(self, token: str = TOKEN) -> GitHub[TokenAuthStrategy]:
        """Give a githubkit that bears a token; it neither waits, repeats nor keeps anything."""
        # Its parts know it only weakly, so somebody has to hold it.
        return self.held.setdefault(token, self.made(TokenAuthStrategy(token)))

    def made(self, auth: Auth) -> GitHub[Auth]:
        """Make a githubkit that speaks for whoever `auth` says."""
        return GitHub(
            auth,
            base_url=self.url,
            trust_env=False,
            http_cache=False,
            auto_retry=False,
            async_event_hooks={"request": [], "response": [self._note]},
        )

    @property
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


async def pushed(
    world: World, branch: str, files: Mapping[str, bytes], login: str = "uj-admin"
) -> str:
    """Put a commit by somebody on a branch that leaves `main`, and give its sha."""
    user = world.user(login)
    assert user is not None
    signed = Signature(user.name, user.mail, datetime.now(UTC)).line()
    message = f"Change {branch}".encode()
    stream = bytearray(f"commit refs/heads/{branch}\ncommitter {signed}\n".encode())
    stream += b"data %d\n%s\nfrom refs/heads/main^0\n" % (len(message), message)
    for path, content in files.items():
        stream += f"M 100644 inline {json.dumps(path)}\n".encode()
        stream += b"data %d\n%s\n" % (len(content), content)
    await world.bare.must("fast-import", "--quiet", "--force", input=bytes(stream))
    return await world.bare.must("rev-parse", f"refs/heads/{branch}")


def rows(answer: Response[Any, Any]) -> list[Any]:
    """Give the rows of a valid list, whose type mypy does not see in githubkit's classes."""
    return list(answer.parsed_data)


async def refused(asking: Awaitable[object], status: int, message: str = "") -> None:
    """Ask for what is refused, with this status and this in GitHub's words."""
    with pytest.raises(RequestFailed) as problem:
        await asking
    answer = problem.value.response
    assert (answer.status_code, message) == (status, message)
    assert message in str(answer.json()["message"])
    assert answer.parsed_data  # valid, where the description says how this refusal looks
