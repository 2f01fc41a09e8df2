"""The record and what happened since the last digest, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from aaroc_bot.commands import Event, Facts, History, Recorded

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Until a digest asks about another moment."""


@dataclass
class Memory:
    """Fills the `Record` port; `events` are newest first."""

    events: Sequence[Event] = ()
    times: Mapping[int, int] = field(default_factory=dict)

    async def append(self, event: Event) -> Recorded:
        return Recorded(1, event, "", "")

    async def history(self, site: str, page: int = 1) -> History:
        rows = [Recorded(n, e, "", "") for n, e in enumerate(self.events) if e.site == site]
        shown = tuple(rows[10 * page - 10 : 10 * page])
        return History(shown, page, max(0, len(rows) - 10 * page), self.times)

    async def head(self) -> tuple[int, str]:
        return 1482, "9c41" + "0" * 58 + "e7"


@dataclass
class Digested:
    """Fills the `Digests` port: `told` happened since whatever moment is asked about."""

    before: datetime | None = None
    told: Facts = field(default_factory=lambda: Facts(EPOCH, {}, (), 0, {}, ()))

    async def last(self) -> datetime | None:
        return self.before

    async def facts(self, since: datetime) -> Facts:
        return replace(self.told, since=since)
