"""What the digest asks of the rows."""

from datetime import datetime
from typing import Protocol

from aaroc_bot.core.digest import Facts


class Digests(Protocol):
    """What happened between digests. Filled by scheduling; raises `Unavailable`."""

    async def last(self) -> datetime | None:
        """Give when the last digest was made; None: never yet."""
        ...

    async def facts(self, since: datetime) -> Facts:
        """Tell what happened after a moment, and what is open."""
        ...
