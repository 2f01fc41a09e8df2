"""How a page is made: templates that escape, a policy that runs nothing, words made visible."""

import base64
import hashlib
import unicodedata
from datetime import UTC, datetime
from importlib.resources import files

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aaroc_bot.sandbox.github.answers import WORLD
from aaroc_bot.sandbox.persons import REPOSITORY

UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Unicode's categories of what a reader does not see: controls, directions, separators."""

LONGEST = 65_536
"""Characters of a text that are shown at most: GitHub takes no longer ones."""
STYLE = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{HASH}'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With `no-referrer` a browser would send `Origin: null` with the page's own forms.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def seen(text: str | None) -> str:
    r"""Write what a reader would not see by its number, so that nothing hides in a line.

    >>> seen("x\u202ey\tz")
    'x⟨U+202E⟩y\tz'
    """
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) not in UNSEEN else f"⟨U+{ord(c):04X}⟩"
        for c in (text or "")[:LONGEST].replace("\r\n", "\n")
    )


def utc(at: datetime) -> str:
    """Write a time for people."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader(__package__, ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(seen=seen, utc=utc)
    made.globals.update(style=Markup(STYLE), repository=REPOSITORY)  # noqa: S704 - our own file
    return made


TEMPLATES = _templates()


def answer(request: web.Request, template: str, code: int = 200, **content: object) -> web.Response:
    """Fill a template."""
    text = TEMPLATES.get_template(template).render(org=request.app[WORLD].org, **content)
    return web.Response(text=text, content_type="text/html", headers=HEADERS, status=code)
