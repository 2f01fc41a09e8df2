"""GitHub: whether the bot's token shows what the bot must know, and whether people can log in."""

import asyncio
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

import aiohttp
from github import Auth

from aaroc_bot.doctor.addresses import is_local, is_private
from aaroc_bot.doctor.finding import Finding, Level, failed, ok, warning
from aaroc_bot.doctor.limiting import Unfit, limited, together
from aaroc_bot.github.api import Api, Silent
from aaroc_bot.settings import GitHub, Settings

TOKEN, MEMBERS = "GitHub token", "GitHub memberships"
EXPERTS, SITES = "GitHub experts' team", "GitHub sites' team"
REPOSITORY, LOGIN = "GitHub repository", "GitHub login"
RIGHTS = "give the token the right to read the organisation's members and teams (read:org)"
SILENT = "see AAROC_GITHUB__TOKEN, and whether this machine reaches AAROC_GITHUB__API_URL"
UNKNOWN_CODE = frozenset({"incorrect_device_code", "bad_verification_code", "expired_token"})
"""What GitHub says of a code that it never gave, once it knows the client id."""


async def examine_github(settings: Settings) -> list[Finding]:
    """Ask what the bot asks, with its own client."""
    token, org = settings.github_token, settings.github.org
    if not token:
        return [failed(TOKEN, "none is set", "set AAROC_GITHUB__TOKEN")]
    if not org:
        return [failed(TOKEN, "no organisation is named", "set AAROC_GITHUB__ORG")]
    try:
        api = Api(settings.github.api_url, Auth.Token(token))
    except ValueError as problem:
        return [failed(TOKEN, f"is not sent: {problem}", "mend AAROC_GITHUB__API_URL")]
    try:
        inside, login = await asyncio.gather(
            _inside(api, settings, org), limited(LOGIN, _login(settings.github))
        )
    finally:
        api.close()
    return [*inside, login]


async def _inside(api: Api, settings: Settings, org: str) -> list[Finding]:
    """Look at what the token shows; where it shows no organisation, at nothing more."""
    root, github = f"/orgs/{quote(org, safe='')}", settings.github
    first = await limited(TOKEN, _organisation(api, root, org))
    if first.level is not Level.OK:
        return [first]
    repository = settings.github_repository
    return [first] + await together(
        limited(EXPERTS, _team(EXPERTS, api, root, github.experts_team)),
        limited(SITES, _team(SITES, api, root, github.sites_team)),
        limited(MEMBERS, _memberships(api, root, github.experts_team)),
        *([limited(REPOSITORY, _repository(api, repository))] if repository else []),
    )


async def _get(check: str, api: Api, path: str) -> object:
    """Give what GitHub says; None if it says that there is no such thing."""
    try:
        reply = await api.get(path)
    except Silent as problem:
        raise Unfit(failed(check, str(problem), SILENT)) from None
    return reply.body if reply.status == 200 else None


async def _organisation(api: Api, root: str, org: str) -> Finding:
    if await _get(TOKEN, api, root) is None:
        return failed(TOKEN, f"shows no organisation {org}", f"see AAROC_GITHUB__ORG, or {RIGHTS}")
    return ok(TOKEN, f"shows the organisation {org}")


async def _team(check: str, api: Api, root: str, slug: str) -> Finding:
    """See whether a team is there for the token. Only the inside is shown teams."""
    body = await _get(check, api, f"{root}/teams/{quote(slug, safe='')}")
    if body is None:
        name = "EXPERTS" if check == EXPERTS else "SITES"
        do = f"make the team, name it in AAROC_GITHUB__{name}_TEAM, or {RIGHTS}"
        return failed(check, f"no team {slug} is shown", do)
    return ok(check, f"{slug} is shown")


async def _memberships(api: Api, root: str, experts: str) -> Finding:
    """Ask about an expert's membership as for every command: GitHub hides it by "not found"."""
    people = await _get(
        MEMBERS, api, f"{root}/teams/{quote(experts, safe='')}/members?per_page=100"
    )
    if people is None:
        return warning(MEMBERS, "cannot be told without the experts' team", RIGHTS)
    logins = [str(cast(Mapping[str, object], one)["login"]) for one in cast(list[object], people)]
    if not logins:
        return warning(MEMBERS, f"nobody is in {experts}: nobody can approve", "add the experts")
    path = f"{root}/memberships/{quote(logins[0], safe='')}"
    if await _get(MEMBERS, api, path) is None:
        return failed(MEMBERS, f"not even the one of {logins[0]}, an expert, is shown", RIGHTS)
    more = "" if len(logins) > 1 else "; with one expert, nobody approves what that one asks for"
    return ok(MEMBERS, f"are shown{more}")


async def _repository(api: Api, name: str) -> Finding:
    if await _get(REPOSITORY, api, f"/repos/{quote(name, safe='/')}") is None:
        do = "see AAROC_GITHUB__REPOSITORY, or let the token read the repository"
        return failed(REPOSITORY, f"{name} is not shown", do)
    return ok(REPOSITORY, f"{name} is shown")


async def _login(github: GitHub) -> Finding:
    """Ask with a code that was never given: that starts no login, and tells of the client id."""
    if not github.client_id:
        do = "set AAROC_GITHUB__CLIENT_ID of an OAuth App with the device flow, or use `aaroc-bot link`"
        return warning(LOGIN, "nobody can `login`: no client id is set", do)
    if not is_private(github.web_url):
        return failed(LOGIN, "would be in the clear", "AAROC_GITHUB__WEB_URL: use https://")
    try:
        error = await _refusal(github.web_url, github.client_id)
    except (aiohttp.ClientError, OSError, ValueError):
        do = "see whether this machine reaches AAROC_GITHUB__WEB_URL"
        return failed(LOGIN, "GitHub does not answer where people log in", do)
    if error in UNKNOWN_CODE:
        return ok(LOGIN, "the client id is accepted")
    if error == "device_flow_disabled":
        return failed(LOGIN, "the device flow is off", "switch it on in the OAuth App's settings")
    do = "AAROC_GITHUB__CLIENT_ID: take it from the OAuth App's settings"
    return failed(LOGIN, f"the client id is not accepted ({error})", do)


async def _refusal(web_url: str, client_id: str) -> str:
    """Give GitHub's error for a code that nobody has; the status where there is none."""
    asked = {
        "client_id": client_id,
        "device_code": "0" * 40,
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
    }
    async with (
        aiohttp.ClientSession(trust_env=not is_local(web_url)) as session,
        session.post(
            f"{web_url.rstrip('/')}/login/oauth/access_token",
            data=asked,
            headers={"Accept": "application/json"},
            allow_redirects=False,
        ) as answer,
    ):
        if answer.status != 200 or answer.content_type != "application/json":
            return str(answer.status)
        return str(dict(await answer.json()).get("error", answer.status))
