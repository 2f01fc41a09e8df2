"""What the doctor says of Slack; each fault alone, against the emulator."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from aaroc_bot.chat.slack_manifest import SCOPES
from aaroc_bot.doctor import limiting
from aaroc_bot.doctor.finding import Finding, Level
from aaroc_bot.doctor.slack import SCOPE, TOKEN, WAY, examine_slack
from tests.doctor.conftest import SettingsOf, levels, only_fault
from tests.emulators.slack import Slack


@dataclass(frozen=True, slots=True)
class Set:
    """A workspace with the bot in it, and the settings that fit."""

    slack: Slack
    names: dict[str, object]
    settings_of: SettingsOf
    roc: str

    async def examined(self, **other: object) -> list[Finding]:
        """Examine with some settings otherwise; None takes one out."""
        names = {name: v for name, v in (self.names | other).items() if v is not None}
        return await examine_slack(self.settings_of(**names))


@pytest.fixture
async def workspace(settings_of: SettingsOf) -> AsyncIterator[Set]:
    async with Slack() as slack:
        slack.scopes.clear()
        slack.scopes.update(SCOPES)
        roc = slack.channel("roc")
        names: dict[str, object] = {
            "SLACK__API_URL": slack.api_url,
            "SLACK__BOT_TOKEN": slack.bot_token,
            "SLACK__APP_TOKEN": slack.app_token,
            "SLACK__CHANNELS": [roc],
        }
        yield Set(slack, names, settings_of, roc)


async def test_all_is_well(workspace: Set) -> None:
    other = workspace.slack.channel("sites")
    found = await workspace.examined(SLACK__CHANNELS=[workspace.roc, other])
    assert set(levels(found).values()) == {Level.OK}
    name = next(iter(found)).what.split()[1]
    assert [(finding.check, finding.what) for finding in found] == [
        (TOKEN, f"as {name} in AAROC (T0AAROC)"),
        (SCOPE, f"all {len(SCOPES)}"),
        (WAY, "Socket Mode opens with the app token"),
        (f"Slack channel {workspace.roc}", "the bot is in #roc, the ROC's channel"),
        (f"Slack channel {other}", "the bot is in #sites"),
    ]
    assert not workspace.slack.faults and not workspace.slack.sockets


async def test_signed_calls_are_not_tried(workspace: Set) -> None:
    found = await workspace.examined(
        SLACK__APP_TOKEN=None, SLACK__SIGNING_SECRET="signed", HOOKS__PORT=8443
    )
    assert set(levels(found).values()) == {Level.OK}
    assert found[2].what == "HTTP: the signing secret is set, calls arrive at 127.0.0.1:8443/slack"


async def test_a_token_that_slack_refuses(workspace: Set) -> None:
    fault = only_fault(await workspace.examined(SLACK__BOT_TOKEN="xoxb-old"))
    assert (fault.check, fault.what) == (TOKEN, "Slack refuses: invalid_auth")
    assert "AAROC_SLACK__BOT_TOKEN" in fault.do


async def test_tokens_that_were_revoked(workspace: Set) -> None:
    workspace.slack.revoke()
    found = await workspace.examined()
    assert levels(found) == {TOKEN: Level.FAILED, WAY: Level.FAILED}
    assert found[0].what == "Slack refuses: token_revoked"


@pytest.mark.parametrize("wrong", ["xapp-old", "xoxb-emulated"])
async def test_an_app_token_that_opens_no_socket(workspace: Set, wrong: str) -> None:
    fault = only_fault(await workspace.examined(SLACK__APP_TOKEN=wrong))
    assert (fault.check, fault.level) == (WAY, Level.FAILED)
    assert "connections:write" in fault.do


async def test_an_app_token_without_its_scope(workspace: Set) -> None:
    workspace.slack.fail("apps.connections.open", "missing_scope")
    fault = only_fault(await workspace.examined())
    assert (fault.check, fault.what) == (WAY, "Socket Mode: Slack refuses: missing_scope")
    assert "connections:write" in fault.do


async def test_scopes_too_few_and_too_many(workspace: Set) -> None:
    workspace.slack.scopes.remove("reactions:write")
    fault = only_fault(await workspace.examined())
    assert (fault.check, fault.what) == (SCOPE, "missing: reactions:write")
    assert fault.level is Level.FAILED and "aaroc-bot slack manifest" in fault.do
    workspace.slack.scopes.update({"reactions:write", "admin"})
    fault = only_fault(await workspace.examined())
    assert (fault.level, fault.what) == (Level.WARNING, "more than the bot needs: admin")


async def test_a_channel_without_the_bot(workspace: Set) -> None:
    workspace.slack.channels[workspace.roc].bot_in = False
    fault = only_fault(await workspace.examined())
    assert (fault.level, fault.what) == (Level.FAILED, "the bot is not in #roc")
    assert fault.do.startswith("type there: /invite @")


async def test_a_channel_that_is_archived(workspace: Set) -> None:
    workspace.slack.channels[workspace.roc].archived = True
    assert only_fault(await workspace.examined()).what == "#roc is archived"


async def test_a_channel_that_is_none(workspace: Set) -> None:
    fault = only_fault(await workspace.examined(SLACK__CHANNELS=[workspace.roc, "C0NOWHERE"]))
    assert fault.check == "Slack channel C0NOWHERE"
    assert fault.what == "Slack refuses: channel_not_found"


async def test_slack_is_away(workspace: Set) -> None:
    await workspace.slack.stop()
    found = await workspace.examined()
    assert {finding.what for finding in found} == {
        "Slack does not answer",
        "Socket Mode: Slack does not answer",
    }


async def test_slack_answers_with_a_page(workspace: Set) -> None:
    workspace.slack.fail("auth.test", "", status=502)
    assert only_fault(await workspace.examined()).what == "Slack's answer cannot be read"


async def test_one_silent_question_does_not_hide_the_others(
    workspace: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiting, "SECONDS", 0.5)
    workspace.slack.silent("conversations.info", effect=False, hang=True)
    fault = only_fault(await workspace.examined())
    assert fault.check == f"Slack channel {workspace.roc}"
    assert fault.what.startswith("no answer within")


async def test_a_token_is_not_sent_in_the_clear(workspace: Set) -> None:
    fault = only_fault(await workspace.examined(SLACK__API_URL="http://slack.example/api/"))
    assert fault.what == "would travel in the clear" and not workspace.slack.calls
