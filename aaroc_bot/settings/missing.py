"""What is missing beside what is set (half a chat is none), and secrets too short to be any."""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from aaroc_bot.settings.groups import Part
from aaroc_bot.settings.model import PREFIX, Settings

_SLACK_CHANNEL = re.compile(r"[CG][A-Z0-9]{7,20}")
SHORTEST = 6
"""Characters of a secret at least: every one is hidden wherever it stands, in words too."""
_CHOSEN = 16
"""Characters at least of a secret that the operator makes up and whoever calls could guess."""
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def unreadable(settings: Settings) -> Iterator[str]:
    """Name the files that should hold a secret and cannot be read."""
    parts: dict[str, BaseModel] = {"": settings}
    parts |= {f"{name}__": part for name, part in settings if isinstance(part, Part)}
    for prefix, part in parts.items():
        values = dict(part)
        for name, file in values.items():
            secret, is_file, _ = name.partition("_file")
            if not is_file or secret not in values or not isinstance(file, Path):
                continue
            try:
                file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as problem:
                why = problem.strerror if isinstance(problem, OSError) else "it is no text"
                yield f"{PREFIX}{f'{prefix}{name}'.upper()}: {file} cannot be read: {why}."


def incomplete(settings: Settings) -> list[str]:
    """List what is missing beside what is set: half a chat is none."""
    return [
        *_github_faults(settings),
        *_slack_faults(settings),
        *_telegram_faults(settings),
        *_short_secrets(settings),
    ]


def _short_secrets(settings: Settings) -> Iterator[str]:
    made = "make one with `openssl rand -hex 32`"
    for name, secret in (
        ("GITHUB__WEBHOOK_SECRET", settings.github_webhook_secret),
        ("TELEGRAM__WEBHOOK_SECRET", settings.telegram_webhook_secret),
    ):
        if secret and len(secret) < _CHOSEN:
            yield f"{PREFIX}{name}: at least {_CHOSEN} characters: {made}."
    for name, secret in (
        ("GITHUB__TOKEN", settings.github_token),
        ("GITHUB__APP_KEY", settings.github_app_key),
        ("SLACK__BOT_TOKEN", settings.slack_bot_token),
        ("SLACK__APP_TOKEN", settings.slack_app_token),
        ("SLACK__SIGNING_SECRET", settings.slack_signing_secret),
        ("TELEGRAM__TOKEN", settings.telegram_token),
    ):
        if secret and len(secret) < SHORTEST:
            yield f"{PREFIX}{name}: a secret has at least {SHORTEST} characters."


def _github_faults(settings: Settings) -> Iterator[str]:
    github, name = settings.github, f"{PREFIX}GITHUB__"
    if (github.app_id is None) != (not settings.github_app_key):
        yield f"{name}APP_ID and {name}APP_KEY_FILE go together."
    if github.app_id is not None and settings.github_token:
        yield f"{name}TOKEN or {name}APP_ID is wanted, and one of them only."
    if settings.github_webhook_secret and settings.hooks.port is None:
        yield f"{PREFIX}HOOKS__PORT is missing: GitHub calls the bot there."


def _slack_faults(settings: Settings) -> Iterator[str]:
    slack, name = settings.slack, f"{PREFIX}SLACK__"
    socket, http = bool(settings.slack_app_token), bool(settings.slack_signing_secret)
    if not settings.slack_bot_token:
        if slack.channels or socket or http:
            yield f"{name}BOT_TOKEN is missing."
        return
    if not slack.channels:
        yield f"{name}CHANNELS is missing: the ids of the channels, the ROC's first."
    for channel in slack.channels:
        if not _SLACK_CHANNEL.fullmatch(channel):
            yield f"{name}CHANNELS: {channel} is no id; one is written C0123456789."
    if socket == http:
        both = f"{name}APP_TOKEN (Socket Mode) or {name}SIGNING_SECRET (HTTP)"
        yield f"{both} is wanted, and one of them only."
    if not slack.api_url.endswith("/api/"):
        yield f"{name}API_URL: it ends in /api/."
    if http and settings.hooks.port is None:
        yield f"{PREFIX}HOOKS__PORT is missing: Slack calls the bot there in HTTP mode."


def _telegram_faults(settings: Settings) -> Iterator[str]:
    telegram, name = settings.telegram, f"{PREFIX}TELEGRAM__"
    url, secret = telegram.webhook_url, settings.telegram_webhook_secret
    if not settings.telegram_token:
        if telegram.chats or url or secret:
            yield f"{name}TOKEN is missing."
        return
    if not telegram.chats:
        yield f"{name}CHATS is missing: the ids of the chats, the ROC's first."
    if not telegram.api_url.endswith("/bot"):
        yield f"{name}API_URL: it ends in /bot."
    if not url:
        return
    if not url.startswith("https://"):
        yield f"{name}WEBHOOK_URL: it begins with https://."
    if not secret:
        yield f"{name}WEBHOOK_SECRET is missing: it goes with {name}WEBHOOK_URL."
    elif not _WEBHOOK_SECRET.fullmatch(secret):
        yield f"{name}WEBHOOK_SECRET: 1 to 256 letters, digits, _ and -."
    if settings.hooks.port is None:
        yield f"{PREFIX}HOOKS__PORT is missing: Telegram calls the bot there."
