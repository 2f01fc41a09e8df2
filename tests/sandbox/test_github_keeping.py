"""The sandbox's GitHub goes on over a restart, in this process and in another."""

import asyncio
import contextlib
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession

from aaroc_bot.sandbox.box import Box, prepare
from aaroc_bot.sandbox.github.keeping import alone, kept_world
from aaroc_bot.sandbox.github.world import World, sample_world
from tests.sandbox.github_client import REPO, GitHub


@asynccontextmanager
async def github_of(box: Box) -> AsyncIterator[GitHub]:
    """Ask the GitHub that some process serves for a box."""
    async with ClientSession() as session:
        yield GitHub(box.api_url, sample_world(""), box.repository, session, box.token)


async def fill(github: GitHub) -> None:
    """Leave something of every kind behind."""
    await github.propose("one", {"one.md": "1\n"})
    review = {"event": "COMMENT", "body": "Seen"}
    await github.yes("POST", REPO + "/pulls/1/reviews", review)
    await github.yes("POST", "/orgs/AAROC/invitations", {"invitee_id": 90100105})
    await github.yes("DELETE", "/orgs/AAROC/members/ufs-admin")


async def look(github: GitHub) -> list[object]:
    paths = (
        REPO + "/pulls/1", REPO + "/pulls/1/reviews", "/orgs/AAROC/invitations",
        "/orgs/AAROC/members", "/orgs/AAROC/teams/za-ufs/members", REPO + "/commits/one/status",
    )  # fmt: skip
    await github.judged(1)
    return [await github.yes("GET", path) for path in paths]


async def test_it_goes_on_after_a_restart(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    async with box.github(), github_of(box) as github:
        await fill(github)
        before = await look(github)
        merged = github.git("rev-parse", "one")
    assert stat.S_IMODE(box.world.stat().st_mode) == 0o600
    github.git("update-ref", "refs/heads/main", merged)
    again = await prepare(box.state, fresh=False)
    async with again.github(), github_of(again) as github:
        pull = await github.yes("GET", REPO + "/pulls/1")
        assert pull["merged"], "what was pushed meanwhile is noticed"
        after = await look(github)
        assert after[1:] == before[1:]
        two = await github.propose("two", {"two.md": "2\n"})
        assert two["number"] == 2
    anew = await prepare(box.state, fresh=True)
    async with anew.github(), github_of(anew) as github:
        assert await github.yes("GET", REPO + "/pulls?state=all") == []


async def test_who_takes_over_goes_on_with_it(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    worlds: list[World] = []

    @asynccontextmanager
    async def beside(world: World) -> AsyncIterator[None]:
        worlds.append(world)
        yield

    async with contextlib.AsyncExitStack() as heir:
        async with box.github(beside), github_of(box) as github:
            other = await prepare(box.state, fresh=False)
            await heir.enter_async_context(other.github(beside))
            await fill(github)
            before = await look(github)
            assert len(worlds) == 1
        async with github_of(box) as github, asyncio.timeout(20):
            while True:
                with contextlib.suppress(ClientError):
                    assert await look(github) == before
                    break
                await asyncio.sleep(0.02)
        assert len(worlds) == 2


def test_an_unreadable_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "github.json"
    for wrong in ("", "{}", '{"users": 1}'):
        path.write_text(wrong)
        assert kept_world(path, "t").user("uj-admin")
        assert path.with_name("github.json.unreadable").read_text() == wrong
    assert kept_world(path, "t").members
    assert not list(tmp_path.glob("*.new"))


def test_one_process_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "github.json"
    with alone(path), pytest.raises(OSError), alone(path):
        pass
    with alone(path):
        pass


async def test_what_a_world_knows_is_kept_whole(tmp_path: Path, github: GitHub) -> None:
    await github.propose("one", {"one.md": "1\n"})
    await github.approve(1)
    await github.yes("PUT", REPO + "/pulls/1/merge", {"merge_method": "rebase"})
    path = tmp_path / "github.json"
    first = kept_world(path, "t")
    for name in ("pulls", "next_pull", "statuses", "members", "heads", "next_id"):
        setattr(first, name, getattr(github.world, name))
    token = first.act_as("roc-expert")
    app = first.install_app("key")
    first.rename("uj-admin", "uj-new")
    second = kept_world(path, "t")
    assert second.pulls == github.world.pulls and second.statuses == github.world.statuses
    assert second.tokens[token].user == 90100102 and second.app == app
    assert second.user("uj-new") and second.bot is second.bots[second.bot.id]
