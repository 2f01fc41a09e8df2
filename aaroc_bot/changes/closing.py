"""Closing what somebody asked for who has no rights any more."""

from collections.abc import Sequence

from aaroc_bot.changes.moves import ChangeMoves
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

    def __init__(self, *, database: Database, pulls: Pulls, moves: ChangeMoves) -> None:
        self._database = database
        self._pulls = pulls
        self._moves = moves

    async def close_all_of(self, person: Person, why: str) -> Sequence[int]:
        """Close every open Change of a person; give the numbers of their pull requests.

        One that GitHub refuses to close stays open, and its card says so. Raises
        `Unavailable`.
        """
        async with self._database.read() as connection:
            theirs = await changes.open_ones_of(connection, person.id)
        closed = [await self._close(change, why) for change in theirs]
        return [number for number in closed if number is not None]

    async def _close(self, change: Change, why: str) -> int | None:
        """Close one; give its number, None if it has none or could not be closed."""
        async with self._database.write() as connection:
            event = self._moves.event(change, f"is being closed: {why}", None)
            await append_in(connection, event)
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
