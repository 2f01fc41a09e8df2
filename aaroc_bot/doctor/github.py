"""GitHub: whether the bot is let in, shown what it must know, and told of what happens."""

import asyncio
from collections.abc import Sequence

from aaroc_bot.doctor.finding import Finding, Level, failed, ok, warning
from aaroc_bot.doctor.github_asking import Way, way_of
from aaroc_bot.doctor.github_login import LOGIN, examine_login
from aaroc_bot.doctor.github_people import examine_people, reading
from aaroc_bot.doctor.github_repository import examine_place
from aaroc_bot.doctor.limiting import limited
from aaroc_bot.github.api import Limit, Silent
from aaroc_bot.settings import Settings

TOKEN, APP = "GitHub token", "GitHub App"
ORGANISATION, WEBHOOK, LIMIT = "GitHub organisation", "GitHub webhook", "GitHub rate limit"
INSTALL = "the organisation's Settings, GitHub Apps: install it there, and let it not be suspended"
NOT_THERE = (403, 404)


async def examine_github(settings: Settings) -> list[Finding]:
    """Ask what the bot asks, with its own client."""
    check = APP if settings.github.app_id is not None else TOKEN
    if not (settings.github_token or settings.github_app_key):
        do = "set AAROC_GITHUB__TOKEN_FILE, or AAROC_GITHUB__APP_ID and its key"
        return [failed(TOKEN, "none is set", do)]
    if not settings.github.org:
        return [failed(check, "no organisation is named", "set AAROC_GITHUB__ORG")]
    try:
        way = way_of(settings)
    except ValueError as problem:
        return [failed(check, f"is not used: {problem}", "mend that as docs/github.md says")]
    try:
        inside, login = await asyncio.gather(
            _inside(way, settings), limited(LOGIN, examine_login(settings.github))
        )
    finally:
        way.api.close()
    return [*inside, login, _webhook(settings), *_limit(way.api.limit)]


async def _inside(way: Way, settings: Settings) -> Sequence[Finding]:
    """Look at what the bot is shown; where it is not let in, at nothing more."""
    first = [await limited(APP, _app(way))] if way.app else []
    if all(finding.level is Level.OK for finding in first):
        check = ORGANISATION if way.app else TOKEN
        first.append(await limited(check, _organisation(way, check)))
    if any(finding.level is not Level.OK for finding in first):
        return first
    people, place = await asyncio.gather(
        examine_people(way, settings.github), examine_place(way, settings)
    )
    return [*first, *people, *place]


async def _app(way: Way) -> Finding:
    """Log in as the App, and take a token as the bot does."""
    try:
        slug = await way.api.app()
    except Silent as silent:
        told = way.not_told(APP, silent)
        return failed(APP, told.what, INSTALL if silent.status in NOT_THERE else told.do)
    return ok(APP, f"{slug} is installed in {way.org}")


async def _organisation(way: Way, check: str) -> Finding:
    """See whether the organisation is shown, and whose a token is: Changes bear that name."""
    if await way.get(check, way.root) is None:
        do = f"see AAROC_GITHUB__ORG, or {reading(way)}"
        return failed(check, f"shows no organisation {way.org}", do)
    if way.app:
        return ok(check, f"shows the organisation {way.org}")
    user = await way.get(check, "/user")
    login = user.get("login") if isinstance(user, dict) else "somebody"
    return ok(check, f"is {login}'s, and shows the organisation {way.org}")


def _webhook(settings: Settings) -> Finding:
    """Say how the bot learns what happens; a secret without a port is a fault of the settings.

    A port without any secret answers nobody: something was forgotten.
    """
    hooks = settings.hooks
    if settings.github_webhook_secret:
        where = f"{hooks.host}:{hooks.port}/github"
        return ok(WEBHOOK, f"the secret is set, calls arrive at {where}")
    by_itself = "the bot asks GitHub by itself every half a minute"
    others = settings.slack_signing_secret or settings.telegram_webhook_secret
    if hooks.port is not None and not others:
        what = f"off, {by_itself}; AAROC_HOOKS__PORT is set, and no secret of who could call there"
        do = "set AAROC_GITHUB__WEBHOOK_SECRET_FILE, or leave the port out"
        return warning(WEBHOOK, what, do)
    if hooks.port is not None:
        how = "AAROC_HOOKS__PORT is set and AAROC_GITHUB__WEBHOOK_SECRET_FILE is not"
        return ok(WEBHOOK, f"off, {by_itself}; {how}: GitHub's calls find no path")
    return ok(WEBHOOK, f"off, {by_itself}")


def _limit(limit: Limit | None) -> Sequence[Finding]:
    """Say how many calls are left; nothing where no answer told it."""
    if limit is None:
        return []
    what = f"{limit.remaining:,} of {limit.limit:,} calls left until {limit.resets_at:%H:%M} UTC"
    if not limit.low:
        return [ok(LIMIT, what)]
    do = "see what else asks GitHub by the bot's right; at none the bot waits for that time"
    return [warning(LIMIT, what, do)]
