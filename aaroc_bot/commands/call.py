"""What lies within reach of a handler: the ports, and one command on its way."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING

from aaroc_bot.commands.refusing import demand
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.entries import Entry
from aaroc_bot.core.message import Incoming
from aaroc_bot.core.policy import decide
from aaroc_bot.core.ports import (
    Catalogue,
    Changes,
    Digests,
    Joining,
    Linking,
    Locks,
    People,
    Record,
    Redaction,
    Rules,
    Runs,
    Sites,
)
from aaroc_bot.core.rights import Effect, Person, Right, Standing

if TYPE_CHECKING:
    from aaroc_bot.commands.declaring import Command

RECORDED = 2_000
"""Characters of a command as typed, and of an outcome, that the record keeps."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What lies within reach of every handler and renderer: the ports and the clock.

    `commit_url` gives the address of a commit's page by its sha, `pull_url` of a pull
    request's by its number, `invitation_url` of the page on which who is invited to the
    organisation accepts; None where there is none.
    """

    people: People
    sites: Sites
    catalogue: Catalogue
    rules: Rules
    runs: Runs
    locks: Locks
    linking: Linking
    changes: Changes
    joining: Joining
    record: Record
    digests: Digests
    redaction: Redaction
    clock: Callable[[], datetime]
    commit_url: Callable[[str], str | None]
    pull_url: Callable[[int], str | None]
    invitation_url: Callable[[], str | None]


@dataclass(frozen=True, kw_only=True)
class Call(Desk):
    """One command on its way: the desk, what was said, by whom and when."""

    said: Incoming
    standing: Standing
    now: datetime
    commands: tuple["Command", ...]

    @classmethod
    def at(
        cls, desk: Desk, said: Incoming, standing: Standing, commands: tuple["Command", ...]
    ) -> "Call":
        """Put a call together at this moment."""
        ports = {field.name: getattr(desk, field.name) for field in fields(Desk)}
        return cls(**ports, said=said, standing=standing, now=desk.clock(), commands=commands)

    @property
    def person(self) -> Person:
        """Who speaks; there is one wherever a right above ANYBODY was asked for."""
        if self.standing.person is None:
            raise LookupError("nobody is linked to this account")
        return self.standing.person

    def event(
        self,
        what: What,
        *,
        site: str = "",
        run: int | None = None,
        revision: str = "",
        outcome: str = "",
    ) -> Event:
        """Write an audit event about this call, redacted first and then cut."""
        redact = self.redaction.text
        place, standing = self.said.place, self.standing
        return Event(
            what,
            self.now,
            account=str(self.said.account),
            person=standing.person.id if standing.person else None,
            login=standing.person.login if standing.person else "",
            operator=standing.operator or "",
            place=":".join(filter(None, (place.chat, place.channel, place.thread))),
            text=redact(self.said.text)[:RECORDED],
            site=site,
            run=run,
            revision=revision,
            outcome=redact(outcome)[:RECORDED],
        )

    async def require(self, entry: Entry, site: str) -> None:
        """Ask for the right to run an entry that was found only now, by `retry`."""
        demand(decide(self.standing, entry.may_run, Effect.ALTERS, site=site, entry=entry))

    async def require_expert_now(self) -> None:
        """Ask GitHub again whether an expert speaks who decides: for what gives rights."""
        standing = await self.people.standing(self.said.account, now=True)
        demand(decide(standing, Right.EXPERT, Effect.ALTERS, decides=True))
