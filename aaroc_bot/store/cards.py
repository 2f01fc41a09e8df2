"""Cards and notices as the steps of runs and Changes write them; the outbox fills it."""

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection


class Cards(Protocol):
    """What a step of a run or a Change needs of the outbox, within its own transaction."""

    async def bump(self, connection: AsyncConnection, card: str, subject: str) -> None:
        """Have a card posted or edited."""
        ...

    async def notice(
        self,
        connection: AsyncConnection,
        card: str,
        subject: str,
        data: Mapping[str, Any],
        *,
        under: tuple[str, str] | None = None,
    ) -> None:
        """Have a short message posted once, in the thread of the card `under` if given."""
        ...

    def wake(self) -> None:
        """Say that rows were committed."""
        ...
