"""The sandbox's GitHub over the sample repository, asked over HTTP as a test likes."""

import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from aaroc_bot.sandbox import sample
from aaroc_bot.sandbox.github.server import serving
from aaroc_bot.sandbox.github.world import User, World, sample_world

TOKEN = "sample-token"
REPO = "/repos/AAROC/DevOps"
ZA_UJ = "Ansible/group_vars/za-uj.yml"


@dataclass
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass
class GitHub:
    """A world that is served, and a way to ask it."""

    url: str
    world: World
    path: Path
    session: ClientSession
    token: str = TOKEN
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def ask(
        self, method: str, path: str, body: object = None, *, token: str = "", **headers: str
    ) -> Answer:
        """Ask as who has the token."""
        sent = {
            "Authorization": f"Bearer {token or self.token}",
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        async with self.session.request(method, self.url + path, json=body, headers=sent) as got:
            json = "json" in got.headers.get("Content-Type", "")
            return Answer(got.status, await got.json() if json else None, got.headers)

    async def yes(self, method: str, path: str, body: object = None, *, token: str = "") -> Any:
        """Ask for what must be granted."""
        answer = await self.ask(method, path, body, token=token)
        assert answer.status < 300, (method, path, answer)
        return answer.body

    def git(self, *arguments: str) -> str:
        """Ask git itself."""
        done = subprocess.run(
            ["git", f"--git-dir={self.path}", *arguments],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def user(self, login: str) -> User:
        found = self.world.user(login)
        assert found is not None
        return found

    async def commit(self, files: Mapping[str, str | None], base: str = "main", **more: Any) -> str:
        """Write a commit over a branch, the way that a bot does."""
        parent = self.git("rev-parse", base)
        rows = [
            {"path": path, "mode": "100644", "type": "blob"}
            | ({"sha": None} if text is None else {"content": text})
            for path, text in files.items()
        ]
        tree = await self.yes("POST", REPO + "/git/trees", {"base_tree": parent, "tree": rows})
        body = {"message": "Change", "tree": tree["sha"], "parents": [parent], **more}
        sha: str = (await self.yes("POST", REPO + "/git/commits", body))["sha"]
        return sha

    async def branch(self, name: str, files: Mapping[str, str | None], base: str = "main") -> str:
        """Put a commit on a new branch."""
        sha = await self.commit(files, base)
        await self.yes("POST", REPO + "/git/refs", {"ref": f"refs/heads/{name}", "sha": sha})
        return sha

    async def propose(self, name: str, files: Mapping[str, str | None], **more: Any) -> Any:
        """Open a pull request that brings these files."""
        await self.branch(name, files)
        body = {"title": f"Change {name}", "head": name, "base": "main", **more}
        return await self.yes("POST", REPO + "/pulls", body)

    async def approve(self, number: int, login: str = "roc-expert") -> None:
        await self.world.review(number, self.user(login), "APPROVE")

    async def judged(self, number: int) -> Any:
        """Ask for a pull request until GitHub knows whether it can be merged."""
        while True:
            pull = await self.yes("GET", f"{REPO}/pulls/{number}")
            if pull["mergeable"] is not None or pull["state"] == "closed":
                return pull

    def events(self, *names: str) -> list[str]:
        """Give what was told of, as ``event.action``."""
        return [
            f"{event}.{body['action']}" if "action" in body else event
            for event, body in self.told
            if not names or event in names
        ]


@asynccontextmanager
async def a_github(folder: Path) -> AsyncIterator[GitHub]:
    """Serve the sample ROC's GitHub over the sample repository."""
    path = folder / "devops.git"
    await sample.create(path, folder / "hosts", datetime.now(UTC))
    world = sample_world(TOKEN)
    async with serving(world, path) as url, ClientSession() as session:
        github = GitHub(url, world, path, session)
        world.listeners.append(lambda event, body: github.told.append((event, body)))
        await github.yes("GET", REPO + "/pulls")
        yield github
