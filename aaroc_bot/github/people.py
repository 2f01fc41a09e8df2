"""The `People` port: what is known of a speaker, from GitHub and the links."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from aaroc_bot.core.message import Account
from aaroc_bot.core.ports import Links, Unavailable
from aaroc_bot.core.rights import Membership, Person, Standing
from aaroc_bot.github.cache import CannotTell
from aaroc_bot.github.directory import Directory
from aaroc_bot.github.nobody import AT_THE_MACHINE, at_the_machine
from aaroc_bot.github.roster import Admins, Experts, Roster, earliest

T = TypeVar("T")

MOMENT = timedelta(seconds=1)
"""For how long a whole standing is given again: it is put together for every command."""

REMEMBERED = 10_000


class GitHubPeople:
    """Filled from one organisation on GitHub; `bounded` marks speakers at the machine."""

    def __init__(
        self,
        directory: Directory,
        roster: Roster,
        links: Links,
        clock: Callable[[], datetime],
        *,
        org: str,
        bounded: bool,
    ) -> None:
        """`bounded` is False in the sandbox alone, whose persons are nobody's."""
        self._directory = directory
        self._roster = roster
        self._links = links
        self._org = org
        self._bounded = bounded
        self._clock = clock
        self._recent: dict[int, tuple[datetime, Standing]] = {}

    def forget(self) -> None:
        """Ask about everybody anew: GitHub hinted that something changed."""
        self._recent.clear()
        self._directory.forget()

    async def standing(self, account: Account, *, now: bool = False) -> Standing:
        """Say what is known of an account; one that speaks for nobody has no rights."""
        if now:
            self._directory.again()
        if account.chat == AT_THE_MACHINE:
            return await self._at_the_machine(account, now)
        link = await self._links.of(account, now=now)
        if link is None:
            return Standing(account)
        new = link.decides_from > self._clock()
        blank = Standing(account, link=link, decides_from=link.decides_from if new else None)
        return await self._standing(blank, link.person, now)

    async def of_person(self, person: Person, *, now: bool = False) -> Standing:
        """Say what is known of a person, whichever account they use."""
        if now:
            self._directory.again()
        account = Account("github", "", person.login)
        return await self._standing(Standing(account), person, now)

    async def named(self, login: str) -> Person | None:
        """Find the GitHub user who bears a login now; None if nobody does."""
        self._directory.again()
        try:
            known = await self._directory.user(login, now=True)
        except CannotTell as problem:
            raise Unavailable("GitHub", problem.since) from problem
        if known.silent_since is not None:
            raise Unavailable("GitHub", known.silent_since)
        return known.values[0] if known.values else None

    async def experts(self) -> Sequence[Person] | None:
        """Give the ROC's experts, None if it cannot be told."""
        try:
            return (await self._roster.experts()).all()
        except CannotTell:
            return None

    async def admins(self, site: str) -> Sequence[Person] | None:
        """Give who looks after a site, None if it cannot be told."""
        try:
            return (await self._roster.admins()).of(site)
        except (CannotTell, Unavailable):
            return None

    def organisation(self) -> str:
        """Give the organisation's name."""
        return self._org

    async def _at_the_machine(self, account: Account, now: bool) -> Standing:
        blank = at_the_machine(account, bounded=self._bounded)
        try:
            known = await self._directory.user(account.user, now=now)
        except CannotTell as problem:
            return _silent(blank, problem)
        if not known.values:
            return replace(blank, membership=Membership.OUTSIDER)
        return await self._standing(blank, known.values[0], now)

    async def _standing(self, blank: Standing, person: Person, now: bool) -> Standing:
        if await self._links.frozen(person.id, now=now):
            return replace(blank, person=person, frozen=True, expert=False, sites=frozenset())
        at = self._clock()
        recent = self._recent.get(person.id)
        if recent and not now and at - recent[0] < MOMENT:
            found = recent[1]
        else:
            found = await self._ask(Standing(blank.account, person), person, now)
            if found.fresh and not found.reason:
                if len(self._recent) >= REMEMBERED:
                    self._recent.clear()
                self._recent[person.id] = at, found
        return found.as_said_by(blank)

    async def _ask(self, blank: Standing, person: Person, now: bool) -> Standing:
        """Ask about the person first: if GitHub is silent, the rest need not wait for it."""
        try:
            person, membership, since = await self._member(person, now)
        except CannotTell as problem:
            return _silent(blank, problem)
        experts, admins = await asyncio.gather(
            _told(self._roster.experts(now=now)), _told(self._roster.admins(now=now))
        )
        return _combined(replace(blank, person=person), membership, since, experts, admins)

    async def _member(
        self, person: Person, now: bool
    ) -> tuple[Person, Membership, datetime | None]:
        """Find a person's login of today by their id, and that login's membership.

        GitHub says whose membership it told: a login that was given up and taken over
        between the two questions is not believed, the questions are asked once more.
        """
        for again in (now, True):
            user = await self._directory.renamed(person.id, now=again)
            if not user.values:
                return person, Membership.OUTSIDER, user.silent_since
            written = user.values[0]
            member = await self._directory.membership(written.login, now=again)
            since = earliest(user.silent_since, member.silent_since)
            if not member.values:
                return written, Membership.OUTSIDER, since
            owner, membership = member.values[0]
            if owner.id == person.id:
                return written, membership, since
        raise CannotTell("the login changed hands just now", None)


def _silent(blank: Standing, problem: CannotTell) -> Standing:
    return replace(blank, fresh=False, silent_since=problem.since, reason=problem.reason)


async def _told(question: Coroutine[Any, Any, T]) -> T | CannotTell | Unavailable:
    try:
        return await question
    except (CannotTell, Unavailable) as problem:
        return problem


def _combined(
    blank: Standing,
    membership: Membership,
    since: datetime | None,
    experts: Experts | CannotTell | Unavailable,
    admins: Admins | CannotTell | Unavailable,
) -> Standing:
    """Put the answers together. Only an active member is in a team that counts.

    GitHub says "none" (404) to a token that may not see memberships too, so that is
    believed only if the experts' team, which only the inside shows, can be read.
    """
    assert blank.person is not None
    id = blank.person.id
    known = [part for part in (experts, admins) if isinstance(part, (Experts, Admins))]
    unknown = [part for part in (experts, admins) if isinstance(part, CannotTell)]
    since = earliest(since, *(part.silent_since for part in known), *(p.since for p in unknown))
    blank = replace(
        blank,
        fresh=since is None,
        silent_since=since,
        reason=next((problem.reason for problem in unknown), ""),
    )
    if membership is Membership.OUTSIDER and not isinstance(experts, Experts):
        return blank
    blank = replace(blank, membership=membership)
    if membership is not Membership.MEMBER:
        return replace(blank, expert=False, sites=frozenset())
    return replace(
        blank,
        expert=id in {p.id for p in experts.all()} if isinstance(experts, Experts) else None,
        sites=admins.by(id) if isinstance(admins, Admins) else None,
        teams=_teams(id, experts, admins),
    )


def _teams(id: int, *parts: Experts | Admins | CannotTell | Unavailable) -> tuple[str, ...]:
    """List the slugs of the teams a person is known to be in."""
    found = [
        slug
        for part in parts
        if isinstance(part, (Experts, Admins))
        for slug, people in part.people.items()
        if any(person.id == id for person in people)
    ]
    return tuple(found)
