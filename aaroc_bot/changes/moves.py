"""One step of a Change: the row, its card and its audit event, in one transaction.

As with runs, rows are changed first and the record is written last.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.changes.words import typed
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.changes import Change, ChangeState
from aaroc_bot.core.rights import Person, Standing
from aaroc_bot.store import changes
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.cards import Cards
from aaroc_bot.store.storable import storable

CARD = "change"
"""The card of a Change; its subject is our id."""

WAITS, ENDED = "change-waits", "change-ended"
"""What is said in its thread, so that somebody's phone rings: an edit rings none."""

FINAL = frozenset({ChangeState.MERGED, ChangeState.FAILED})
"""What nothing follows, whatever GitHub says; a closed pull request can be opened again."""


@dataclass(frozen=True, slots=True)
class ChangeMoves:
    """Makes the steps. `box.wake` is the caller's to call, once it has committed."""

    box: Cards
    redact: Callable[[str], str]
    now: Callable[[], datetime]

    async def begin(self, connection: AsyncConnection, change: Change) -> None:
        """Show and record a Change that was just kept as being opened."""
        await self.show(connection, change)
        outcome = f"{change.state}: {change.draft.title}"
        await append_in(connection, self.event(change, outcome, None))

    async def move(
        self,
        connection: AsyncConnection,
        change: Change,
        then: ChangeState,
        *,
        by: Person | None = None,
        why: str = "",
        number: int | None = None,
    ) -> bool:
        """Take a Change from the state it was read in to `then`; False if it is not there now.

        `by` merged or closed it; without one the record names nobody for that: the bot did
        it, or somebody whom GitHub does not name. `number` is the pull request's, once it is
        open.
        """
        if change.state in FINAL:
            return False
        why = storable(self.redact(why))
        ended = by if then.ended else None
        values: dict[str, object] = {
            "state": then.value,
            "why": why,
            "changed_at": self.now(),
            "ended_by": ended.id if ended else None,
            "ended_login": ended.login if ended else None,
        }
        if number is not None:
            values["number"] = number
        if not await changes.put(connection, change, **values):
            return False
        await self.show(connection, change)
        await self._ring(connection, change, then, by)
        number = number or change.number
        outcome = f"#{number} {then.value}" if number else then.value
        event = self.event(change, f"{outcome}: {why}" if why else outcome, by)
        theirs = by is not None or then not in {ChangeState.MERGED, ChangeState.CLOSED}
        await append_in(connection, event if theirs else unnamed(event))
        return True

    async def _ring(
        self, connection: AsyncConnection, change: Change, then: ChangeState, by: Person | None
    ) -> None:
        """Tell who may review that it waits for them, and who asked that it has ended.

        Where it failed at once they are answered anyway; `why` says that it had waited.
        """
        own = by is not None and by.id == change.asked.by.id
        told = then in {ChangeState.MERGED, ChangeState.CLOSED} and not own
        card = ENDED if told or (then is ChangeState.FAILED and change.why) else ""
        if change.state is ChangeState.OPENING and then is ChangeState.OPEN:
            card = WAITS
        if card:
            subject = str(change.id)
            await self.box.notice(connection, card, subject, {}, under=(CARD, subject))

    async def wait(self, connection: AsyncConnection, change: Change, why: str) -> None:
        """Say on the card why a Change is where it is still; nothing happened to be recorded."""
        if await changes.put(connection, change, why=self.redact(why)):
            await self.show(connection, change)

    async def show(self, connection: AsyncConnection, change: Change) -> None:
        """Have the card posted, or edited where it stands."""
        await self.box.bump(connection, CARD, str(change.id))

    async def note(
        self, connection: AsyncConnection, change: Change, outcome: str, by: Standing
    ) -> None:
        """Record something that is about to be done to a Change on somebody's word."""
        await append_in(connection, said_by(self.event(change, outcome, by.person), by))

    def event(self, change: Change, outcome: str, by: Person | None) -> Event:
        """Make the audit event of something that happened to a Change."""
        asked = change.asked
        who = by or asked.by
        place = asked.place
        return Event(
            what=What.CHANGE,
            at=self.now(),
            account=str(asked.account) if by is None else "",
            person=who.id,
            login=who.login,
            operator=(asked.operator or "") if by is None else "",
            place=":".join(filter(None, (place.chat, place.channel))) if by is None else "",
            text=self.redact(typed(change.wish)),
            site=change.site,
            revision=change.head or change.base,
            outcome=self.redact(outcome),
        )


def unnamed(event: Event) -> Event:
    """Name nobody on an event: who asked for the Change did not do this."""
    return replace(event, account="", person=None, login="", operator="", place="")


def said_by(event: Event, by: Standing) -> Event:
    """Name on an event the account by which somebody spoke."""
    return replace(event, account=str(by.account), operator=by.operator or "")
