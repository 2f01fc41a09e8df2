"""The device flow (RFC 8628) as GitHub's web host has it, with a page on which to confirm.

The one thing that GitHub does otherwise: there one confirms as who is signed in, here as
whichever sample person one chooses.
"""

from html import escape
from urllib.parse import urlencode

from aiohttp import web

from aaroc_bot.sandbox.github.answers import WORLD
from aaroc_bot.sandbox.github.pages.guard import form as read_form
from aaroc_bot.sandbox.github.pages.guard import refuse_other_hosts
from aaroc_bot.sandbox.github.world import User, World

routes = web.RouteTableDef()
"""What programs ask; no form of a page leads here."""
page = web.RouteTableDef()
"""The page for people; `pages.web_host` keeps strangers and other pages' forms from it."""

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
DOCS = "https://docs.github.com/apps/building-oauth-apps/authorizing-oauth-apps/"
WORDS = {
    "authorization_pending": "The authorization request is still pending.",
    "slow_down": "Too many requests have been made in the same timeframe.",
    "expired_token": "The device_code has expired.",
    "access_denied": "The authorization request was denied.",
    "incorrect_device_code": "The device_code provided is not valid.",
    "incorrect_client_credentials": "The client_id passed is incorrect.",
    "unsupported_grant_type": "The grant type was not included or is not supported.",
    "device_flow_disabled": "Device Flow must be explicitly enabled for this App",
}


@routes.post("/login/device/code")
async def code(request: web.Request) -> web.Response:
    """Give out a code. Raises `Problem`."""
    refuse_other_hosts(request)
    granting, sent = request.app[WORLD].granting, await request.post()
    if sent.get("client_id") != granting.client_id:
        return _told(request, {"error": "Not Found"}, status=404)
    if not granting.enabled:
        return _wrong(request, {"error": "device_flow_disabled"})
    grant = granting.begin()
    return _told(
        request,
        {
            "device_code": grant.device,
            "user_code": grant.code,
            "verification_uri": f"{request.url.origin()}/login/device",
            "expires_in": granting.lasts,
            "interval": grant.interval,
        },
    )


@routes.post("/login/oauth/access_token")
async def access_token(request: web.Request) -> web.Response:
    """Say what came of a code. Raises `Problem`."""
    refuse_other_hosts(request)
    granting, sent = request.app[WORLD].granting, await request.post()
    if sent.get("client_id") != granting.client_id:
        return _wrong(request, {"error": "incorrect_client_credentials"})
    if sent.get("grant_type") != GRANT:
        return _wrong(request, {"error": "unsupported_grant_type"})
    outcome = granting.outcome(str(sent.get("device_code", "")))
    return _wrong(request, outcome) if "error" in outcome else _told(request, outcome)


@page.get("/login/device")
async def form(request: web.Request) -> web.Response:
    """Show the page on which a code is entered."""
    return _page(request.app[WORLD])


@page.post("/login/device")
async def decide(request: web.Request) -> web.Response:
    """Confirm a code as one of the sample persons, or deny it. Raises `Problem`."""
    world, sent = request.app[WORLD], await read_form(request)
    grant = world.granting.entered(sent.get("user_code", ""))
    who = world.user(sent.get("person", ""))
    if grant is None:
        return _page(world, "That code is not known, was used already, or is over.", status=422)
    if sent.get("decision") == "deny":
        grant.denied = True
        return _page(world, "Denied. Nobody is linked; you can close this page.")
    if who is None:
        return _page(world, "Choose who you are.", status=422)
    grant.person = who.id
    return _page(world, f"Confirmed as {who.login}. You can close this page.")


def _wrong(request: web.Request, told: dict[str, object]) -> web.Response:
    words = WORDS[str(told["error"])]
    return _told(request, {**told, "error_description": words, "error_uri": DOCS})


def _told(request: web.Request, told: dict[str, object], status: int = 200) -> web.Response:
    """Answer in JSON if that is asked for, else as a form, as GitHub does."""
    if "application/json" in request.headers.get("Accept", ""):
        return web.json_response(told, status=status)
    kind = "application/x-www-form-urlencoded"
    return web.Response(text=urlencode(told), content_type=kind, status=status)


PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Connect an account · sandbox GitHub</title>
<style>
  body {{ font: 1rem/1.5 system-ui, sans-serif; color: #1f2328; background: #fff;
    max-width: 26rem; margin: 2rem auto; padding: 0 1rem; }}
  h1 {{ font-size: 1.4rem; line-height: 1.25; }}
  label {{ display: block; margin-top: 1rem; font-weight: 600; }}
  input, select, button {{ font: inherit; width: 100%; box-sizing: border-box;
    min-height: 2.75rem; padding: .4rem .6rem; border: 1px solid #59636e;
    border-radius: .4rem; background: #fff; color: inherit; }}
  button {{ margin-top: 1rem; cursor: pointer; }}
  .yes {{ background: #1a7f37; border-color: #1a7f37; color: #fff; }}
  :focus-visible {{ outline: 3px solid #0969da; outline-offset: 2px; }}
  [role=status] {{ padding: .6rem .8rem; border-left: .3rem solid #0969da; background: #eef5fd; }}
</style>
<main>
<h1>Connect an account</h1>
{told}<p>This is the sandbox's GitHub. Whoever enters a code gives the account that it came from
their rights: never enter one that somebody sent you.</p>
<form method="post" action="/login/device">
<label for="code">Code</label>
<input id="code" name="user_code" required autocomplete="off" autocapitalize="characters"
  spellcheck="false" placeholder="XXXX-XXXX">
<label for="person">You are</label>
<select id="person" name="person">
{people}
</select>
<button class="yes" name="decision" value="confirm">Confirm</button>
<button name="decision" value="deny">Deny</button>
</form>
</main>
</html>
"""


def _page(world: World, told: str = "", status: int = 200) -> web.Response:
    people = "\n".join(map(_option, world.users.values()))
    shown = f'<p role="status">{escape(told)}</p>\n' if told else ""
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        "Cache-Control": "no-store",
    }
    text = PAGE.format(told=shown, people=people)
    return web.Response(text=text, content_type="text/html", headers=headers, status=status)


def _option(user: User) -> str:
    name = f"{user.login} ({user.name})" if user.name != user.login else user.login
    return f'<option value="{escape(user.login, quote=True)}">{escape(name)}</option>'
