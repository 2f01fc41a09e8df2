"""The questions themselves: time limits, the clear text, who wrote a commit, and PyGithub."""

import asyncio
import contextlib
import subprocess
import time
from pathlib import Path

import pytest
from github import Auth, Github, GithubRetry

from aaroc_bot.github.api import Api, Silent
from aaroc_bot.github.commits import Commits
from aaroc_bot.github.headers import next_of, pause_of
from aaroc_bot.sandbox.github.world import Misbehaviour, World
from tests.github.conftest import TOKEN, Clock


@pytest.mark.parametrize(
    "url", ["http://api.github.com", "ftp://127.0.0.1", "http://127.0.0.1.example.org"]
)
def test_the_token_never_travels_in_the_clear(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Api(url, Auth.Token(TOKEN))


def test_the_address_holds_no_password() -> None:
    with pytest.raises(ValueError, match="no password"):
        Api("https://bot:secret@api.github.com", Auth.Token(TOKEN))


async def test_silence_is_short_and_not_paid_twice(api: Api, world: World) -> None:
    api._line.seconds = 1
    world.misbehave(Misbehaviour(silent=True))
    began = time.monotonic()
    with pytest.raises(Silent):
        await api.get("/orgs/AAROC")
    assert time.monotonic() - began < 10
    asked = len(world.asked)
    with pytest.raises(Silent):
        await api.get("/orgs/AAROC")
    assert len(world.asked) == asked
    world.behave()
    api.again()
    asked = len(world.asked)
    with contextlib.suppress(Silent):
        await api.get("/orgs/AAROC")
    assert len(world.asked) > asked


async def test_a_rate_limit_is_obeyed_even_when_somebody_waits(api: Api, world: World) -> None:
    world.misbehave(Misbehaviour(limited="secondary"))
    with pytest.raises(Silent, match="rate limit"):
        await api.get("/orgs/AAROC")
    world.behave()
    api.again()
    asked = len(world.asked)
    with pytest.raises(Silent, match="rate limit"):
        await api.get("/orgs/AAROC")
    assert len(world.asked) == asked


async def test_nobody_listens() -> None:
    api = Api("http://127.0.0.1:9", Auth.Token(TOKEN), seconds=1)
    with pytest.raises(Silent):
        await api.get("/orgs/AAROC")
    api.close()


async def test_a_proxy_of_the_environment_is_not_asked(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    api = Api(url, Auth.Token(TOKEN), seconds=20)
    assert (await api.get("/orgs/AAROC")).status == 200
    api.close()


async def test_answers_are_never_exchanged_between_threads(api: Api) -> None:
    logins = ["uj-admin", "roc-expert", "roc-second", "kenet-admin", "outsider"] * 20
    replies = await asyncio.gather(*(api.get(f"/users/{login}") for login in logins))
    for login, reply in zip(logins, replies, strict=True):
        assert isinstance(reply.body, dict) and reply.body["login"] == login


async def test_the_loop_is_not_blocked(api: Api, world: World) -> None:
    world.misbehave(Misbehaviour(silent=True))
    question = asyncio.create_task(api.get("/orgs/AAROC"))
    began = time.monotonic()
    await asyncio.sleep(0)
    assert time.monotonic() - began < 0.5 and not question.done()
    world.behave()
    assert (await question).status == 200


def test_limits_and_links() -> None:
    assert pause_of(403, {"retry-after": "7"}, "") == 7
    assert pause_of(403, {}, "") == 0 and pause_of(500, {"retry-after": "7"}, "") == 0
    assert pause_of(429, {}, "") == 60
    assert pause_of(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, "") == 1
    assert next_of('<http://a/?page=1>; rel="prev", <http://a/?page=3>; rel="next"') == (
        "http://a/?page=3"
    )
    assert next_of("") is None


async def test_who_wrote_a_commit(api: Api, bare: Path, world: World) -> None:
    def log(number: int) -> str:
        done = subprocess.run(
            ["git", f"--git-dir={bare}", "log", "--format=%H"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.split()[number]

    commits = Commits(api, "AAROC/DevOps", Clock())
    assert await commits.author_of(log(1)) == 90100102
    assert await commits.author_of(log(0)) is None, "no user has this mail"
    assert await commits.author_of("0" * 40) is None
    world.misbehave(Misbehaviour(status=500))
    assert await Commits(api, "AAROC/DevOps", Clock()).author_of(log(1)) is None


async def test_pygithubs_own_objects_can_be_read(url: str) -> None:
    """The sandbox answers what PyGithub's classes read, not only what the bot reads today."""

    def read() -> list[object]:
        hub = Github(
            base_url=url, auth=Auth.Token(TOKEN), retry=GithubRetry(total=0), timeout=5,
            seconds_between_requests=None,
        )  # fmt: skip
        org = hub.get_organization("AAROC")
        repository = hub.get_repo("AAROC/DevOps")
        team = org.get_team_by_slug("experts")
        commit = repository.get_commit(repository.default_branch)
        return [
            org.login,
            team.id > 0 and team.slug,
            [member.login for member in team.get_members()],
            org.get_members()[0].login,
            org.get_team_by_slug("sites").get_teams()[0].slug,
            hub.get_user("uj-admin").name,
            hub.get_user_by_id(90100101).login,
            repository.full_name,
            commit.commit.message,
            commit.author,
            [c.sha for c in repository.get_commits(path="two")] == [commit.sha],
            repository.get_commits()[1].author.id,
            hub.get_rate_limit().rate.limit,
        ]

    assert await asyncio.to_thread(read) == [
        "AAROC", "experts", ["roc-expert", "roc-second"], "uj-admin", "ke-nairobi",
        "Lindiwe Maseko", "uj-admin", "AAROC/DevOps", "Add two\n\nBecause.", None, True,
        90100102, 5000,
    ]  # fmt: skip
