"""The clock: compared with the Date of each configured service's answers."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from aaroc_bot.clock import now
from aaroc_bot.doctor.addresses import is_local
from aaroc_bot.doctor.finding import Finding, failed, off, ok, warning
from aaroc_bot.doctor.limiting import SECONDS
from aaroc_bot.settings import Settings

CLOCK = "Clock"
MOST = timedelta(seconds=60)
"""How far off it may be: approvals, links and Slack's signatures go by it."""
PATIENCE = SECONDS - 2
"""Seconds for an answer: the others count though one is silent."""


async def examine_clock(settings: Settings) -> Finding:
    """Ask every configured service at once. One that agrees is enough: a cache may be in between."""
    services = _services(settings)
    if not services:
        return off(CLOCK)
    told = await asyncio.gather(*(_ahead(url) for _, url in services))
    known = [
        (ahead, name) for ahead, (name, _) in zip(told, services, strict=True) if ahead is not None
    ]
    if not known:
        return warning(CLOCK, "cannot be told: nobody answers", "see the lines above")
    ahead, name = min(known, key=lambda one: abs(one[0]))
    if abs(ahead) <= MOST:
        return ok(CLOCK, f"agrees with {name}'s")
    which = "ahead of" if ahead > timedelta() else "behind"
    what = f"{abs(ahead).total_seconds():.0f} s {which} {name}'s"
    return failed(CLOCK, what, "keep this machine's clock by NTP")


def _services(settings: Settings) -> Sequence[tuple[str, str]]:
    every = (
        ("GitHub", settings.github.api_url, settings.github_token or settings.github_app_key),
        ("Slack", settings.slack.api_url, settings.slack_bot_token),
        ("Telegram", settings.telegram.api_url, settings.telegram_token),
    )
    return [(name, url) for name, url, token in every if token]


async def _ahead(url: str) -> timedelta | None:
    """Give how far this machine's clock is ahead of a server's; None if that does not tell.

    Half of the time that the answer took counts as its way here. No secret is sent.
    """
    limit = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with aiohttp.ClientSession(trust_env=not is_local(url), timeout=limit) as session:
            asked = now()
            async with session.head(url, allow_redirects=False) as answer:
                halfway = asked + (now() - asked) / 2
                age = int(answer.headers.get("Age", "0"))
                written = parsedate_to_datetime(answer.headers["Date"])
    except (aiohttp.ClientError, OSError, KeyError, ValueError):
        return None
    if written.tzinfo is None:  # RFC 9110 allows GMT alone, which Python reads as no zone
        written = written.replace(tzinfo=UTC)
    return halfway - written - timedelta(seconds=age)
