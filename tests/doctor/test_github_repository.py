"""What the doctor says of the repository on GitHub: rights, protection, the mirror, the limit."""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aaroc_bot.doctor.finding import Finding, Level
from aaroc_bot.doctor.github import examine_github
from aaroc_bot.sandbox.github import answers
from aaroc_bot.sandbox.github.pull import Protection
from aaroc_bot.sandbox.github.server import serving
from aaroc_bot.sandbox.github.tokens import ALL, Right
from aaroc_bot.sandbox.github.world import Misbehaviour, World, sample_world
from aaroc_bot.settings import Settings
from tests.doctor.conftest import SettingsOf, levels

TOKEN = "ghp_" + "a" * 36


@pytest.fixture
def world() -> World:
    return sample_world(TOKEN)


@pytest.fixture
async def names(world: World, devops: Path) -> AsyncIterator[dict[str, object]]:
    """Settings under which nothing is amiss, but that nobody can `login`."""
    async with serving(world, devops / ".git") as url:
        yield {
            "GITHUB__API_URL": url,
            "GITHUB__ORG": "AAROC",
            "GITHUB__REPOSITORY": "AAROC/DevOps",
            "GITHUB__TOKEN": TOKEN,
            "REPOSITORY": devops,
        }


SLACK = {
    "SLACK__BOT_TOKEN": "xoxb-1",
    "SLACK__SIGNING_SECRET": "signed",
    "SLACK__CHANNELS": ["C0123456789"],
}
"""Slack in HTTP mode calls at the same port."""


@pytest.fixture
def settings(names: dict[str, object], settings_of: SettingsOf) -> Settings:
    return settings_of(**names)


async def only(settings: Settings) -> Finding:
    """Give the one fault, beside that nobody can `login` here."""
    found = await examine_github(settings)
    (fault,) = [one for one in found if one.level is not Level.OK and one.check != "GitHub login"]
    assert fault.do
    return fault


def commit(path: Path, message: str) -> None:
    git = ["git", "-C", str(path), "-c", "user.name=Amina", "-c", "user.email=amina@roc.example"]
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", message], check=True)


def cloned(path: Path, to: Path) -> Path:
    subprocess.run(["git", "clone", "-q", str(path), str(to)], check=True)
    return to


async def test_a_token_that_may_only_read(
    names: dict[str, object], settings_of: SettingsOf, world: World
) -> None:
    world.members[world.add_user(9001, "roc-robot").id] = "active"
    token = world.act_as("roc-robot", ALL - {Right.CONTENTS})
    fault = await only(settings_of(**names | {"GITHUB__TOKEN": token}))
    assert (fault.check, fault.level) == ("GitHub writing", Level.FAILED)
    assert "Contents and Pull requests: read and write" in fault.do


async def test_a_token_without_any_right(
    names: dict[str, object], settings_of: SettingsOf, world: World
) -> None:
    token = world.act_as("roc-expert", frozenset())
    found = levels(await examine_github(settings_of(**names | {"GITHUB__TOKEN": token})))
    amiss = {check for check, level in found.items() if level is Level.FAILED}
    assert amiss == {"GitHub experts' team", "GitHub sites' team", "GitHub writing"}
    assert found["GitHub invitations"] is Level.WARNING


@pytest.mark.parametrize("status", [403, 404])
async def test_invitations_that_are_not_shown(
    settings: Settings, world: World, status: int
) -> None:
    world.misbehave(Misbehaviour("/orgs/AAROC/invitations", status=status))
    fault = await only(settings)
    assert (fault.check, fault.level) == ("GitHub invitations", Level.WARNING)
    assert "Members: read and write" in fault.do


async def test_pull_requests_that_are_not_shown(settings: Settings, world: World) -> None:
    world.misbehave(Misbehaviour("/repos/AAROC/DevOps/pulls", status=404))
    fault = await only(settings)
    assert (fault.check, fault.level) == ("GitHub pull requests", Level.FAILED)


async def test_checks_that_are_not_shown(settings: Settings, world: World) -> None:
    world.misbehave(Misbehaviour("/repos/AAROC/DevOps/commits", status=403))
    fault = await only(settings)
    assert (fault.check, fault.level) == ("GitHub pull requests", Level.WARNING)
    assert "Checks and Commit statuses" in fault.do


async def test_a_branch_that_is_not_protected(settings: Settings, world: World) -> None:
    world.protected.clear()
    fault = await only(settings)
    assert fault.level is Level.FAILED
    assert fault.what == "main is not protected, so `merge` is refused"
    assert "require a pull request" in fault.do
    world.ruled["main"] = Protection()
    assert levels(await examine_github(settings))["GitHub protection"] is Level.OK


async def test_a_branch_of_which_the_last_pusher_may_approve(
    settings: Settings, world: World
) -> None:
    world.protected["main"] = Protection(last_push=False)
    fault = await only(settings)
    assert (fault.check, fault.level) == ("GitHub protection", Level.WARNING)
    assert "Require approval of the most recent reviewable push" in fault.do


async def test_protection_that_cannot_be_told(settings: Settings, world: World) -> None:
    world.protected.clear()
    world.misbehave(Misbehaviour("/repos/AAROC/DevOps/rules", status=403))
    fault = await only(settings)
    assert (fault.check, fault.level) == ("GitHub protection", Level.WARNING)
    assert "cannot be told, so `merge` is refused" in fault.what


async def test_the_mirror_is_of_another_repository(
    names: dict[str, object], settings_of: SettingsOf, tmp_path: Path, devops: Path
) -> None:
    other = cloned(devops, tmp_path / "other")
    commit(devops, "Go on")
    fault = await only(settings_of(**names | {"REPOSITORY": other}))
    assert (fault.check, fault.level) == ("GitHub and the mirror", Level.WARNING)
    assert fault.what.startswith("AAROC_REPOSITORY is at ")
    commit(other, "Elsewhere")
    fault = await only(settings_of(**names | {"REPOSITORY": other}))
    assert (fault.level, fault.what) == (Level.FAILED, "AAROC_REPOSITORY is not AAROC/DevOps")


@pytest.mark.parametrize(
    ("missing", "check"),
    [("REPOSITORY", "GitHub and the mirror"), ("GITHUB__REPOSITORY", "GitHub repository")],
)
async def test_half_of_it_is_named(
    names: dict[str, object], settings_of: SettingsOf, missing: str, check: str
) -> None:
    rest = {name: value for name, value in names.items() if name != missing}
    fault = await only(settings_of(**rest))
    assert (fault.check, fault.level) == (check, Level.WARNING)
    assert fault.do.startswith(f"set AAROC_{missing}")


async def test_the_rate_limit_is_used_up(settings: Settings, world: World) -> None:
    world.misbehave(Misbehaviour(limited="primary"))
    found = {one.check: one for one in await examine_github(settings)}
    first, limit = found["GitHub token"], found["GitHub rate limit"]
    assert (first.level, first.what) == (Level.FAILED, "GitHub's rate limit is used up")
    assert first.do.startswith("wait 6")
    assert limit.level is Level.WARNING and limit.what.startswith("0 of 5,000 calls left")


async def test_the_rate_limit_runs_low(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "LIMIT", 10)
    fault = await only(settings)
    assert (fault.check, fault.level) == ("GitHub rate limit", Level.WARNING)


async def test_github_errs(settings: Settings, world: World) -> None:
    world.misbehave(Misbehaviour("/repos", status=500))
    fault = await only(settings)
    assert (fault.check, fault.what) == ("GitHub repository", "GitHub answered 500")


@pytest.mark.parametrize("more", [{}, {"HOOKS__PORT": 8300, **SLACK}])
async def test_github_does_not_call(
    names: dict[str, object], settings_of: SettingsOf, more: dict[str, object]
) -> None:
    found = {one.check: one for one in await examine_github(settings_of(**names | more))}
    told = found["GitHub webhook"]
    assert told.level is Level.OK and told.what.startswith("off, the bot asks GitHub by itself")
    assert ("AAROC_GITHUB__WEBHOOK_SECRET_FILE" in told.what) == bool(more)


async def test_a_port_at_which_nobody_is_answered(
    names: dict[str, object], settings_of: SettingsOf
) -> None:
    fault = await only(settings_of(**names | {"HOOKS__PORT": 8300}))
    assert (fault.check, fault.level) == ("GitHub webhook", Level.WARNING)
    assert "no secret of who could call there" in fault.what


async def test_github_calls(names: dict[str, object], settings_of: SettingsOf) -> None:
    hooks = {"HOOKS__PORT": 8300, "GITHUB__WEBHOOK_SECRET": "a-long-word-" * 2}
    found = {one.check: one for one in await examine_github(settings_of(**names | hooks))}
    assert "calls arrive at 127.0.0.1:8300/github" in found["GitHub webhook"].what
