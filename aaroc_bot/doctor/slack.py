"""Slack: its tokens, scopes, channels, and the way in which it reaches the bot."""

from dataclasses import replace

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from aaroc_bot.chat.slack_manifest import SCOPES
from aaroc_bot.doctor.addresses import is_local, is_private
from aaroc_bot.doctor.finding import Finding, failed, ok, warning
from aaroc_bot.doctor.limiting import Unfit, limited, together
from aaroc_bot.settings import Settings

TOKEN, SCOPE, WAY = "Slack token", "Slack scopes", "Slack connection"
REINSTALL = "update the app with the manifest of `aaroc-bot slack manifest`, then reinstall it"
AWAY = "see whether this machine reaches AAROC_SLACK__API_URL"
REMEDIES = {
    "missing_scope": REINSTALL,
    "ratelimited": "try again in a minute",
}
"""What helps against Slack's errors, whichever question they answer."""


async def examine_slack(settings: Settings) -> list[Finding]:
    """Look at everything of Slack's, which is configured; without a token at nothing that needs it."""
    url = settings.slack.api_url
    if not is_private(url):
        return [failed(TOKEN, "would travel in the clear", "AAROC_SLACK__API_URL: use https://")]
    async with aiohttp.ClientSession(trust_env=not is_local(url)) as session:
        client = AsyncWebClient(
            settings.slack_bot_token, base_url=url, session=session, retry_handlers=[]
        )
        if is_local(url):
            client.proxy = None  # slack_sdk would take the environment's for loopback too
        said: list[AsyncSlackResponse] = []
        findings = [await limited(TOKEN, _token(client, said))]
        if not said:
            return [*findings, await limited(WAY, _way(client, settings))]
        handle = str(said[0].get("user", "aaroc"))
        return findings + await together(
            limited(SCOPE, _scopes(said[0])),
            limited(WAY, _way(client, settings)),
            *(
                limited(_named(id), _channel(client, id, handle, first=number == 0))
                for number, id in enumerate(settings.slack.channels)
            ),
        )


async def _token(client: AsyncWebClient, said: list[AsyncSlackResponse]) -> Finding:
    """Ask whose token it is; what Slack said goes into `said` if it is a bot's."""
    do = "AAROC_SLACK__BOT_TOKEN: take the one of OAuth & Permissions (xoxb-…)"
    try:
        answer = await client.auth_test()
    except (SlackApiError, aiohttp.ClientError, OSError) as problem:
        raise Unfit(_refused(TOKEN, problem, do)) from None
    if not answer.get("bot_id"):
        return failed(TOKEN, f"is a person's ({answer.get('user')}), not a bot's", do)
    said.append(answer)
    return ok(TOKEN, f"as {answer.get('user')} in {answer.get('team')} ({answer.get('team_id')})")


async def _scopes(answer: AsyncSlackResponse) -> Finding:
    """Compare what the token may do, as Slack told beside its answer, with the manifest."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    told = headers.get("x-oauth-scopes")
    if told is None:
        return warning(SCOPE, "Slack does not tell them", "look at OAuth & Permissions")
    granted = {scope.strip() for scope in str(told).split(",")} - {""}
    wanted = set(SCOPES)
    if missing := sorted(wanted - granted):
        return failed(SCOPE, f"missing: {', '.join(missing)}", REINSTALL)
    if more := sorted(granted - wanted):
        return warning(SCOPE, f"more than the bot needs: {', '.join(more)}", REINSTALL)
    return ok(SCOPE, f"all {len(wanted)}")


async def _way(client: AsyncWebClient, settings: Settings) -> Finding:
    """See whether Slack reaches the bot: by a socket that the bot opens, or by signed calls."""
    if app_token := settings.slack_app_token:
        return await _socket(client, app_token)
    where = f"{settings.hooks.host}:{settings.hooks.port}"
    return ok(WAY, f"HTTP: the signing secret is set, calls arrive at {where}/slack")


async def _socket(client: AsyncWebClient, app_token: str) -> Finding:
    """Ask for a ticket, which is not used and expires by itself."""
    do = "AAROC_SLACK__APP_TOKEN: take one (xapp-…) with connections:write of Basic Information"
    try:
        await client.apps_connections_open(app_token=app_token)
    except (SlackApiError, aiohttp.ClientError, OSError) as problem:
        told = _refused(WAY, problem, do)
        # The manifest's scopes are the bot token's: an app token's scope is chosen with it.
        return replace(
            told, what=f"Socket Mode: {told.what}", do=do if told.do == REINSTALL else told.do
        )
    return ok(WAY, "Socket Mode opens with the app token")


def _named(id: str) -> str:
    return f"Slack channel {id}"


async def _channel(client: AsyncWebClient, id: str, handle: str, *, first: bool) -> Finding:
    """See whether the bot is in a channel; the `first` one is the ROC's."""
    check = _named(id)
    do = f"type there: /invite @{handle}; or see the id in AAROC_SLACK__CHANNELS (C…)"
    try:
        answer = await client.conversations_info(channel=id)
    except (SlackApiError, aiohttp.ClientError, OSError) as problem:
        return _refused(check, problem, do)
    channel = answer.get("channel") or {}
    name = f"#{channel.get('name', id)}"
    if channel.get("is_archived"):
        return failed(check, f"{name} is archived", "AAROC_SLACK__CHANNELS: name another")
    if not channel.get("is_member"):
        return failed(check, f"the bot is not in {name}", f"type there: /invite @{handle}")
    return ok(check, f"the bot is in {name}" + (", the ROC's channel" if first else ""))


def _refused(check: str, problem: Exception, do: str) -> Finding:
    """Say what Slack refused and what helps; `do` where the token or the id is at fault."""
    if not isinstance(problem, SlackApiError):
        return failed(check, "Slack does not answer", AWAY)
    answer = problem.response
    data = getattr(answer, "data", answer)
    if not isinstance(data, dict) or "error" not in data:
        return failed(check, "Slack's answer cannot be read", AWAY)
    error = str(data["error"])
    return failed(check, f"Slack refuses: {error}", REMEDIES.get(error, do))
