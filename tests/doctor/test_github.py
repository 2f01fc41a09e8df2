"""What the doctor says of GitHub; each fault alone, against the sandbox's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from aaroc_bot.doctor.finding import Level
from aaroc_bot.doctor.github import examine_github
from aaroc_bot.doctor.github_login import LOGIN
from aaroc_bot.sandbox.github.server import serving
from aaroc_bot.sandbox.github.world import Misbehaviour, World, sample_world
from aaroc_bot.settings import Settings
from tests.doctor.conftest import SettingsOf, levels, only_fault
from tests.doctor.served import served

TOKEN = "ghp_" + "a" * 36
CLIENT_ID = "Ov23liAaBbCcDdEeFfGg"


async def device_flow(request: web.Request) -> web.Response:
    """Answer as GitHub does to a code that it never gave."""
    asked = await request.post()
    known = asked["client_id"] == CLIENT_ID
    error = "incorrect_device_code" if known else "incorrect_client_credentials"
    return web.json_response({"error": error})


@pytest.fixture
def world() -> World:
    return sample_world(TOKEN)


@pytest.fixture
async def names(world: World, devops: Path) -> AsyncIterator[dict[str, object]]:
    """Settings under which everything is well."""
    async with serving(world, devops / ".git") as url, served(device_flow) as pages:
        yield {
            "GITHUB__API_URL": url,
            "GITHUB__WEB_URL": pages,
            "GITHUB__ORG": "AAROC",
            "GITHUB__REPOSITORY": "AAROC/DevOps",
            "GITHUB__TOKEN": TOKEN,
            "GITHUB__CLIENT_ID": CLIENT_ID,
            "REPOSITORY": devops,
        }


@pytest.fixture
def settings(names: dict[str, object], settings_of: SettingsOf) -> Settings:
    return settings_of(**names)


async def test_all_is_well(settings: Settings) -> None:
    found = await examine_github(settings)
    assert set(levels(found).values()) == {Level.OK}
    assert found[0].what == "is aaroc-bot's, and shows the organisation AAROC"
    assert [finding.check for finding in found] == [
        "GitHub token",
        "GitHub account",
        "GitHub experts' team",
        "GitHub sites' team",
        "GitHub memberships",
        "GitHub invitations",
        "GitHub repository",
        "GitHub writing",
        "GitHub pull requests",
        "GitHub protection",
        "GitHub and the mirror",
        "GitHub login",
        "GitHub webhook",
        "GitHub rate limit",
    ]


@pytest.mark.parametrize(("login", "team"), [("roc-expert", "experts"), ("uj-admin", "sites")])
async def test_a_token_of_a_person_with_rights(
    settings: Settings, world: World, login: str, team: str
) -> None:
    person = world.user(login)
    assert person is not None
    world.bot = person
    fault = only_fault(await examine_github(settings))
    assert (fault.check, fault.level) == ("GitHub account", Level.WARNING)
    assert f"{login}'s, who is in {team}" in fault.what and "GitHub App" in fault.do


async def test_a_fault_of_githubs_own_is_not_the_networks(settings: Settings, world: World) -> None:
    world.misbehave(Misbehaviour("/orgs/AAROC", status=500))
    found = await examine_github(settings)
    assert found[0].do == "GitHub has a fault of its own: wait, and see its status page"


async def test_a_token_that_github_refuses(settings: Settings, world: World) -> None:
    world.token = "another"
    fault = only_fault(await examine_github(settings))
    assert (fault.check, fault.level) == ("GitHub token", Level.FAILED)
    assert fault.what == "GitHub does not accept the bot's token (401)"


async def test_github_is_away(names: dict[str, object], settings_of: SettingsOf) -> None:
    fault = only_fault(
        await examine_github(settings_of(**names | {"GITHUB__API_URL": "http://127.0.0.1:1"}))
    )
    assert (fault.level, fault.what) == (Level.FAILED, "GitHub does not answer")


async def test_a_token_is_not_sent_in_the_clear(
    names: dict[str, object], settings_of: SettingsOf
) -> None:
    clear = settings_of(**names | {"GITHUB__API_URL": "http://github.example"})
    assert only_fault(await examine_github(clear)).level is Level.FAILED
    clear = settings_of(**names | {"GITHUB__WEB_URL": "http://github.example"})
    fault = only_fault(await examine_github(clear))
    assert (fault.check, fault.what) == (LOGIN, "would be in the clear")


@pytest.mark.parametrize("team", ["experts", "sites"])
async def test_a_team_that_is_not_shown(settings: Settings, world: World, team: str) -> None:
    world.misbehave(Misbehaviour(f"/orgs/AAROC/teams/{team}", status=404))
    found = levels(await examine_github(settings))
    assert found[f"GitHub {team}' team"] is Level.FAILED
    assert found["GitHub token"] is Level.OK


async def test_memberships_that_the_token_does_not_show(settings: Settings, world: World) -> None:
    world.misbehave(Misbehaviour("/orgs/AAROC/memberships", status=404))
    fault = only_fault(await examine_github(settings))
    assert (fault.check, fault.level) == ("GitHub memberships", Level.FAILED)
    assert "read:org" in fault.do


async def test_nobody_can_approve(settings: Settings, world: World) -> None:
    world.teams["experts"].people.clear()
    fault = only_fault(await examine_github(settings))
    assert (fault.check, fault.level) == ("GitHub memberships", Level.WARNING)


async def test_what_the_settings_name_is_not_there(
    names: dict[str, object], settings_of: SettingsOf
) -> None:
    other = settings_of(**names | {"GITHUB__REPOSITORY": "AAROC/Other"})
    assert only_fault(await examine_github(other)).check == "GitHub repository"
    other = settings_of(**names | {"GITHUB__ORG": "nobodys"})
    assert only_fault(await examine_github(other)).what == "shows no organisation nobodys"


@pytest.mark.parametrize("missing", ["GITHUB__ORG", "GITHUB__TOKEN"])
async def test_half_of_it_is_set(
    names: dict[str, object], settings_of: SettingsOf, missing: str
) -> None:
    rest = {name: value for name, value in names.items() if name != missing}
    (fault,) = await examine_github(settings_of(**rest))
    assert fault.level is Level.FAILED and fault.do.startswith(f"set AAROC_{missing}")


async def test_logging_in(names: dict[str, object], settings_of: SettingsOf) -> None:
    rest = {name: value for name, value in names.items() if name != "GITHUB__CLIENT_ID"}
    fault = only_fault(await examine_github(settings_of(**rest)))
    assert (fault.check, fault.level) == (LOGIN, Level.WARNING)
    wrong = settings_of(**names | {"GITHUB__CLIENT_ID": "other"})
    fault = only_fault(await examine_github(wrong))
    assert fault.what == "the client id is not accepted (incorrect_client_credentials)"
    away = settings_of(**names | {"GITHUB__WEB_URL": "http://127.0.0.1:1"})
    assert only_fault(await examine_github(away)).check == LOGIN


@pytest.mark.parametrize(
    ("status", "error", "what"),
    [
        (200, "device_flow_disabled", "the device flow is off"),
        (404, "Not Found", "the client id is not accepted (404)"),
    ],
)
async def test_github_refuses_the_device_flow(
    names: dict[str, object], settings_of: SettingsOf, status: int, error: str, what: str
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"error": error}, status=status)

    async with served(answer) as pages:
        fault = only_fault(await examine_github(settings_of(**names | {"GITHUB__WEB_URL": pages})))
    assert (fault.check, fault.what) == (LOGIN, what)
