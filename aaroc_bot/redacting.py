"""The redaction in force: what is secret is known from the repository and the settings."""

import asyncio
from collections.abc import Iterable
from functools import lru_cache

from aaroc_bot.core.redaction import Redactor
from aaroc_bot.settings import SHORTEST

SHORT = 120
"""Characters of a text whose redaction is remembered: names of sites and hosts, cells."""
REMEMBERED = 8_192
"""How many of them."""


class Redacting:
    """Fills the `Redaction` port with the newest `Redactor`."""

    def __init__(self, own: Iterable[str]) -> None:
        """Begin with the operator's own secrets: tokens, passwords in addresses.

        One that is shorter than the settings allow (a database's password may be) stands in
        everyday words: hiding it would black out all that is said.
        """
        self._own = frozenset(secret for secret in own if len(secret) >= SHORTEST)
        self._known = self._own
        self._use(Redactor(self._own))

    def text(self, text: str) -> str:
        """Give the text without any secret in it."""
        return self._short(text) if len(text) <= SHORT else self._redactor.text(text)

    async def know(self, secrets: frozenset[str]) -> None:
        """Take out these values too, from now on; what was known before stays known.

        A secret that left the repository today may still stand in a log of yesterday.
        """
        known = self._known | secrets
        if known != self._known:
            self._use(await asyncio.to_thread(Redactor, known))
            self._known = known

    def _use(self, redactor: Redactor) -> None:
        """Redact with it from now on; names and words that come again and again only once."""
        self._redactor = redactor
        self._short = lru_cache(maxsize=REMEMBERED)(redactor.text)
