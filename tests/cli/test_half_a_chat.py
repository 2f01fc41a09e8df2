"""Half a chat is none: what is missing beside what is set is told before anything starts."""

import os
from pathlib import Path

import pytest

from aaroc_bot.redacting import Redacting
from aaroc_bot.settings import SettingsFault, read

SLACK = {"SLACK__BOT_TOKEN": "xoxb-1", "SLACK__APP_TOKEN": "xapp-1"}
CHANNEL = {"SLACK__CHANNELS": '["C0123456789"]'}
TELEGRAM = {"TELEGRAM__TOKEN": "1:secret", "TELEGRAM__CHATS": "[-100]"}
HOOK = {"TELEGRAM__WEBHOOK_URL": "https://roc.example/telegram"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"SLACK__APP_TOKEN": "xapp-1"}, "AAROC_SLACK__BOT_TOKEN is missing."),
        ({"SLACK__SIGNING_SECRET": "s"}, "AAROC_SLACK__BOT_TOKEN is missing."),
        (CHANNEL, "AAROC_SLACK__BOT_TOKEN is missing."),
        (SLACK, "AAROC_SLACK__CHANNELS is missing"),
        ({"SLACK__BOT_TOKEN": "xoxb-1", **CHANNEL}, "AAROC_SLACK__APP_TOKEN (Socket Mode) or"),
        ({**SLACK, **CHANNEL, "SLACK__SIGNING_SECRET": "s"}, "one of them only"),
        ({**SLACK, "SLACK__CHANNELS": '["roc"]'}, "AAROC_SLACK__CHANNELS: roc is no id"),
        ({**SLACK, **CHANNEL, "SLACK__API_URL": "https://slack.example"}, "it ends in /api/"),
        (
            {"SLACK__BOT_TOKEN": "x", "SLACK__SIGNING_SECRET": "s", **CHANNEL},
            "AAROC_HOOKS__PORT is missing: Slack",
        ),
        ({"TELEGRAM__CHATS": "[-100]"}, "AAROC_TELEGRAM__TOKEN is missing."),
        (HOOK, "AAROC_TELEGRAM__TOKEN is missing."),
        ({"TELEGRAM__TOKEN": "1:secret"}, "AAROC_TELEGRAM__CHATS is missing"),
        ({**TELEGRAM, "TELEGRAM__API_URL": "https://t.example"}, "it ends in /bot"),
        ({**TELEGRAM, **HOOK}, "AAROC_TELEGRAM__WEBHOOK_SECRET is missing"),
        ({**TELEGRAM, **HOOK}, "AAROC_HOOKS__PORT is missing: Telegram"),
        ({"GITHUB__WEBHOOK_SECRET": "s" * 15}, "at least 16 characters: make one with `openssl"),
        ({"TELEGRAM__WEBHOOK_SECRET": "s"}, "AAROC_TELEGRAM__WEBHOOK_SECRET: at least 16"),
        ({"GITHUB__TOKEN": "a"}, "AAROC_GITHUB__TOKEN: a secret has at least 6 characters."),
        ({"SLACK__SIGNING_SECRET": "s"}, "AAROC_SLACK__SIGNING_SECRET: a secret has at least 6"),
        ({**TELEGRAM, "TELEGRAM__WEBHOOK_URL": "http://roc.example"}, "it begins with https://"),
    ],
)
def test_what_is_missing_is_told(
    given: dict[str, str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AAROC_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AAROC_STATE_DIR", str(tmp_path))
    for name, value in given.items():
        monkeypatch.setenv(f"AAROC_{name}", value)
    with pytest.raises(SettingsFault) as fault:
        read()
    assert any(told in sentence for sentence in fault.value.faults), fault.value.faults


def test_a_short_password_of_a_database_blacks_out_nothing() -> None:
    redacting = Redacting(["a", "long-enough"])
    assert redacting.text("a word and long-enough") == "a word and •••"


def test_whole_chats_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AAROC_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AAROC_STATE_DIR", str(tmp_path))
    for name, value in {**SLACK, **CHANNEL, **TELEGRAM}.items():
        monkeypatch.setenv(f"AAROC_{name}", value)
    settings = read()
    assert settings.slack.channels == ("C0123456789",)
    assert settings.telegram.chats == (-100,)


def test_every_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AAROC_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AAROC_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("AAROC_SLACK__BOT_TOKEN_FILE", "/nope")
    monkeypatch.setenv("AAROC_DATABASE_FILE", "/nor/this")
    monkeypatch.setenv("AAROC_TELEGRAM__TOKEN_FILE", "")
    with pytest.raises(SettingsFault) as fault:
        read()
    assert sorted(fault.value.faults) == [
        "AAROC_DATABASE_FILE: /nor/this cannot be read: No such file or directory.",
        "AAROC_SLACK__BOT_TOKEN_FILE: /nope cannot be read: No such file or directory.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("TELEGRAM__CHATS", "-1001", "a list is written as JSON: [1, 2]."),
        ("SLACK__CHANNELS", '"C0ROC"', 'a list is written as JSON: ["one", "two"].'),
        ("SLACK__CHANELS", "[]", "is no setting. The nearest is AAROC_SLACK__CHANNELS."),
    ],
)
def test_a_slip_is_told_once_in_our_words(
    name: str, value: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in [other for other in os.environ if other.startswith("AAROC_")]:
        monkeypatch.delenv(other)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AAROC_STATE_DIR", str(tmp_path))
    monkeypatch.setenv(f"AAROC_{name}", value)
    with pytest.raises(SettingsFault) as fault:
        read()
    (sentence,) = fault.value.faults
    assert sentence.endswith(told)
