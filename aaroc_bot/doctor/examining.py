"""All that the doctor looks at, in the order in which it is told."""

import asyncio
from collections.abc import Coroutine, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from aaroc_bot.core.redaction import Redactor
from aaroc_bot.doctor.clock import CLOCK, examine_clock
from aaroc_bot.doctor.database import DATABASE, examine_database, moved_channels
from aaroc_bot.doctor.devops import REPOSITORY, examine_repository
from aaroc_bot.doctor.files import examine_keys, examine_known_hosts, examine_state
from aaroc_bot.doctor.finding import Finding, Level, cleaned, failed, off, ok
from aaroc_bot.doctor.known import examine_known
from aaroc_bot.doctor.limiting import limited
from aaroc_bot.doctor.programs import (
    ANSIBLE,
    GIT,
    RUNNER,
    examine_ansible,
    examine_git,
    examine_runner,
)
from aaroc_bot.own_secrets import platform_secrets
from aaroc_bot.settings import SHORTEST, Settings

DO_GITHUB = "set AAROC_GITHUB__ORG, and AAROC_GITHUB__TOKEN_FILE or an App (docs/github.md)"

Looking = Coroutine[Any, Any, Sequence[Finding]]


async def examine(settings: Settings) -> Sequence[Finding]:
    """Look at everything at once and give all findings, without any secret in them."""
    secrets = Redactor(_secrets(settings))
    found = await asyncio.gather(
        _of_files(settings),
        _one(DATABASE, examine_database(settings)),
        examine_known(settings),
        _one(GIT, examine_git()),
        _one(REPOSITORY, examine_repository(settings)),
        _one(ANSIBLE, examine_ansible()),
        _one(RUNNER, examine_runner()),
        _of_github(settings),
        _of_slack(settings),
        _of_telegram(settings),
        _one(CLOCK, examine_clock(settings)),
    )
    first = ok("Settings", "can be read")
    return [cleaned(finding, secrets) for finding in (first, *chain.from_iterable(found))]


async def _one(check: str, looking: Coroutine[Any, Any, Finding]) -> Sequence[Finding]:
    return [await limited(check, looking)]


async def _of_files(settings: Settings) -> Sequence[Finding]:
    return await asyncio.to_thread(
        lambda: [examine_state(settings), *examine_keys(settings), examine_known_hosts(settings)]
    )


async def _of_github(settings: Settings) -> Sequence[Finding]:
    github = settings.github
    if not (settings.github_token or settings.github_app_key or github.org):
        if not (settings.slack_bot_token or settings.telegram_token):
            return [off("GitHub")]
        return [failed("GitHub", "not configured: nobody in a chat may do anything", DO_GITHUB)]
    if not platform_secrets(settings) and settings.database_url.startswith("postgresql"):
        return [Finding("GitHub", Level.OFF, "no token is set; not needed by a worker")]
    from aaroc_bot.doctor.github import examine_github  # noqa: PLC0415 - a second of imports

    return await examine_github(settings)


async def _of_slack(settings: Settings) -> Sequence[Finding]:
    if not settings.slack_bot_token:
        return [off("Slack")]
    from aaroc_bot.doctor.slack import examine_slack  # noqa: PLC0415 - only where configured

    return await examine_slack(settings)


async def _of_telegram(settings: Settings) -> Sequence[Finding]:
    if not settings.telegram_token:
        return [off("Telegram")]
    from aaroc_bot.doctor.telegram import examine_telegram  # noqa: PLC0415 - likewise

    return await examine_telegram(settings, await moved_channels(settings, "telegram"))


def _secrets(settings: Settings) -> list[str]:
    """List every secret, which no finding may hold; too short a one stands in any word."""
    secrets = (_password(settings.database_url), *platform_secrets(settings))
    return [secret for secret in secrets if len(secret) >= SHORTEST]


def _password(url: str) -> str:
    try:
        return str(make_url(url).password or "")
    except ArgumentError:  # told by the database's own check, which does not quote it
        return ""
