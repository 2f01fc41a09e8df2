"""What protects the page: headers on every answer, and who may ask at all.

A browser sends requests for any site that it has open. So a request must name a loopback
host (a foreign name that was pointed here says who it is: DNS rebinding), and one that
does more than read, or opens the WebSocket, must come from this very page.
"""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}

OPEN = frozenset({"/healthz", "/readyz"})
"""Paths that any monitor may ask, by whatever name: they tell nothing about anybody."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_loopback(host: str) -> bool:
    """Whether a host, by address or as `localhost`, is this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_own_host(host: str) -> bool:
    """Whether a `Host` header names this machine, whatever the port."""
    try:
        address = urlsplit(f"//{host}")
        name = address.hostname
    except ValueError:
        return False
    return name is not None and address.netloc == host and "@" not in host and is_loopback(name)


@web.middleware
async def refuse_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a foreign `Host`, a foreign `Origin`, and whoever is not on this machine."""
    if request.path in OPEN:
        return await handler(request)
    if not is_loopback(request.remote or "") or not is_own_host(request.host):
        raise web.HTTPForbidden(text="This page answers on this machine only.")
    alters = request.method not in {"GET", "HEAD"} or "upgrade" in request.headers
    own = f"{request.scheme}://{request.host}"
    origin = request.headers.get("Origin")
    if origin != own and (alters or origin is not None):
        raise web.HTTPForbidden(text="This page answers to itself only.")
    return await handler(request)


async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on an answer, faults and refusals included."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
