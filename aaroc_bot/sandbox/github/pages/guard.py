"""Who may ask for a page, and who may send a form: this machine, and the page itself."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from aaroc_bot.sandbox.github.problem import Problem

FORM = 128 * 1024
"""Bytes of a form at most."""


def refuse_strangers(request: web.Request) -> None:
    """Refuse a host name that only points here (DNS rebinding), and forms of other pages.

    Raises `Problem`. A browser names in every form where it comes from; who does not say
    so is no browser's page.
    """
    refuse_other_hosts(request)
    if request.method in {"GET", "HEAD"}:
        return
    own = f"{request.scheme}://{request.host}"
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.headers.get("Origin") != own or site != "same-origin":
        raise Problem(403, "This form was sent by another page.")


def refuse_other_hosts(request: web.Request) -> None:
    """Refuse a host name that only points here. Raises `Problem`."""
    if not _is_loopback(request.host):
        raise Problem(403, "This page answers by the name of this machine only.")


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


async def form(request: web.Request) -> dict[str, str]:
    """Read a form's texts. Raises `Problem` for one that is too long or no form."""
    plain = (request.charset or "utf-8").lower() == "utf-8"
    if request.content_type != "application/x-www-form-urlencoded" or not plain:
        raise Problem(415, "A form is expected.")
    if (request.content_length or FORM + 1) > FORM:
        raise Problem(413, "This is too long.")
    try:
        sent = await request.post()
    except UnicodeDecodeError:
        raise Problem(400, "This is no text.") from None
    return {name: value for name, value in sent.items() if isinstance(value, str)}
