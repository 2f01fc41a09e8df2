"""Closing what somebody asked for who has no rights any more.

It takes turns with the opener: what is being opened is closed once it is open.
"""

from collections.abc import Sequence

from aaroc_bot.changes.moves import ChangeMoves, unnamed
from aaroc_bot.changes.opening import Opener
from aaroc_bot.core.changes import Change, ChangeState
from aaroc_bot.core.pulls import PullState
from aaroc_bot.core.rights import Person
from aaroc_bot.github.api import Refused
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.store import changes
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.database import Database


class Closer:
    """Closes Changes on GitHub, each on record before and after."""

    def __init__(
        self, *, database: Database, pulls: Pulls, moves: ChangeMoves, opener: Opener
    ) -> None:
        """`opener` is the one that opens the same Changes."""
        self._database = database
        self._pulls = pulls
        self._moves = moves
        self._opener = opener

    async def close_all_of(self, person: Person, why: str) -> Sequence[int]:
        """Close every open Change of a person; give the numbers of their pull requests.

        One that GitHub refuses to close stays open, and its card says so. Raises
        `Unavailable`.
        """
        async with self._database.read() as connection:
            theirs = await changes.open_ones_of(connection, person.id)
        closed = [await self._in_turn(change.id, why) for change in theirs]
        return [number for number in closed if number is not None]

    async def _in_turn(self, id: int, why: str) -> int | None:
        async with self._opener.turn(id):
            async with self._database.read() as connection:
                change = await changes.load(connection, id)
            if change is None or change.state.ended:
                return None
            return await self._close(change, why)

    async def _close(self, change: Change, why: str) -> int | None:
        """Close one; give its number, None if it has none or could not be closed."""
        name = f"Change {change.id}" if change.number is None else f"#{change.number}"
        async with self._database.write() as connection:
            event = self._moves.event(change, f"closing of {name} begins: {why}", None)
            await append_in(connection, unnamed(event))
        try:
            number = await self._number(change)
            if number is not None:
                await self._pulls.close(number)
        except Refused as no:
            await self._say(change, f"{why}, and GitHub does not let me close it: {no.message}")
            return None
        async with self._database.write() as connection:
            await self._moves.move(connection, change, ChangeState.CLOSED, why=why, number=number)
        self._moves.box.wake()
        return number

    async def _number(self, change: Change) -> int | None:
        """Give its pull request's number; one that was being opened may be there already."""
        if change.number is not None:
            return change.number
        pull = await self._pulls.of_branch(change.branch)
        return pull.number if pull and pull.state is PullState.OPEN else None

    async def _say(self, change: Change, why: str) -> None:
        async with self._database.write() as connection:
            await self._moves.wait(connection, change, why)
        self._moves.box.wake()
