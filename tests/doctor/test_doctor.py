"""The doctor as a whole: the order of what it tells, how it is written, and no secret in it."""

import json

from aaroc_bot.core.redaction import Redactor
from aaroc_bot.doctor import Finding, Level, as_json, as_text, examine, healthy
from aaroc_bot.doctor.finding import cleaned
from aaroc_bot.doctor.limiting import limited
from tests.doctor.conftest import SettingsOf, levels


async def test_what_is_not_configured_is_no_fault(settings_of: SettingsOf) -> None:
    found = await examine(settings_of())
    assert healthy(found)
    assert levels(found) == {
        "Settings": Level.OK,
        "State folder": Level.OK,
        "Key files": Level.OK,
        "Known hosts": Level.WARNING,
        "Database": Level.WARNING,
        "git": Level.OK,
        "DevOps repository": Level.OFF,
        "Ansible": Level.OK,
        "ansible-runner": Level.OK,
        "GitHub": Level.OFF,
        "Slack": Level.OFF,
        "Telegram": Level.OFF,
        "Clock": Level.OFF,
    }
    assert as_text(found[9]) == "off  GitHub: not configured"


async def test_every_platform_is_asked_and_no_secret_is_told(settings_of: SettingsOf) -> None:
    nowhere = "http://127.0.0.1:1"
    secrets = {
        "DATABASE": "postgresql://aaroc:database-secret@127.0.0.1:1/d",
        "GITHUB__TOKEN": "github-secret",
        "SLACK__BOT_TOKEN": "slack-secret",
        "SLACK__APP_TOKEN": "socket-secret",
        "TELEGRAM__TOKEN": "1:telegram-secret",
    }
    others = {
        "GITHUB__ORG": "AAROC",
        "GITHUB__API_URL": nowhere,
        "SLACK__API_URL": f"{nowhere}/api/",
        "SLACK__CHANNELS": ["C0000001"],
        "TELEGRAM__API_URL": f"{nowhere}/bot",
        "TELEGRAM__CHATS": [-1],
        "REPOSITORY": "https://aaroc:repository-secret@127.0.0.1:1/devops.git",
    }
    found = await examine(settings_of(**secrets, **others))
    assert not healthy(found)
    told = "\n".join(map(as_text, found))
    assert "secret" not in told.replace("AAROC_", "")
    checks = [finding.check for finding in found if finding.level is Level.FAILED]
    assert checks == [
        "Database",
        "DevOps repository",
        "GitHub token",
        "Slack token",
        "Slack connection",
        "Telegram token",
    ]


async def test_a_check_that_breaks_is_a_finding_without_its_words() -> None:
    async def breaks() -> Finding:
        raise RuntimeError("a secret")

    found = await limited("git", breaks())
    assert found.level is Level.FAILED and "secret" not in as_text(found)


def test_others_words_stay_one_harmless_line() -> None:
    name = "roc\n\x1b[31mok   git: fine" + "x" * 1000
    found = cleaned(
        Finding("Slack token", Level.FAILED, f"{name} pass-1", ""), Redactor(["pass-1"])
    )
    assert "\n" not in as_text(found) and "\x1b" not in found.what and len(found.what) <= 400


def test_as_one_object_a_line() -> None:
    found = [Finding("a", level, "b", "c") for level in Level]
    assert [json.loads(as_json(each))["ok"] for each in found] == [True, None, False, None]
    assert json.loads(as_json(found[2])) == {"check": "a", "ok": False, "what": "b", "do": "c"}
