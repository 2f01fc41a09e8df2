"""GitHub: whether people can log in."""

import aiohttp

from aaroc_bot.doctor.addresses import is_local, is_private
from aaroc_bot.doctor.finding import Finding, failed, ok, warning
from aaroc_bot.settings import GitHub

LOGIN = "GitHub login"
UNKNOWN_CODE = frozenset({"incorrect_device_code", "bad_verification_code", "expired_token"})
"""What GitHub says of a code that it never gave, once it knows the client id."""


async def examine_login(github: GitHub) -> Finding:
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
