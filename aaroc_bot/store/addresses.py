"""Where channels went that got another name in their chat."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import select, update

from aaroc_bot.core.run import State
from aaroc_bot.store.database import Database
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import addresses, outbox, runs

OPEN = [state.value for state in State if not state.ended]


class Addresses:
    """Fills the port `Addresses`."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """Keep them in `database`; `now` is the clock, aware."""
        self._database = database
        self._now = now

    async def all(self, chat: str) -> Mapping[str, str]:
        """Give the new name of each channel that moved, by the one that the operator set."""
        known = select(addresses.c.channel, addresses.c.now).where(addresses.c.chat == chat)
        async with self._database.read() as connection:
            return {row.channel: row.now for row in await connection.execute(known)}

    async def moved(self, chat: str, channel: str, to: str) -> None:
        """Note that `channel` (as set) is called `to` now; open cards are posted anew there.

        What stood there is out of reach: a card that is closed stays as it was. Told twice,
        the second time changes nothing.
        """
        now = storable(to)
        values = {"now": now, "at": self._now()}
        here = (outbox.c.chat == chat, outbox.c.channel == channel)
        still_open = select(runs.c.number).where(runs.c.state.in_(OPEN))
        async with self._database.write() as connection:
            known = await connection.scalar(
                select(addresses.c.now).where(
                    addresses.c.chat == chat, addresses.c.channel == channel
                )
            )
            if known == now:
                return
            await connection.execute(
                inserting(connection, addresses)
                .values(chat=chat, channel=storable(channel), **values)
                .on_conflict_do_update(index_elements=["chat", "channel"], set_=values)
            )
            numbers = [str(number) for number in await connection.scalars(still_open)]
            await connection.execute(
                update(outbox)
                .where(*here, outbox.c.card == "run", outbox.c.subject.in_(numbers))
                .values(ref=None, mark=None, lost=False, wanted=outbox.c.wanted + 1)
            )
