"""Which schedules there are to be: the operator's and those of the accepted rules."""

from collections.abc import Awaitable, Callable, Sequence

from aaroc_bot.core.schedules import Schedule

Ruled = Callable[[], Awaitable[Sequence[Schedule]]]
"""Gives the schedules of the rules in force; raises `Unavailable`."""


class Wanted:
    """The schedules in force. Of two with one name the operator's counts."""

    def __init__(self, own: Sequence[Schedule], ruled: Ruled) -> None:
        """`own` are the operator's (`AAROC_SCHEDULES`)."""
        self.own = {one.name: one for one in own}
        """The operator's, by name: these are known even while the rules cannot be read."""
        self._ruled = ruled

    async def all(self) -> dict[str, Schedule]:
        """Give all, by name. Raises `Unavailable` where the rules cannot be read."""
        return {one.name: one for one in await self._ruled()} | self.own

    async def clashes(self) -> list[str]:
        """Name those of the rules that do not count. Raises `Unavailable`."""
        return [one.name for one in await self._ruled() if one.name in self.own]
