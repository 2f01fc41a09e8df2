"""Fills the `Rules` port: a merge gives no rights, an expert who is not its author does."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aaroc_bot.changes.commits import newest_rules, of_the_lines, of_the_rules
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.ports import Acceptance, PendingRules
from aaroc_bot.core.rights import AccountLink, Person
from aaroc_bot.core.sites import Executing, Revision
from aaroc_bot.repo.git import GitFault
from aaroc_bot.repo.repository import Repository
from aaroc_bot.store.acceptances import Acceptances, Accepted, SpeaksNoMore

AuthorOf = Callable[[str], Awaitable[int | None]]
"""Gives the GitHub id of a commit's author, None where it cannot be told."""

ASK_AGAIN = timedelta(minutes=1)
"""How often a command that only shows the pending rules asks for authors not known yet."""


@dataclass(slots=True)
class _Found:
    """The pending rules between two revisions, which do not change; their authors may."""

    between: tuple[str, str]
    pending: PendingRules | None
    asked: datetime
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class AcceptedRules:
    """The accepted rules and lines. Everything raises `Unavailable` as its parts do."""

    def __init__(
        self,
        repository: Repository,
        acceptances: Acceptances,
        author_of: AuthorOf,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; `begin` must have been called once before rules are in force."""
        self._repository = repository
        self._acceptances = acceptances
        self._author_of = author_of
        self._clock = clock
        self._found: _Found | None = None

    async def begin(self, operator: str) -> bool:
        """Accept what the very first start finds, as the operator's doing; False later on."""
        if await self._acceptances.rules():
            return False
        newest = await self._repository.newest()
        sites = await self._repository.all()
        lines = {s.name: [line.digest for line in s.executing] for s in sites if s.executing}
        blank = Event(What.ACCEPTANCE, self._clock(), operator=operator, revision=newest.sha)
        events = [replace(blank, outcome="rules accepted at the first start")]
        for site, digests in lines.items():
            outcome = f"{_counted(digests)} accepted at the first start"
            events.append(replace(blank, site=site, outcome=outcome))
        return await self._acceptances.begin(newest.sha, lines, operator, events)

    async def accepted(self) -> Revision:
        """Give the revision at which rules are in force; the newest before the first start.

        One that a forced push made vanish has no subject and no author any more.
        """
        accepted = await self._acceptances.rules()
        if accepted is None:
            return await self._repository.newest()
        known = await self._repository.mirror.revision(accepted.sha)
        return known or Revision(accepted.sha, "", "", accepted.at)

    async def pending(self) -> PendingRules | None:
        """Give what waits for `accept rules`, None if nothing does."""
        accepted = await self._acceptances.rules()
        return None if accepted is None else await self._pending(accepted, now=False)

    async def accept_rules(
        self, revision: str, by: Person, link: AccountLink | None = None
    ) -> Acceptance:
        """Put the rules of `revision` (7 or more characters) in force."""
        accepted = await self._acceptances.rules()
        pending = await self._pending(accepted, now=True) if accepted else None
        if accepted is None or pending is None:
            return Acceptance.NOTHING
        named = await self._repository.mirror.revision(revision.strip().lower())
        if named is None or named.sha != pending.revision.sha:
            return Acceptance.NOT_THAT
        refused = _may_accept(by, pending.authors.values())
        if refused is not None:
            return refused
        event = replace(self._event(by), revision=pending.revision.sha, outcome="rules accepted")
        try:
            done = await self._acceptances.accept_rules(
                pending.revision.sha, after=accepted.sha, by=by, event=event, link=link
            )
        except SpeaksNoMore:
            return Acceptance.NOBODY
        return Acceptance.ACCEPTED if done else Acceptance.NOT_THAT

    async def unaccepted(self, site: str) -> Sequence[Executing]:
        """Give the lines of a site that execute and that nobody accepted."""
        found = next((s for s in await self._repository.all() if s.name == site), None)
        if found is None or not found.executing:
            return ()
        accepted = await self._acceptances.lines(site)
        return tuple(line for line in found.executing if line.digest not in accepted)

    async def accept_lines(
        self, site: str, digests: Sequence[str], by: Person, link: AccountLink | None = None
    ) -> Acceptance:
        """Accept exactly these lines; none if one of them is not there (any more)."""
        waiting = {line.digest: line for line in await self.unaccepted(site)}
        if not waiting:
            return Acceptance.NOTHING
        if not digests or not set(digests) <= waiting.keys():
            return Acceptance.NOT_THAT
        lines = [waiting[digest] for digest in dict.fromkeys(digests)]
        try:
            commits = await of_the_lines(self._repository, lines)
        except GitFault:
            return Acceptance.CANNOT_TELL
        authors = await asyncio.gather(*map(self._author_of, commits))
        refused = _may_accept(by, authors)
        if refused is not None:
            return refused
        where = ", ".join(f"{line.path}:{line.line or '?'} {line.variable}" for line in lines[:20])
        event = replace(
            self._event(by),
            site=site,
            revision=(await self._repository.newest()).sha,
            outcome=f"{_counted(lines)} accepted: {where}",
        )
        accepted = list(waiting.keys() & set(digests))
        try:
            await self._acceptances.accept_lines(site, accepted, by=by, event=event, link=link)
        except SpeaksNoMore:
            return Acceptance.NOBODY
        return Acceptance.ACCEPTED

    def _event(self, by: Person) -> Event:
        return Event(What.ACCEPTANCE, self._clock(), person=by.id, login=by.login)

    async def _pending(self, accepted: Accepted, *, now: bool) -> PendingRules | None:
        newest = await self._repository.newest()
        between = (accepted.sha, newest.sha)
        found = self._found
        if found is None or found.between != between:
            pending = await self._compare(accepted.sha, newest)
            found = self._found = _Found(between, pending, self._clock() - ASK_AGAIN)
        async with found.lock:
            at = self._clock()
            if found.pending and (now or at - found.asked >= ASK_AGAIN):
                found.pending = await self._with_authors(found.pending)
                found.asked = at
        return found.pending

    async def _compare(self, accepted: str, newest: Revision) -> PendingRules | None:
        gone = await self._repository.mirror.revision(accepted) is None
        if accepted == newest.sha:
            return None
        difference = "" if gone else await self._repository.rule_difference(accepted, newest.sha)
        if not difference and not gone:
            return None
        commits = await of_the_rules(self._repository, None if gone else accepted, newest.sha)
        revision = await newest_rules(self._repository, commits, newest)
        return PendingRules(revision, commits, dict.fromkeys(c.sha for c in commits), difference)

    async def _with_authors(self, pending: PendingRules) -> PendingRules:
        """Ask for the authors not known yet."""
        unknown = [sha for sha, author in pending.authors.items() if author is None]
        told = await asyncio.gather(*map(self._author_of, unknown))
        known = {**pending.authors, **dict(zip(unknown, told, strict=True))}
        return replace(pending, authors=known)


def _counted(lines: Sequence[object]) -> str:
    return "1 line that executes" if len(lines) == 1 else f"{len(lines)} lines that execute"


def _may_accept(by: Person, authors: Iterable[int | None]) -> Acceptance | None:
    """Say why a person may not accept, by GitHub ids; None if they may.

    Where nobody can be named as the author, or one of them is unknown, it cannot be told.
    """
    found = list(authors)
    if by.id in found:
        return Acceptance.AUTHOR
    if not found or None in found:
        return Acceptance.CANNOT_TELL
    return None
